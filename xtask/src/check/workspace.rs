//! Steps on the machine itself.

use std::process::Command;

use anyhow::Result;

use crate::{
    setup,
    shell::{clean, root, run},
};

pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = clean("cargo");
    command.args(arguments);
    command
}

pub fn format() -> Result<()> {
    run(&mut cargo(&["fmt", "--check"]))
}

/// The host's features but those that bring large dependencies, which have a step of their own.
const HOST: &str = "--features=samplegrad-host/cli";
/// Those of its library: the command line computes nothing itself.
const NATIVE: &str = "--features=samplegrad-host/lab,samplegrad-host/plot";
/// Every feature of the default members but those.
const FEATURES: &str =
    "--features=samplegrad-host/cli,samplegrad-core/defmt,samplegrad-core/serde,samplegrad-snapshot/defmt";

pub fn lint() -> Result<()> {
    const LINT: [&str; 4] = ["clippy", "--quiet", "--locked", "--all-targets"];
    const DENY: [&str; 3] = ["--", "-D", "warnings"];
    let mut others = cargo(&LINT);
    others.args(["--workspace", "--all-features"]);
    for elsewhere in ["samplegrad-host", "samplegrad-mpi", "samplegrad-python"] {
        others.args(["--exclude", elsewhere]);
    }
    run(others.args(DENY))?;
    run(cargo(&LINT).args(["--package", "samplegrad-host", HOST]).args(DENY))
}

pub fn doc() -> Result<()> {
    let mut command = cargo(&["doc", "--quiet", "--locked", "--no-deps", FEATURES]);
    run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

/// What the features with large dependencies bring, built here and nowhere else: operations on burn's tensors, and the models
/// that are trained by them.
pub fn models() -> Result<()> {
    const OF_HOST: [&str; 3] = ["--package", "samplegrad-host", "--features=vae"];
    const TESTS: [&str; 6] = ["--test", "burn_gradients", "--test", "burn_golden", "--test", "burn_vae"];
    let lint = ["clippy", "--quiet", "--locked", "--lib", "--example", "vae"];
    run(cargo(&lint).args(TESTS).args(OF_HOST).args(["--", "-D", "warnings"]))?;
    let mut doc = cargo(&["doc", "--quiet", "--locked", "--no-deps"]);
    run(doc.args(OF_HOST).env("RUSTDOCFLAGS", "-D warnings"))?;
    // The tests run it.
    run(cargo(&["build", "--quiet", "--locked", "--release", "--example", "vae"]).args(OF_HOST))?;
    run(cargo(&TEST).arg("--release").args(TESTS).args(OF_HOST))?;
    run(cargo(&TEST).args(["--release", "--doc"]).args(OF_HOST).args(["--", "burn"]))
}

const TEST: [&str; 4] = ["test", "--quiet", "--locked", "--no-fail-fast"];

pub fn debug() -> Result<()> {
    run(cargo(&TEST).arg(FEATURES))
}

pub fn release() -> Result<()> {
    run(cargo(&TEST).args(["--release", FEATURES]))
}

/// Tests of two packages for every instruction of this processor, in a folder of its own, so that neither build throws
/// the other's products away.
fn native_build() -> Command {
    let mut command = cargo(&TEST);
    command.args(["--release", NATIVE, "--target-dir"]).arg(root().join("target/native"));
    command.env("RUSTFLAGS", "-C target-cpu=native");
    command
}

pub fn native() -> Result<()> {
    run(native_build().args(["--package", "samplegrad-host", "--package", "samplegrad-tests"]))
}

/// The programs of several ranks: linted, documented and tested here, because they need an MPI library.
pub fn mpi() -> Result<()> {
    const PACKAGE: [&str; 2] = ["--package", "samplegrad-mpi"];
    setup::ensure_mpi()?;
    run(cargo(&["clippy", "--quiet", "--locked", "--all-targets"]).args(PACKAGE).args(["--", "-D", "warnings"]))?;
    let mut doc = cargo(&["doc", "--quiet", "--locked", "--no-deps"]);
    run(doc.args(PACKAGE).env("RUSTDOCFLAGS", "-D warnings"))?;
    run(cargo(&TEST).args(PACKAGE))
}

/// The tests that are too long for a debug build, in the fastest one: the bits are the same.
pub fn statistics() -> Result<()> {
    run(native_build().args(["--package", "samplegrad-tests", "--", "--ignored"]))
}

/// The lanes' elementary functions on every input there is, in both builds.
pub fn exhaustive() -> Result<()> {
    let mut stock = cargo(&TEST);
    stock.args(["--release", HOST]);
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
