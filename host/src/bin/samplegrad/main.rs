//! `samplegrad`: the laboratory at the command line.

mod compare;
mod output;
mod problem;
mod progress;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Gradients through random samples: estimators compared.
#[derive(Parser)]
#[command(name = "samplegrad", bin_name = "samplegrad", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs every estimator of a problem and holds it against the exact gradient
    Compare(compare::Compare),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Compare(compare) => compare::run(&compare),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
