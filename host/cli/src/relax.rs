//! `samplegrad relax`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use samplegrad_core::Temperature;
use samplegrad_host::{
    Streams,
    batch::{self, Logits, gumbel_softmax, straight_through},
};
use serde_json::json;

use crate::{
    common::{self, Out, Run, temperature},
    table::{
        self,
        format::Format,
        rows::{Table, Values},
    },
};

/// Draws relaxed samples by Gumbel-softmax or hard samples by straight-through, and computes gradients through them.
#[derive(Args)]
#[command(after_help = "\
Each row of the table is a distribution, each column a class; -inf masks a class. Row b draws from stream b of the seed, as
device b does. --columns selects columns of the logits; noise and cotangent have as many columns.

Examples:
  samplegrad relax logits.csv --tau 0.5                          softmax((l + G)/τ) of every row
  samplegrad relax logits.npy --hard --out y.npy                 one-hot rows
  samplegrad relax logits.csv --noise gumbel.npy                 for noise of your own
  samplegrad relax logits.csv --cotangent df_dy.csv --gradient df_dl.csv
                                                                 the gradient of your own cost in the logits")]
pub struct Relax {
    /// Logits, as CSV or `.npy`; `-` reads the standard input
    logits: PathBuf,
    /// The temperature
    #[arg(long, default_value_t = 1.0, value_parser = temperature)]
    tau: f32,
    /// Returns one-hot rows (straight-through); their gradient is the gradient of the relaxed sample
    #[arg(long)]
    hard: bool,
    /// Returns the logarithm of the relaxed sample, which is finite where the sample underflows
    #[arg(long, conflicts_with = "hard")]
    log: bool,
    /// A file with Gumbel noise in the shape of the logits, used instead of random numbers
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    noise: Option<PathBuf>,
    /// A file with the gradient of a cost in the samples, in the shape of the samples
    #[arg(long, value_name = "FILE", requires = "gradient")]
    cotangent: Option<PathBuf>,
    /// A file for the gradient of the cost in the logits
    #[arg(long, value_name = "FILE", requires = "cotangent", conflicts_with = "log")]
    gradient: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    run: Run,
    #[command(flatten)]
    out: Out,
}

/// Runs the command.
pub fn run(relax: &Relax) -> Result<()> {
    let table = Table::<f32>::read(&relax.logits, &relax.format)?;
    table.check_logits()?;
    let (rows, columns) = (table.rows(), table.columns);
    let given = |path: &PathBuf| -> Result<Table<f32>> {
        let given = Table::<f32>::read(path, &relax.format.all_columns())?;
        given.check_shape(rows, columns)?;
        given.check_finite()?;
        Ok(given)
    };
    let noise = relax.noise.as_ref().map(given).transpose()?;
    let cotangent = relax.cotangent.as_ref().map(given).transpose()?;
    let logits = Logits::new(&table.values, columns).with_context(|| table.name().to_owned())?;
    let tau = Temperature::new(relax.tau)?;
    let (threads, seed) = (relax.run.threads()?, relax.run.seed);
    let drawn = || -> Result<Vec<f32>> {
        let mut values = vec![0.0; table.values.len()];
        batch::noise::gumbel(&mut Streams::new(seed, rows)?, columns, &mut values)?;
        Ok(values)
    };

    let mut soft = vec![0.0; table.values.len()];
    let mut classes = vec![0; rows];
    threads.run(|| -> Result<()> {
        match (&noise, relax.log) {
            (Some(noise), true) => gumbel_softmax::log_with_noise(&logits, tau, &noise.values, &mut soft)?,
            (None, true) => gumbel_softmax::log_with_noise(&logits, tau, &drawn()?, &mut soft)?,
            (Some(noise), false) => {
                gumbel_softmax::with_noise(&logits, tau, &noise.values, &mut soft)?;
                gumbel_softmax::hard(&logits, &noise.values, &mut classes)?;
            }
            (None, false) => {
                straight_through::sample(&logits, tau, &mut Streams::new(seed, rows)?, &mut classes, &mut soft)?;
            }
        }
        Ok(())
    })?;
    let mut gradient = Vec::new();
    if let Some(cotangent) = &cotangent {
        gradient.resize(soft.len(), 0.0);
        threads.run(|| gumbel_softmax::vjp(&soft, &cotangent.values, columns, tau, &mut gradient))?;
    }
    if relax.hard {
        soft.fill(0.0);
        for (row, &class) in soft.chunks_mut(columns).zip(&classes) {
            row[class as usize] = 1.0;
        }
    }
    let mut about = json!({
        "seed": noise.is_none().then_some(seed),
        "tau": relax.tau, "hard": relax.hard, "log": relax.log, "rows": rows, "classes": columns,
    });
    if let Some(path) = &relax.gradient {
        common::write(path, "--gradient", Values::Real(&gradient), columns)?;
        about["gradient"] = table::json(Values::Real(&gradient), columns);
    }
    relax.out.give("samples", Values::Real(&soft), columns, about)
}
