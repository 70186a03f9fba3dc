//! Tasks that run the library: programs of the package `xtask-host`, built on demand.

use std::process::Command;

use anyhow::Result;
use xtask::shell::{capture, clean, root, run as run_command};

/// A program of the package.
#[derive(Clone, Copy, Debug)]
pub enum Program {
    /// The demo, and comparisons with lanes.
    Host,
    /// Figures of pages.
    Figures,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Program::Host => "xtask-host",
            Program::Figures => "xtask-figures",
        }
    }

    /// Builds the program or runs it.
    fn cargo(self, verb: &str) -> Command {
        let mut command = clean("cargo");
        command.args([verb, "--locked", "--release", "--package", "xtask-host", "--bin", self.name()]);
        command
    }

    fn command(self, words: &[&str]) -> Command {
        let mut command = self.cargo("run");
        command.args(["--quiet", "--"]).args(words);
        command
    }

    /// Runs a task with its output on the terminal. The first build takes minutes and shows the compiled crates.
    pub fn run(self, words: &[&str]) -> Result<()> {
        if !root().join("target/release").join(self.name()).exists() {
            println!("building the program `{}`: some minutes the first time", self.name());
            run_command(&mut self.cargo("build"))?;
        }
        run_command(&mut self.command(words))
    }

    /// Runs a task and returns its output.
    pub fn output(self, words: &[&str]) -> Result<String> {
        capture(&mut self.command(words))
    }
}
