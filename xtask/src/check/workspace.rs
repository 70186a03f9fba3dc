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

const TEST: [&str; 5] = ["test", "--quiet", "--locked", "--all-features", "--no-fail-fast"];

pub fn debug() -> Result<()> {
    run(&mut cargo(&TEST))
}

pub fn release() -> Result<()> {
    run(cargo(&TEST).arg("--release"))
}

/// Tests of two packages for every instruction of this processor, in a folder of its own, so that neither build throws
/// the other's products away.
fn native_build() -> Command {
    let mut command = cargo(&TEST);
    command.args(["--release", "--target-dir"]).arg(root().join("target/native"));
    command.env("RUSTFLAGS", "-C target-cpu=native");
    command
}

pub fn native() -> Result<()> {
    run(native_build().args(["--package", "samplegrad-host", "--package", "samplegrad-tests"]))
}

/// The tests that are too long for a debug build, in the fastest one: the bits are the same.
pub fn statistics() -> Result<()> {
    run(native_build().args(["--package", "samplegrad-tests", "--", "--ignored"]))
}

/// The lanes' elementary functions on every input there is, in both builds.
pub fn exhaustive() -> Result<()> {
    let mut stock = cargo(&TEST);
    stock.arg("--release");
    for mut command in [stock, native_build()] {
        command.args([
            "--package",
            "samplegrad-host",
            "--test",
            "elementary_exhaustive",
            "--",
            "--ignored",
            "--nocapture",
        ]);
        run(&mut command)?;
    }
    Ok(())
}
