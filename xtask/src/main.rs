//! Set-up, demo and tests of samplegrad.

mod bench;
mod board;
mod budgets;
mod check;
mod demo;
mod device_run;
mod emulator;
mod firmware;
mod guide;
mod page;
mod progress;
mod python;
mod replay;
mod report;
mod setup;
mod shell;
mod toolchain;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
  cargo xtask test                       everything
  cargo xtask test debug device          two of its steps (`--list` lists them)"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Boots an emulated Cortex-M4F that learns to read digits, replays it in SIMD lanes, writes a report
    Demo(demo::Demo),
    /// Runs every test, or the steps named
    Test(check::Test),
    /// Writes the figures of the guide "which estimator?" anew
    Guide,
    /// Writes the figures of the page "what it costs on a device" anew
    Budgets,
    /// Measures batches of the host beside PyTorch, NumPy and JAX and writes the page "performance" anew
    Bench(bench::Bench),
    /// Writes the headers of C anew
    Headers,
    /// Installs what is missing for all of it
    Setup,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Demo(demo) => demo::run(&demo),
        Task::Test(test) => check::run(&test),
        Task::Guide => guide::write(),
        Task::Budgets => budgets::write(),
        Task::Bench(bench) => bench::run(&bench),
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
