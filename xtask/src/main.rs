//! Set-up, demo and tests of samplegrad.

mod budgets;
mod check;
mod faults;
mod library;
mod repeat;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::{board::CORTEX_M4F, setup};

use crate::library::Program;

/// Set-up, demo and tests of samplegrad.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    after_help = "\
Examples:
  cargo xtask demo                       boot a device that learns, replay it, write a report
  cargo xtask demo --device 7 --passes 5 another device, fewer passes
  cargo xtask test                       every kind of proof in a short form
  cargo xtask test --full                the whole of each proof
  cargo xtask test tests device          two steps (`--list` lists them)"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Boots an emulated Cortex-M4F that learns to read digits, replays it in SIMD lanes, writes a report
    #[command(disable_help_flag = true)]
    Demo(Forwarded),
    /// Runs the tests: a tier of them, or the named steps
    Test(check::Test),
    /// Writes the figures of the guide "which estimator?"
    #[command(disable_help_flag = true)]
    Guide(Forwarded),
    /// Writes the figures of the page "device costs"
    Budgets,
    /// Measures batches of the host beside PyTorch, NumPy and JAX and writes the page "performance"
    #[command(disable_help_flag = true)]
    Bench(Forwarded),
    /// Plants faults in a copy of the sources; each must make a test of the default tier fail
    Faults(faults::Faults),
    /// Repeats every test program beside busy processes, to find tests that fail by chance
    Repeat(repeat::Repeat),
    /// Writes the headers of C
    Headers,
    /// Installs everything that is missing
    Setup,
}

/// Arguments for the program that runs the task, including `--help`.
#[derive(clap::Args)]
struct Forwarded {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

impl Forwarded {
    fn run(&self, program: Program, task: &str) -> Result<()> {
        let words = std::iter::once(task).chain(self.words.iter().map(String::as_str));
        program.run(&words.collect::<Vec<_>>())
    }
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Demo(words) => setup::ensure(&[CORTEX_M4F]).and_then(|()| words.run(Program::Host, "demo")),
        Task::Test(test) => check::run(&test),
        Task::Guide(words) => words.run(Program::Figures, "guide"),
        Task::Budgets => budgets::write(),
        Task::Bench(words) => words.run(Program::Figures, "bench"),
        Task::Faults(faults) => faults::run(&faults),
        Task::Repeat(repeat) => repeat::run(&repeat),
        Task::Headers => check::c::headers(),
        Task::Setup => check::setup().map(|()| println!("everything is here")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
