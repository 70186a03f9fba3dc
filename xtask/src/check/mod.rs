//! `cargo xtask test`: every proof of the product, in steps and tiers.

mod api;
mod boards;
pub mod c;
mod conformance;
mod estimators;
mod firmware;
mod first_steps;
mod imports;
mod links;
mod memory;
mod packages;
mod python;
mod tier;
mod wording;
pub mod workspace;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use xtask::{board::BOARDS, setup};

use self::{memory::Memory, tier::Tier};
use crate::{budgets, library::Program};

/// A step: its name, a line on its purpose, the smallest tier that contains it, the function that runs it.
struct Step {
    name: &'static str,
    shows: &'static str,
    from: Tier,
    run: fn(Tier) -> Result<()>,
}

/// Every step, in the order of execution.
const STEPS: [Step; 25] = [
    step("setup", "compilers, emulators and an environment for Python are here", Tier::Default, |_| setup()),
    step("format", "formatted", Tier::Quick, |_| workspace::format()),
    step("lint", "no warning, every feature; imports without circles; plain words; whole lists", Tier::Quick, |tier| {
        imports::check()?;
        wording::check()?;
        estimators::check()?;
        workspace::lint(tier)
    }),
    step("doc", "documented, no broken link", Tier::Default, |_| links::check().and(workspace::doc())),
    step("tests", "unit, doc, golden, lane and property tests, debug build", Tier::Quick, workspace::tests),
    step("statistics", "samplers and estimators are right in distribution", Tier::Default, workspace::statistics),
    step("device", "same bits on every core and in every lane", Tier::Default, conformance::run),
    step("panic-free", "no operation of the core can panic", Tier::Default, firmware::panic_free),
    step("budgets", "instructions, stack and flash are within their budgets", Tier::Default, |_| budgets::check()),
    step("replay", "devices learn, their lanes agree in every bit", Tier::Default, |tier| {
        Program::Host.run(if tier.whole() { &["replay", "--whole"] } else { &["replay"] })
    }),
    step("boards", "firmware for real boards builds, and is as its page says", Tier::Default, boards::run),
    step("c", "programs in C have the bits of Rust, the headers are up to date", Tier::Default, |_| c::check()),
    step("python", "the wheel has the bits of Rust, its types are as it says", Tier::Default, |_| python::check()),
    step("first-steps", "the README's lines for each kind of user run from an empty folder", Tier::Full, |_| {
        first_steps::run()
    }),
    step("packages", "crates are complete, and the command line installs from them alone", Tier::Full, |_| {
        packages::run()
    }),
    step(
        "api",
        "every set of features compiles, and the version fits the changes of the interface",
        Tier::Full,
        |_| api::check(),
    ),
    step("targets", "the core with all features builds for a core of each kind", Tier::Full, |_| firmware::targets()),
    step("flash", "no acknowledged save is lost in 10^5 starts of an unsteady flash", Tier::Full, |_| {
        workspace::flash()
    }),
    step("native", "lanes, batches and golden files with every instruction of this processor", Tier::Full, |_| {
        workspace::native()
    }),
    step("exhaustive", "lanes are libm, or one lane, on all 2^32 inputs", Tier::Full, |_| workspace::exhaustive()),
    step("guide", "the guide's figures are the laboratory's", Tier::Full, |_| {
        Program::Figures.run(&["guide", "--check"])
    }),
    step("bench", "the benchmark runs, its page has every operation", Tier::Full, |_| {
        Program::Figures.run(&["bench", "--check"])
    }),
    step("models", "operations on burn's tensors, and the models they train", Tier::Full, |_| workspace::models()),
    step("mpi", "any number of MPI ranks has the bits of one machine", Tier::Full, |_| workspace::mpi()),
    step("cores", "every firmware on every core has the log of its lane", Tier::Full, |_| {
        Program::Host.run(&["cores"])
    }),
];

