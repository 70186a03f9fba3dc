//! `cargo xtask test`: every proof of the product, in steps.

mod boards;
pub mod c;
mod conformance;
mod cores;
mod firmware;
mod python;
mod workspace;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{bench, board::BOARDS, budgets, guide, setup};

/// A step: its name, what it shows, how it is run.
struct Step {
    name: &'static str,
    shows: &'static str,
    run: fn() -> Result<()>,
}

/// Every step, in the order in which they are run.
const STEPS: [Step; 22] = [
    Step { name: "setup", shows: "compilers, emulators and an environment for Python are here", run: setup },
    Step { name: "format", shows: "formatted", run: workspace::format },
    Step { name: "lint", shows: "no warning, every feature", run: workspace::lint },
    Step { name: "doc", shows: "documented, no broken link", run: workspace::doc },
    Step { name: "debug", shows: "unit, doc, golden and property tests, debug build", run: workspace::debug },
    Step { name: "release", shows: "the same, release build", run: workspace::release },
    Step { name: "native", shows: "the same, every instruction of this processor", run: workspace::native },
    Step { name: "statistics", shows: "samplers and estimators are right in distribution", run: workspace::statistics },
    Step { name: "exhaustive", shows: "lanes are libm on all 2^32 inputs", run: workspace::exhaustive },
    Step { name: "models", shows: "operations on burn's tensors, and the models they train", run: workspace::models },
    Step { name: "mpi", shows: "any number of MPI ranks has the bits of one machine", run: workspace::mpi },
    Step { name: "guide", shows: "the guide's figures are the laboratory's", run: guide::check },
    Step { name: "bench", shows: "the benchmark runs, its page has every operation", run: bench::check },
    Step { name: "c", shows: "programs in C have the bits of Rust, the headers are up to date", run: c::check },
    Step {
        name: "python",
        shows: "the wheel's results have the bits of Rust, its types are as it says",
        run: python::check,
    },
    Step { name: "targets", shows: "core and firmware build for every target", run: firmware::targets },
    Step { name: "panic-free", shows: "no operation of the core can panic", run: firmware::panic_free },
    Step { name: "budgets", shows: "instructions, stack and flash are within their budgets", run: budgets::check },
    Step { name: "device", shows: "same bits on every core, lane and build", run: conformance::run },
    Step { name: "replay", shows: "devices learn, their lanes agree in every bit", run: firmware::replay },
    Step { name: "cores", shows: "every firmware lives its lane's life on every core", run: cores::run },
    Step { name: "boards", shows: "firmware for real boards builds, and is as its page says", run: boards::run },
];

/// Makes this machine ready for every step.
pub fn setup() -> Result<()> {
    setup::ensure(&BOARDS)?;
    c::setup()?;
    python::setup().map(drop)
}

/// Which steps to run.
#[derive(Debug, clap::Args)]
pub struct Test {
    /// Steps to run; all if none is named
    steps: Vec<String>,
    /// Only list the steps
    #[arg(long)]
    list: bool,
}

/// Runs the steps to the last, whatever fails, and fails if one did.
pub fn run(test: &Test) -> Result<()> {
    if test.list {
        STEPS.iter().for_each(|step| println!("{:12} {}", step.name, step.shows));
        return Ok(());
    }
    if let Some(unknown) = test.steps.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        bail!("there is no step `{unknown}`; `cargo xtask test --list` lists them");
    }
    let chosen = |step: &&Step| test.steps.is_empty() || test.steps.iter().any(|name| name == step.name);
    let mut results: Vec<(&Step, Duration, Result<()>)> = Vec::new();
    for step in STEPS.iter().filter(chosen) {
        println!("\n=== {}: {}", step.name, step.shows);
        let start = Instant::now();
        let result = (step.run)();
        if let Err(error) = &result {
            println!("FAILED: {error:#}");
        }
        results.push((step, start.elapsed(), result));
    }
    println!();
    for (step, time, result) in &results {
        let verdict = if result.is_ok() { "ok" } else { "FAILED" };
        println!("{:12} {verdict:6} {:6.1} s  {}", step.name, time.as_secs_f64(), step.shows);
    }
    let failed = results.iter().filter(|(_, _, result)| result.is_err()).count();
    println!("{} passed, {failed} failed", results.len() - failed);
    if failed > 0 {
        bail!("{failed} of {} steps failed; run one alone with `cargo xtask test STEP`", results.len());
    }
    Ok(())
}
