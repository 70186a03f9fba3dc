//! Tasks that run the library: programs of the package `xtask-host`, built when they are needed.

use std::process::Command;

use anyhow::Result;
use xtask::shell::{capture, clean, run as run_command};

/// A program of the package.
#[derive(Clone, Copy, Debug)]
pub enum Program {
    /// The demo, and comparisons with lanes.
    Host,
    /// Figures of pages.
    Figures,
}

impl Program {
    fn command(self, words: &[&str]) -> Command {
        let name = match self {
            Program::Host => "xtask-host",
            Program::Figures => "xtask-figures",
        };
        let mut command = clean("cargo");
        command.args(["run", "--quiet", "--locked", "--release", "--package", "xtask-host", "--bin", name, "--"]);
        command.args(words);
        command
    }

    /// Runs a task with its output on the terminal.
    pub fn run(self, words: &[&str]) -> Result<()> {
        run_command(&mut self.command(words))
    }

    /// Runs a task and returns its output.
    pub fn output(self, words: &[&str]) -> Result<String> {
        capture(&mut self.command(words))
    }
}
