//! Training of variational autoencoders with discrete latent variables, one for each estimator of this library, and a
//! comparison.
//!
//! `cargo run --release -p samplegrad-burn --example vae -- --estimator loo4,reinmax,reinforce --seeds 5`

mod fashion;
mod pictures;
mod report;
mod schedule;
mod training;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use samplegrad_core::Schedule;

use report::Outcome;
use training::{EstimatorKind, Images, Latents, Settings, Training};

/// Trains variational autoencoders with discrete latent variables and compares the estimators they learn by
#[derive(Parser)]
#[command(after_help = "Examples:\n  \
    vae --estimator loo4,reinmax,reinforce --seeds 5          all on the 8x8 digits, 32 bits\n  \
    vae --latents classes:8x10 --estimator gumbel --tau exponential:1,0.1,0.0005\n  \
    vae --data fashion-mnist --hidden 256 --steps 20000       deeper, on Fashion-MNIST\n\n\
    Ctrl-C leaves a checkpoint in the folder of results; the same command goes on from it, to the same bits.")]
struct Arguments {
    /// `digits`, `fashion-mnist`, or a CSV file of square pictures, one per row, pixels from 0 to 1
    #[arg(long, default_value = "digits")]
    data: String,
    /// `bits:N`, or `classes:NxK` for N categorical variables of K classes
    #[arg(long, default_value = "bits:32")]
    latents: Latents,
    /// Estimators of the encoder's gradient: one or several
    #[arg(long, value_enum, value_delimiter = ',', default_value = "loo4,reinmax")]
    estimator: Vec<EstimatorKind>,
    /// Temperature: `T`, `exponential:START,FLOOR,RATE`, `linear:START,END,STEPS` or `cosine:START,END,STEPS` [default: by
    /// estimator: gumbel 0.1, reinmax 1, others 0.5]
    #[arg(long, value_parser = schedule::parse)]
    tau: Option<Schedule>,
    /// Widths of hidden layers of the encoder, mirrored in the decoder; none for one linear layer each
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..))]
    hidden: Vec<u16>,
    /// Steps of Adam
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Pictures per step
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Learning rate of Adam
    #[arg(long, default_value_t = 3e-3)]
    learning_rate: f64,
    /// The first seed
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// Trainings of each estimator, with consecutive seeds
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    seeds: u32,
    /// Samples of each held-out picture for the mean bound at the end
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    samples: u32,
    /// Steps between checkpoints
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    checkpoint: u32,
    /// Folder of the results
    #[arg(long, default_value = "target/vae")]
    out: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        // The exit code by which a shell reports an interrupted program.
        Ok(false) => ExitCode::from(130),
        Err(error) => {
            eprintln!("vae: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs all trainings. Returns false if it was interrupted.
fn run(asked: &Arguments) -> Result<bool> {
    ensure!(
        asked.learning_rate > 0.0 && asked.learning_rate < 10.0,
        "--learning-rate {}: it must be above 0 and below 10",
        asked.learning_rate
    );
    for kind in &asked.estimator {
        ensure!(
            kind.is_for(asked.latents),
            "--estimator {kind}: for bits alone; leave it out, or ask for --latents bits:32"
        );
    }
    let images = match asked.data.as_str() {
        "digits" => Images::digits(),
        "fashion-mnist" => Images::fashion_mnist(fashion::folder()?)?,
        file => Images::csv(Path::new(file))?,
    };
    fs::create_dir_all(&asked.out).with_context(|| asked.out.display().to_string())?;
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)).context("Ctrl-C cannot be caught")?;

    let mut outcomes = Vec::new();
    for &estimator in &asked.estimator {
        for seed in (asked.seed..).take(asked.seeds as usize) {
            let tau = asked.tau.map_or_else(|| schedule::constant(estimator.temperature()), Ok)?;
            let settings = Settings {
                latents: asked.latents,
                estimator,
                schedule: tau,
                hidden: asked.hidden.iter().map(|&width| usize::from(width)).collect(),
                batch: asked.batch,
                steps: asked.steps as usize,
                learning_rate: asked.learning_rate,
                seed,
            };
            let Some(outcome) = train(asked, settings, &images, &stop)? else { return Ok(false) };
            println!("{}", outcome.line());
            outcomes.push(outcome);
        }
    }
    report::write(&asked.out, &images, &command(), &outcomes)?;
    println!("report: {}", asked.out.join("report.md").display());
    Ok(true)
}

/// Runs one training, from its checkpoint if there is one. Returns `None` if it was interrupted.
fn train(asked: &Arguments, settings: Settings, images: &Images, stop: &AtomicBool) -> Result<Option<Outcome>> {
    let (estimator, seed) = (settings.estimator, settings.seed);
    let file = asked.out.join(format!("{}-{estimator}-{seed}.checkpoint", asked.latents.to_string().replace(':', "-")));
    let mut training = if file.exists() {
        let training = Training::resume(settings, images, &file)?;
        println!("{estimator}, seed {seed}: goes on at step {} of {}", training.step_number(), file.display());
        training
    } else {
        println!("{estimator}, seed {seed}: begins");
        Training::new(settings, images)?
    };
    let bar = ProgressBar::new(u64::from(asked.steps)).with_prefix(format!("{estimator}, seed {seed}"));
    let style = "{prefix:24} {bar:30} {human_pos}/{human_len} steps  {eta} left  held out {msg}";
    bar.set_style(ProgressStyle::with_template(style)?);
    bar.set_position(training.step_number() as u64);
    let start = Instant::now();
    while !training.is_done() {
        if stop.load(Ordering::Relaxed) {
            bar.abandon();
            training.save(&file)?;
            eprintln!(
                "interrupted at step {}; {} has it, the same command goes on from there",
                training.step_number(),
                file.display()
            );
            return Ok(None);
        }
        training.advance().with_context(|| format!("{estimator}, seed {seed}, step {}", training.step_number()))?;
        bar.inc(1);
        if let Some(last) = training.curve().last() {
            bar.set_message(format!("{last:.2} nats"));
        }
        if training.step_number().is_multiple_of(asked.checkpoint as usize) {
            training.save(&file)?;
        }
    }
    bar.finish_and_clear();
    let seconds = start.elapsed().as_secs_f64();
    training.save(&file)?;
    Ok(Some(Outcome::of(&training, asked.samples as usize, seconds)?))
}

/// Returns the given arguments, except the folder.
fn command() -> String {
    let mut arguments = std::env::args().skip(1);
    let mut words = Vec::new();
    while let Some(word) = arguments.next() {
        if word == "--out" {
            arguments.next();
        } else if !word.starts_with("--out=") {
            words.push(word);
        }
    }
    words.join(" ")
}
