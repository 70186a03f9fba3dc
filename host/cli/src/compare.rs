//! `samplegrad compare`.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::Args;
use samplegrad_core::Temperature;
use samplegrad_lab::{
    self as lab, Comparison, LearnSettings, Learning, Problem, Registered, Settings, csv, json, plot, text,
};

use crate::{
    common::temperature,
    output, page,
    problem::{Any, Choice},
    progress::Bar,
};

/// Runs every estimator of a problem and compares it with the exact gradient.
#[derive(Args)]
#[command(after_help = "\
Examples:
  samplegrad compare toy                              (b - 0.45)^2 at the logits 0 and 2
  samplegrad compare bernoullis -n 8 --only arm       two estimators of eight bits
  samplegrad compare normal --cost cosine --k 0.5,2   two problems
  samplegrad compare bandit --mask 2 --out report     tables, CSV, JSON and a plot in the folder `report`
  samplegrad compare table costs.csv --json           any cost; JSON for a program to read
  samplegrad compare toy --learn --steps 300          objective against steps")]
pub struct Compare {
    #[command(subcommand)]
    problem: Choice,
    #[command(flatten)]
    options: Options,
}

#[derive(Args)]
struct Options {
    /// The number of draws of each estimator [default: from 2^14 to 2^20, fewer for more parameters]
    #[arg(long, global = true, value_parser = clap::value_parser!(u64).range(32..=1 << 36))]
    draws: Option<u64>,
    /// The seed of the random numbers: the same seed gives the same figures, except times
    #[arg(long, global = true, default_value_t = 2026)]
    seed: u64,
    /// Selects estimators whose names contain one of these words [default: all]
    #[arg(long, global = true, value_delimiter = ',')]
    only: Vec<String>,
    /// The temperature of relaxations
    #[arg(long, global = true, default_value_t = 0.5, value_parser = temperature)]
    tau: f32,
    /// The weight of control variates that have one
    #[arg(long, global = true, default_value_t = 1.0, allow_negative_numbers = true)]
    eta: f32,
    /// The learning rate of the estimators' own parameters, such as weights and temperatures
    #[arg(long, global = true, default_value_t = 0.01, allow_negative_numbers = true)]
    own_rate: f32,
    /// The number of times that each estimator is timed; the shortest time counts; 0 disables timing
    #[arg(long, global = true, default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=1000))]
    repeats: u32,
    /// Prints JSON on the standard output, without other output
    #[arg(long, global = true)]
    json: bool,
    /// A folder for CSV, JSON, a plot and a page for a browser; it is created if it does not exist
    #[arg(long, global = true, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Lets each estimator learn the problem by gradient descent instead
    #[arg(long, global = true)]
    learn: bool,
    /// The number of steps of gradient descent
    #[arg(long, global = true, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    steps: u64,
    /// The learning rate [default: the problem's own]
    #[arg(long, global = true, allow_negative_numbers = true)]
    rate: Option<f32>,
    /// The number of learners of each estimator, each with its own random numbers; rounded up to a multiple of 16
    #[arg(long, global = true, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=4096))]
    learners: u16,
}

/// Runs the command. Writes no file before all results are complete.
pub fn run(compare: &Compare) -> Result<()> {
    let problems = compare.problem.problems()?;
    let name = compare.problem.name();
    let options = &compare.options;
    let settings = Settings {
        draws: options.draws,
        seed: options.seed,
        tau: Temperature::new(options.tau)?,
        eta: options.eta,
        own_rate: options.own_rate,
        repeats: options.repeats,
        only: options.only.clone(),
    };
    if options.learn {
        let steps = LearnSettings {
            steps: options.steps,
            rate: options.rate,
            learners: usize::from(options.learners),
            ..LearnSettings::default()
        };
        let learnings = each(&problems, |problem| problem.learn(&settings, &steps))?;
        let json = serde_json::to_string_pretty(&json::learnings(&learnings))? + "\n";
        let files = [
            ("learn.csv", csv::learnings(&learnings)),
            ("learn.json", json.clone()),
            ("learn.svg", plot::learning(&learnings)?),
        ];
        let text: Vec<String> = learnings.iter().map(text::learning).collect();
        finish(options, (name, "learn"), &files, &json, &text.join("\n\n"))
    } else {
        let comparisons = each(&problems, |problem| problem.compare(&settings))?;
        let json = serde_json::to_string_pretty(&json::comparisons(&comparisons))? + "\n";
        let files = [
            ("compare.csv", csv::comparisons(&comparisons)),
            ("coordinates.csv", csv::coordinates(&comparisons)),
            ("compare.json", json.clone()),
            ("compare.svg", plot::comparison(&comparisons)?),
        ];
        let text: Vec<String> = comparisons.iter().map(text::comparison).collect();
        finish(options, (name, "compare"), &files, &json, &text.join("\n\n"))
    }
}

fn each<T>(problems: &[Any], work: impl Fn(&Any) -> Result<T, lab::Error>) -> Result<Vec<T>> {
    problems.iter().map(|problem| work(problem).map_err(advised)).collect()
}

/// Adds advice to an error that has none.
fn advised(error: lab::Error) -> anyhow::Error {
    match error {
        lab::Error::NoEstimator { .. } => anyhow!("--only: {error}"),
        lab::Error::Core { ref what, source: samplegrad_core::Error::OutOfRange { what: "learning rate", .. } } => {
            anyhow!("{}: {error}", if what == "what estimators learn" { "--own-rate" } else { "--rate" })
        }
        _ => error.into(),
    }
}

/// Writes the files, then prints. Output therefore appears only for a run that succeeded.
fn finish(
    options: &Options,
    (problem, what): (&str, &str),
    files: &[(&str, String)],
    json: &str,
    text: &str,
) -> Result<()> {
    let mut said = String::new();
    if let Some(folder) = &options.out {
        let mut files: Vec<(String, Vec<u8>)> =
            files.iter().map(|(name, text)| (format!("{problem}-{name}"), text.clone().into_bytes())).collect();
        let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
        let (title, picture) = (format!("samplegrad: {problem}"), format!("{problem}-{what}.svg"));
        let page = page::html(&title, text, &picture, &names);
        files.push((format!("{problem}-{what}.html"), page.into_bytes()));
        for file in output::write(folder, &files)? {
            said += &format!("wrote {}\n", file.display());
        }
    }
    let printed = if options.json { json } else { text };
    output::print(|out| out.write_all(printed.as_bytes()))?;
    eprint!("{said}");
    Ok(())
}

impl Any {
    fn compare(&self, settings: &Settings) -> Result<Comparison, lab::Error> {
        fn of<K: Registered>(problem: &Problem<K>, settings: &Settings) -> Result<Comparison, lab::Error> {
            let bar = Bar::new(problem.name());
            lab::compare(problem, settings, &mut |progress| bar.at(progress))
        }
        match self {
            Self::Bits(problem) => of(problem, settings),
            Self::Classes(problem) => of(problem, settings),
            Self::Normals(problem) => of(problem, settings),
        }
    }

    fn learn(&self, settings: &Settings, steps: &LearnSettings) -> Result<Learning, lab::Error> {
        fn of<K: Registered>(
            problem: &Problem<K>,
            settings: &Settings,
            steps: &LearnSettings,
        ) -> Result<Learning, lab::Error> {
            let bar = Bar::new(problem.name());
            lab::learn(problem, settings, steps, &mut |progress| bar.at(progress))
        }
        match self {
            Self::Bits(problem) => of(problem, settings, steps),
            Self::Classes(problem) => of(problem, settings, steps),
            Self::Normals(problem) => of(problem, settings, steps),
        }
    }
}
