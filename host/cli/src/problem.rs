//! Problems by name, with their settings.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand, ValueEnum};
use samplegrad_lab::{
    Bits, Classes, Normals, Problem,
    problems::{self, NormalCost, Table},
};

/// A problem of any kind.
pub enum Any {
    Bits(Problem<Bits>),
    Classes(Problem<Classes>),
    Normals(Problem<Normals>),
}

/// The problem.
#[derive(Subcommand)]
pub enum Choice {
    /// One bit: E[(b - t)^2]; one comparison for each logit
    Toy(Toy),
    /// N bits with a cost that contains products of neighbouring bits
    Bernoullis(Bernoullis),
    /// Quadratic programming: E[(1/n) sum (b_i - t)^2] of n bits
    Quadratic(Quadratic),
    /// One normal variable with a quadratic, exponential or cosine cost
    Normal(Normal),
    /// A bandit: one of K arms pays its reward
    Bandit(Bandit),
    /// Any cost, given as a table of values
    #[command(after_help = "\
FILE is CSV. The head line names the variables; its last name is that of the cost. Each further line holds the class of
each variable, counted from 0, and the cost. There is one line for every combination of classes, in any order.

  colour,size,cost
  0,0,1.5
  1,0,0.25
  0,1,2
  1,1,-1")]
    Table(FromTable),
}

#[derive(Args)]
pub struct Toy {
    /// The target of the bit
    #[arg(long, default_value_t = 0.45, allow_negative_numbers = true)]
    t: f32,
    /// Logits of the bit; each gives a separate comparison
    #[arg(long, value_delimiter = ',', default_value = "0,2", allow_hyphen_values = true)]
    logits: Vec<f32>,
}

#[derive(Args)]
pub struct Bernoullis {
    /// The number of bits
    #[arg(short, long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=256))]
    n: u16,
    /// The logit of each bit [default: evenly spaced from -1 to 1]
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true, conflicts_with = "n")]
    logits: Option<Vec<f32>>,
}

#[derive(Args)]
pub struct Quadratic {
    /// The number of bits
    #[arg(short, long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=256))]
    n: u16,
    /// The target of each bit
    #[arg(long, default_value_t = 0.499, allow_negative_numbers = true)]
    t: f32,
}

#[derive(Args)]
pub struct Normal {
    /// Costs: (x - k)^2, exp(-k x^2), cos(k x); each gives a separate comparison
    #[arg(long, value_enum, value_delimiter = ',', default_value = "quadratic,exponential,cosine")]
    cost: Vec<CostName>,
    /// Values of k in the cost; each gives a separate comparison
    #[arg(long, value_delimiter = ',', default_value = "0.5", allow_hyphen_values = true)]
    k: Vec<f32>,
    /// The mean
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
    mean: f32,
    /// The standard deviation
    #[arg(long, default_value_t = 1.0)]
    std: f32,
}

#[derive(Clone, Copy, ValueEnum)]
enum CostName {
    Quadratic,
    Exponential,
    Cosine,
}

#[derive(Args)]
pub struct Bandit {
    /// The reward of each arm
    #[arg(long, value_delimiter = ',', default_value = "0.1,0.5,0.3,1,0", allow_hyphen_values = true)]
    rewards: Vec<f32>,
    /// The logit of each arm [default: 0]
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true)]
    logits: Option<Vec<f32>>,
    /// Arms that cannot be drawn, counted from 0
    #[arg(long, value_delimiter = ',')]
    mask: Vec<usize>,
}

#[derive(Args)]
pub struct FromTable {
    /// The table, as CSV
    file: PathBuf,
    /// The logits of the first variable's classes, then of the next variable's; -inf masks a class. With --bits there is
    /// one logit per variable [default: 0]
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true)]
    logits: Option<Vec<f32>>,
    /// Treats variables of two classes as Bernoulli variables, for which there are other estimators
    #[arg(long)]
    bits: bool,
}

impl Choice {
    /// Returns the base name of output files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Toy(_) => "toy",
            Self::Bernoullis(_) => "bernoullis",
            Self::Quadratic(_) => "quadratic",
            Self::Normal(_) => "normal",
            Self::Bandit(_) => "bandit",
            Self::Table(_) => "table",
        }
    }

    /// Creates the chosen problems.
    pub fn problems(&self) -> Result<Vec<Any>> {
        match self {
            Self::Toy(toy) => toy.logits.iter().map(|&logit| Ok(Any::Bits(problems::toy(toy.t, logit)?))).collect(),
            Self::Bernoullis(Bernoullis { n, logits }) => {
                let logits = logits.clone().unwrap_or_else(|| problems::default_logits(usize::from(*n)));
                Ok(vec![Any::Bits(problems::bernoullis(&logits)?)])
            }
            Self::Quadratic(Quadratic { n, t }) => Ok(vec![Any::Bits(problems::quadratic(*t, usize::from(*n))?)]),
            Self::Normal(normal) => {
                let each = normal.cost.iter().flat_map(|&cost| normal.k.iter().map(move |&k| (cost, k)));
                let problem = |(cost, k)| {
                    let cost = match cost {
                        CostName::Quadratic => NormalCost::Quadratic,
                        CostName::Exponential => NormalCost::Exponential,
                        CostName::Cosine => NormalCost::Cosine,
                    };
                    Ok(Any::Normals(problems::normal(cost, k, normal.mean, normal.std)?))
                };
                each.map(problem).collect()
            }
            Self::Bandit(bandit) => bandit.problem(),
            Self::Table(table) => table.problem(),
        }
    }
}

impl Bandit {
    fn problem(&self) -> Result<Vec<Any>> {
        let mut logits = self.logits.clone().unwrap_or_else(|| vec![0.0; self.rewards.len()]);
        for &arm in &self.mask {
            ensure!(arm < logits.len(), "--mask {arm}: there are {} arms, counted from 0", logits.len());
            logits[arm] = f32::NEG_INFINITY;
        }
        Ok(vec![Any::Classes(problems::bandit(&self.rewards, &logits)?)])
    }
}

impl FromTable {
    fn problem(&self) -> Result<Vec<Any>> {
        let file = self.file.display();
        let table = Table::read(&self.file).with_context(|| {
            format!("{file} cannot be used; `samplegrad compare table --help` shows what it must hold")
        })?;
        let count = if self.bits { table.sizes().len() } else { table.sizes().iter().sum() };
        let logits = self.logits.clone().unwrap_or_else(|| vec![0.0; count]);
        let name = self.file.file_name().map_or(file.to_string(), |name| name.to_string_lossy().into_owned());
        Ok(vec![if self.bits {
            Any::Bits(table.bits(&name, &logits)?)
        } else {
            Any::Classes(table.classes(&name, &logits)?)
        }])
    }
}
