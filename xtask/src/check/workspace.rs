//! Steps on the machine itself.

use std::process::Command;

use anyhow::Result;

use xtask::{
    setup,
    shell::{clean, root, run},
};

use super::tier::Tier;

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
const SERDE: &str = "--features=samplegrad-core/serde";
/// Those that the programs of `xtask-host` have, so that one build of the library serves them and the tests.
pub const OF_TASKS: &str = "--features=samplegrad-host/device-log,samplegrad-host/lab,samplegrad-host/plot";
/// Every feature of the default members but those.
const FEATURES: &str =
    "--features=samplegrad-host/cli,samplegrad-core/defmt,samplegrad-core/serde,samplegrad-snapshot/defmt";

pub fn lint(tier: Tier) -> Result<()> {
    const LINT: [&str; 4] = ["clippy", "--quiet", "--locked", "--all-targets"];
    const DENY: [&str; 3] = ["--", "-D", "warnings"];
    if tier == Tier::Quick {
        return run(cargo(&LINT).args(INNER).args(DENY));
    }
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

/// The packages of the inner loop.
const INNER: [&str; 5] =
    ["--package=samplegrad-core", "--package=samplegrad-host", "--package=samplegrad-tests", HOST, SERDE];

pub fn tests(tier: Tier) -> Result<()> {
    if tier == Tier::Quick {
        return run(cargo(&TEST).args(["--lib", "--tests"]).args(INNER));
    }
    let programs = run(&mut test_programs());
    let mut documentation = cargo(&TEST);
    programs.and(run(documentation.args([FEATURES, "--doc"])))
}

/// Every test program that runs by default, in a debug build. Examples are compiled by the step `lint`.
pub fn test_programs() -> Command {
    let mut command = cargo(&TEST);
    command.args([FEATURES, "--lib", "--bins", "--tests"]);
    command
}

/// Tests of what is made of vectors, which are compiled once more for other instructions. What is not made of vectors is the
/// same program in each build: unit tests, refusals, the command line, properties of the core in one lane.
const OF_VECTORS: [&str; 10] = [
    "allocation",
    "batch_categorical",
    "batch_distributions",
    "batch_noise",
    "batch_relaxations",
    "batch_samplers",
    "fleet",
    "lab",
    "lanes",
    "large_logits",
];

/// Vectors, batches and golden files in one optimised build.
fn vectors(build: fn() -> Command) -> Result<()> {
    let tests = OF_VECTORS.iter().flat_map(|name| ["--test", name]);
    let host = run(build().args(["--package", "samplegrad-host"]).args(tests));
    host.and(run(build().args(["--package", "samplegrad-tests", "--test", "golden"])))
}

/// Optimised for any processor of the target, as users get it.
fn stock_build() -> Command {
    let mut command = cargo(&TEST);
    command.args(["--release", OF_TASKS]);
    command
}

/// The same, and the long form of what stored snapshots go through.
pub fn release() -> Result<()> {
    let starts = ["--package", "samplegrad-snapshot", "--test", "unsteady", "--", "--include-ignored"];
    vectors(stock_build).and(run(cargo(&TEST).arg("--release").args(starts)))
}

/// Optimised for every instruction of this processor, in a folder of its own, so that neither build throws the other's
/// products away.
fn native_build() -> Command {
    let mut command = stock_build();
    command.arg("--target-dir").arg(root().join("target/native"));
    command.env("RUSTFLAGS", "-C target-cpu=native");
    command
}

pub fn native() -> Result<()> {
    vectors(native_build)
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

/// Statistics and learning, optimised. The whole form adds the long tests, in the fastest build: the bits are the same.
pub fn statistics(tier: Tier) -> Result<()> {
    const TESTS: [&str; 5] = ["statistics", "replay", "documented_figures", "implicit_families", "learners"];
    let mut command = if tier.whole() { native_build() } else { stock_build() };
    command.args(["--package", "samplegrad-tests"]).args(TESTS.iter().flat_map(|name| ["--test", name]));
    if tier.whole() {
        command.args(["--", "--include-ignored"]);
    }
    run(&mut command)
}

/// The lanes' elementary functions on every input there is, in both builds.
pub fn exhaustive() -> Result<()> {
    for mut command in [stock_build(), native_build()] {
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
