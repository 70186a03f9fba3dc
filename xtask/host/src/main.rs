//! A program that runs the demo, and that compares devices and programs in other languages with lanes. `cargo xtask`
//! builds and starts this program.

mod boards_page;
mod cores;
mod demo;
mod device_run;
mod emulated;
mod expected;
mod lives;
mod progress;
mod replay;
mod report;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The demo of samplegrad, and comparisons with lanes.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Boots an emulated Cortex-M4F that learns to read digits, replays it in SIMD lanes, writes a report
    Demo(demo::Demo),
    /// Compares emulated devices that learn to read digits with their lanes
    #[command(hide = true)]
    Replay {
        /// Runs two devices and the mean of 64 lanes instead of one device and 32 lanes
        #[arg(long)]
        whole: bool,
    },
    /// Compares every firmware on every emulated core with its lane
    #[command(hide = true)]
    Cores,
    /// Compares the transcript on the page of the boards with the lane of the device shown
    #[command(hide = true)]
    BoardsPage,
    /// Prints the expected results of a program in another language, computed in lanes
    #[command(hide = true)]
    Expected {
        /// The language
        language: expected::Language,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Demo(demo) => demo::run(&demo),
        Task::Replay { whole } => replay::check(whole),
        Task::Cores => cores::run(),
        Task::BoardsPage => boards_page::check(),
        Task::Expected { language } => expected::print(language),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
