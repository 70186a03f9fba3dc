//! Subcommands of cargo, installed below `target`.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::shell::{capture, clean, root};

/// A program `cargo-NAME` with its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Name of the package and of its program.
    pub name: &'static str,
    /// The tested version.
    pub version: &'static str,
    /// Time of the installation.
    pub takes: &'static str,
}

impl Tool {
    fn folder() -> PathBuf {
        root().join("target/tools")
    }

    fn path(self) -> PathBuf {
        Self::folder().join("bin").join(self.name)
    }

    /// Returns a command that runs the tool as cargo does. Installs the tool first if this version is missing.
    pub fn command(self) -> Result<Command> {
        let subcommand = self.name.strip_prefix("cargo-").unwrap_or(self.name);
        let installed = capture(clean(self.path()).args([subcommand, "--version"]));
        if !installed.is_ok_and(|said| said.split_whitespace().any(|word| word == self.version)) {
            println!("installing {} {} into target/tools, {}", self.name, self.version, self.takes);
            let mut install = clean("cargo");
            install.args(["install", "--quiet", "--locked", "--force", "--root"]).arg(Self::folder());
            install.arg(format!("{}@{}", self.name, self.version));
            capture(&mut install).with_context(|| {
                format!(
                    "{} could not be installed: it needs a network; with one, run `cargo install --locked --root \
                     target/tools {}@{}`",
                    self.name, self.name, self.version
                )
            })?;
        }
        let mut command = clean(self.path());
        command.arg(subcommand);
        Ok(command)
    }
}
