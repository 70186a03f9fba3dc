//! Tasks that run the library: programs of the package `xtask-host`, built when they are needed.

use std::process::Command;

use anyhow::Result;
use xtask::shell::{capture, clean, run as run_command};

fn command(words: &[&str]) -> Command {
    let mut command = clean("cargo");
    command.args(["run", "--quiet", "--locked", "--release", "--package", "xtask-host", "--"]).args(words);
    command
}

/// Runs a task with its output on the terminal.
pub fn run(words: &[&str]) -> Result<()> {
    run_command(&mut command(words))
}

/// Runs a task and returns its output.
pub fn output(words: &[&str]) -> Result<String> {
    capture(&mut command(words))
}
