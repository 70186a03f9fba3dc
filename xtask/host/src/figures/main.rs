//! Figures of pages that are computed or measured on this machine. `cargo xtask` builds this program and starts it.

mod bench;
mod guide;
mod policies;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Figures of samplegrad's pages.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Writes the figures of the guide "which estimator?"
    Guide {
        /// Compares the page with the figures of the laboratory and writes nothing
        #[arg(long)]
        check: bool,
    },
    /// Measures batches of the host beside PyTorch, NumPy and JAX and writes the page "performance"
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Guide { check: false } => guide::write(),
        Task::Guide { check: true } => guide::check(),
        Task::Bench(bench) => bench::run(&bench),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
