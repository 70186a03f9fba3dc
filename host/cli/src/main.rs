//! `samplegrad`: samples, relaxations, the laboratory, learning and fleets at the command line.

mod common;
mod compare;
mod ended;
mod fleet;
mod output;
mod page;
mod problem;
mod progress;
mod relax;
mod replay;
mod sample;
mod table;
mod train;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use ended::Ended;

/// Gradients through random samples: draws and relaxes samples, compares estimators, trains policies.
#[derive(Parser)]
#[command(
    name = "samplegrad",
    bin_name = "samplegrad",
    version,
    after_help = "\
Examples:
  samplegrad sample logits.csv --draws 10          ten classes for every row of logits
  samplegrad relax logits.npy --tau 0.5            relaxed samples
  samplegrad compare toy                           every estimator against the exact gradient
  samplegrad train digits.csv --scale 16           a policy learns from reward alone
  samplegrad fleet digits.csv --devices 100000     100000 policies
  samplegrad replay device.log --elf digits-bandit compares a device with its host
  samplegrad completions bash > /etc/bash_completion.d/samplegrad
  samplegrad man > /usr/local/share/man/man1/samplegrad.1

`samplegrad COMMAND --help` has more examples."
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Draws classes from logits, or noise
    Sample(sample::Sample),
    /// Draws relaxed samples by Gumbel-softmax or hard samples by straight-through, and computes gradients through them
    Relax(relax::Relax),
    /// Runs every estimator of a problem and compares it with the exact gradient
    Compare(compare::Compare),
    /// Trains a policy that classifies, from reward alone
    Train(train::Train),
    /// Trains many devices that classify, from reward alone
    Fleet(fleet::Fleet),
    /// Replays a device on the host and reports the first step at which their logs differ
    Replay(replay::Replay),
    /// Prints the manual page, in the format of `man`
    Man,
    /// Prints a script that makes a shell complete these commands
    Completions {
        /// The shell
        shell: Shell,
    },
}

fn main() -> ExitCode {
    let well = |()| Ended::Well;
    let result = match Arguments::parse().task {
        Task::Sample(sample) => sample::run(&sample).map(well),
        Task::Relax(relax) => relax::run(&relax).map(well),
        Task::Compare(compare) => compare::run(&compare).map(well),
        Task::Train(train) => train::run(&train),
        Task::Fleet(fleet) => fleet::run(&fleet).map(well),
        Task::Replay(replay) => replay::run(&replay),
        Task::Man => man().map(well),
        Task::Completions { shell } => completions(shell).map(well),
    };
    match result {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::Departed) => ExitCode::FAILURE,
        // The exit code that shells give to a program ended by Ctrl-C.
        Ok(Ended::Interrupted) => ExitCode::from(130),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn man() -> anyhow::Result<()> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
    for command in Arguments::command().get_subcommands() {
        let name = format!("samplegrad-{}", command.get_name());
        clap_mangen::Man::new(command.clone().display_name(name)).render(&mut page)?;
    }
    output::print(|out| out.write_all(&page))
}

fn completions(shell: Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "samplegrad", &mut script);
    output::print(|out| out.write_all(&script))
}
