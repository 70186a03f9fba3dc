//! Steps on the machine itself.

use std::process::Command;

use anyhow::Result;

use crate::shell::{clean, root, run};

fn cargo(arguments: &[&str]) -> Command {
    let mut command = clean("cargo");
    command.args(arguments);
    command
}

pub fn format() -> Result<()> {
    run(&mut cargo(&["fmt", "--check"]))
}

pub fn lint() -> Result<()> {
    run(&mut cargo(&[
        "clippy",
        "--quiet",
        "--locked",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ]))
}

pub fn doc() -> Result<()> {
    let mut command = cargo(&["doc", "--quiet", "--locked", "--no-deps", "--all-features"]);
    run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

const TEST: [&str; 4] = ["test", "--quiet", "--locked", "--all-features"];

pub fn debug() -> Result<()> {
    run(&mut cargo(&TEST))
}

pub fn release() -> Result<()> {
    run(cargo(&TEST).arg("--release"))
}

/// In a folder of its own, so that neither build throws the other's products away.
pub fn native() -> Result<()> {
    let mut command = cargo(&TEST);
    command.args(["--release", "--package", "samplegrad-host", "--package", "samplegrad-tests", "--target-dir"]);
    command.arg(root().join("target/native")).env("RUSTFLAGS", "-C target-cpu=native");
    run(&mut command)
}

/// The tests that are too long for a debug build, in a release one.
pub fn statistics() -> Result<()> {
    let mut command = cargo(&TEST);
    run(command.args(["--release", "--package", "samplegrad-tests", "--", "--ignored"]))
}