const fn step(name: &'static str, shows: &'static str, from: Tier, run: fn(Tier) -> Result<()>) -> Step {
    Step { name, shows, from, run }
}

/// Prepares this machine for every step.
pub fn setup() -> Result<()> {
    setup::ensure(&BOARDS)?;
    c::setup()?;
    python::setup().map(drop)
}

/// Options of the tests: steps to run, and their form.
#[derive(Debug, clap::Args)]
pub struct Test {
    /// Steps to run instead of the tier's steps
    steps: Vec<String>,
    /// Runs the whole of each proof; continues after the steps that have passed on this commit
    #[arg(long)]
    full: bool,
    /// Runs the inner loop: format, lints, and the tests of core and host
    #[arg(long, conflicts_with = "full")]
    quick: bool,
    /// Repeats steps that have passed on this commit
    #[arg(long, requires = "full")]
    again: bool,
    /// Lists the steps without running them
    #[arg(long)]
    list: bool,
}

/// Result of a step, with its time.
enum Outcome {
    Passed(Duration),
    Failed(Duration),
    /// Passed on this commit in an earlier run.
    PassedBefore(Duration),
}

/// Runs every step, even after a failure; fails if a step failed.
pub fn run(test: &Test) -> Result<()> {
    let tier = match (test.quick, test.full) {
        (true, _) => Tier::Quick,
        (_, true) => Tier::Full,
        _ => Tier::Default,
    };
    if test.list {
        STEPS.iter().for_each(|step| println!("{:12} {:8} {}", step.name, step.from.name(), step.shows));
        return Ok(());
    }
    if let Some(unknown) = test.steps.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        bail!("there is no step `{unknown}`; `cargo xtask test --list` lists them");
    }
    let named = |step: &Step| test.steps.iter().any(|name| name == step.name);
    let chosen = |step: &&Step| if test.steps.is_empty() { step.from <= tier } else { named(step) };
    let mut memory = if tier.whole() { Memory::of_this_commit() } else { Memory::none() };
    let start = Instant::now();
    let mut results = Vec::new();
    for step in STEPS.iter().filter(chosen) {
        let before = memory.passed(step.name).filter(|_| !test.again && test.steps.is_empty());
        if let Some(before) = before {
            results.push((step, Outcome::PassedBefore(before)));
            continue;
        }
        println!("\n=== {}: {}", step.name, step.shows);
        let begin = Instant::now();
        let result = (step.run)(tier);
        let time = begin.elapsed();
        results.push((
            step,
            match result {
                Ok(()) => {
                    println!("--- {}: {:.1} s", step.name, time.as_secs_f64());
                    memory.keep(step.name, time)?;
                    Outcome::Passed(time)
                }
                Err(error) => {
                    println!("FAILED: {error:#}");
                    Outcome::Failed(time)
                }
            },
        ));
    }
    summary(&results, tier, start.elapsed())
}

/// Prints a line per step; fails if a step failed.
fn summary(results: &[(&Step, Outcome)], tier: Tier, total: Duration) -> Result<()> {
    println!();
    let (mut failed, mut all) = (0, Duration::ZERO);
    for (step, outcome) in results {
        let (verdict, time) = match outcome {
            Outcome::Passed(time) => ("ok", time),
            Outcome::Failed(time) => ("FAILED", time),
            Outcome::PassedBefore(time) => ("before", time),
        };
        failed += usize::from(matches!(outcome, Outcome::Failed(_)));
        all += *time;
        println!("{:12} {verdict:6} {:6.1} s  {}", step.name, time.as_secs_f64(), step.shows);
    }
    println!(
        "tier {}: {:.0} s in this run, {:.0} s of steps in all; `before`: passed on this commit in an earlier run",
        tier.name(),
        total.as_secs_f64(),
        all.as_secs_f64()
    );
    println!("{} passed, {failed} failed", results.len() - failed);
    if failed > 0 {
        bail!("{failed} of {} steps failed; run one alone with `cargo xtask test STEP`", results.len());
    }
    Ok(())
}
