//! `samplegrad sample`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use samplegrad_host::{
    Streams,
    batch::{self, Logits, draws::Sampler, noise::NoiseKind},
};
use serde_json::json;

use crate::{
    common::{Out, Run, name},
    table::{
        format::Format,
        rows::{Table, Values},
    },
};

/// Draws classes from logits, or noise.
#[derive(Args)]
#[command(after_help = "\
Each row of the table is a distribution, each column a class; -inf masks a class. Row b draws from stream b of the seed, as
device b does. Without logits, --columns is the number of columns of noise [default: 1].

Examples:
  samplegrad sample logits.csv                                 a class for every row
  samplegrad sample logits.npy --draws 1000 --out classes.npy  a thousand for every row, as NumPy reads them
  samplegrad sample logits.csv --method inverse-cdf --json     cheaper, from the same distribution
  samplegrad sample table.csv --columns 2-11 --delimiter tab   ten columns of a table, beside one that is no logit
  samplegrad sample --noise gumbel --rows 4 --columns 10       noise alone
  echo 0,1,-inf | samplegrad sample -                          one distribution")]
pub struct Sample {
    /// Logits, as CSV or `.npy`; `-` reads the standard input
    #[arg(required_unless_present = "noise")]
    logits: Option<PathBuf>,
    /// The method of drawing classes
    #[arg(long, value_enum, default_value = "gumbel-max", conflicts_with = "noise")]
    method: Method,
    /// The number of classes drawn for every row; each is a column of the result
    #[arg(long, default_value_t = 1, conflicts_with = "noise", value_parser = clap::value_parser!(u32).range(1..))]
    draws: u32,
    /// Draws noise instead of classes, in the shape of the logits if there are any
    #[arg(long, value_enum)]
    noise: Option<Noise>,
    /// The number of rows of noise
    #[arg(long, default_value_t = 1, requires = "noise", conflicts_with = "logits", value_parser = clap::value_parser!(u32).range(1..))]
    rows: u32,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    run: Run,
    #[command(flatten)]
    out: Out,
}

#[derive(Clone, Copy, ValueEnum)]
enum Method {
    /// The class with the largest sum of logit and Gumbel noise: one random word per class
    GumbelMax,
    /// The inverse of the distribution function: one random word per draw
    InverseCdf,
    /// The class with the earliest of the exponential clocks: one random word per class
    ExponentialRace,
}

impl Method {
    fn sampler(self) -> Sampler {
        match self {
            Self::GumbelMax => Sampler::GumbelMax,
            Self::InverseCdf => Sampler::InverseCdf,
            Self::ExponentialRace => Sampler::ExponentialRace,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Noise {
    Cauchy,
    Exponential,
    Gumbel,
    Laplace,
    Logistic,
    Normal,
    Uniform,
}

impl Noise {
    fn kind(self) -> NoiseKind {
        match self {
            Self::Cauchy => NoiseKind::Cauchy,
            Self::Exponential => NoiseKind::Exponential,
            Self::Gumbel => NoiseKind::Gumbel,
            Self::Laplace => NoiseKind::Laplace,
            Self::Logistic => NoiseKind::Logistic,
            Self::Normal => NoiseKind::Normal,
            Self::Uniform => NoiseKind::Uniform,
        }
    }
}

/// Runs the command.
pub fn run(sample: &Sample) -> Result<()> {
    let logits = sample.logits.as_deref().map(|path| Table::<f32>::read(path, &sample.format)).transpose()?;
    let threads = sample.run.threads()?;
    let seed = sample.run.seed;
    if let Some(noise) = sample.noise {
        let (rows, columns) = match &logits {
            Some(logits) => (logits.rows(), logits.columns),
            None => (sample.rows as usize, sample.columns_of_noise()?),
        };
        let mut values = room(rows, columns)?;
        let mut streams = Streams::new(seed, rows)?;
        threads.run(|| batch::noise::fill(noise.kind(), &mut streams, columns, &mut values))?;
        let about = json!({ "seed": seed, "noise": name(noise), "rows": rows, "columns": columns });
        return sample.out.give("values", Values::Real(&values), columns, about);
    }
    let table = logits.context("no logits")?;
    table.check_logits()?;
    let logits = Logits::new(&table.values, table.columns).with_context(|| table.name().to_owned())?;
    let (rows, draws) = (logits.rows(), sample.draws as usize);
    let mut classes = room(rows, draws)?;
    let mut streams = Streams::new(seed, rows)?;
    threads.run(|| batch::draws::sample(sample.method.sampler(), &logits, draws, &mut streams, &mut classes))?;
    let about = json!({
        "seed": seed, "method": name(sample.method), "rows": rows, "classes": logits.classes(), "draws": draws,
    });
    sample.out.give("samples", Values::Class(&classes), draws, about)
}

impl Sample {
    /// Returns the number of columns of noise; without logits, `--columns` must be a single number.
    fn columns_of_noise(&self) -> Result<usize> {
        let Some(columns) = &self.format.columns else { return Ok(1) };
        columns.only().with_context(|| {
            format!("--columns {columns}: without logits it must be one number, how many columns of noise there are")
        })
    }
}

/// Allocates zeros, if the machine has enough memory.
fn room<T: Copy + Default>(rows: usize, columns: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    let count = rows.checked_mul(columns).filter(|&count| values.try_reserve_exact(count).is_ok());
    let count =
        count.with_context(|| format!("this machine has no room for {rows} rows of {columns}; ask for less"))?;
    values.resize(count, T::default());
    Ok(values)
}
