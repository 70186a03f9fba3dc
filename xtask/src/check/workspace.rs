//! Steps that run on this machine.

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

/// Features of the default members that are off by default: log formats, and learners that can be stored.
const FEATURES: &str = "--features=samplegrad-core/defmt,samplegrad-core/serde,samplegrad-snapshot/defmt";

pub fn lint(tier: Tier) -> Result<()> {
    const LINT: [&str; 4] = ["clippy", "--quiet", "--locked", "--all-targets"];
    const DENY: [&str; 3] = ["--", "-D", "warnings"];
    let mut command = cargo(&LINT);
    if tier == Tier::Quick {
        return run(command.args(INNER).args(DENY));
    }
    command.args(["--workspace", "--all-features"]);
    // Separate steps lint these packages. The first needs a newer Rust and minutes, the second an MPI library, the
    // third a Python interpreter.
    for elsewhere in ["samplegrad-burn", "samplegrad-mpi", "samplegrad-python"] {
        command.args(["--exclude", elsewhere]);
    }
    run(command.args(DENY))
}

pub fn doc() -> Result<()> {
    let mut command = cargo(&["doc", "--quiet", "--locked", "--no-deps", FEATURES]);
    run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Checks the operations on burn's tensors and the models that they train. The operations take minutes to compile and
/// are built only here.
pub fn models() -> Result<()> {
    const PACKAGE: [&str; 2] = ["--package", "samplegrad-burn"];
    lint_and_doc(PACKAGE)?;
    // The tests run the example, which cargo builds together with the tests. Optimising burn takes two minutes and
    // saves only seconds of training.
    let mut command = stock_build();
    for package in ["burn-flex", "burn-dispatch", "burn-nn", "burn-optim", "burn-tensor"] {
        command.arg(format!("--config=profile.release.package.{package}.opt-level=0"));
    }
    run(command.args(PACKAGE))
}

/// Lints and documents a package that the steps `lint` and `doc` leave to a step of its own.
fn lint_and_doc(package: [&str; 2]) -> Result<()> {
    run(cargo(&["clippy", "--quiet", "--locked", "--all-targets"]).args(package).args(["--", "-D", "warnings"]))?;
    let mut doc = cargo(&["doc", "--quiet", "--locked", "--no-deps"]);
    run(doc.args(package).env("RUSTDOCFLAGS", "-D warnings"))
}

const TEST: [&str; 4] = ["test", "--quiet", "--locked", "--no-fail-fast"];

/// Packages of the inner loop.
const INNER: [&str; 4] = [
    "--package=samplegrad-core",
    "--package=samplegrad-host",
    "--package=samplegrad-tests",
    "--features=samplegrad-core/serde",
];

pub fn tests(tier: Tier) -> Result<()> {
    if tier == Tier::Quick {
        return run(cargo(&TEST).args(["--lib", "--tests"]).args(INNER));
    }
    let programs = run(&mut test_programs());
    let mut documentation = cargo(&TEST);
    programs.and(run(documentation.args([FEATURES, "--doc"])))
}

/// Returns a command that runs every default test program in a debug build. The step `lint` compiles the examples.
pub fn test_programs() -> Command {
    let mut command = cargo(&TEST);
    command.args([FEATURES, "--lib", "--bins", "--tests"]);
    command
}

/// Tests of lanes and of the batches with the most vector code, compiled again for other instruction sets. The digest of
/// the step `device` covers the other operations in each build, and the tests of the debug build cover their interfaces.
const OF_VECTORS: [&str; 4] = ["batch_relaxations", "batch_samplers", "fleet", "lanes"];

/// Returns a test command optimised for any processor of the target, as users build it.
fn stock_build() -> Command {
    let mut command = cargo(&TEST);
    command.arg("--release");
    command
}

/// Runs the long form of the tests of stored snapshots: a flash whose half-written bits change, and power cuts.
pub fn flash() -> Result<()> {
    let starts = ["--package", "samplegrad-snapshot", "--test", "unsteady", "--", "--include-ignored"];
    run(stock_build().args(starts))
}

/// Returns a test command optimised for every instruction of this processor. It has its own folder, so that neither
/// build deletes the other's products.
fn native_build() -> Command {
    let mut command = stock_build();
    command.arg("--target-dir").arg(root().join("target/native"));
    command.env("RUSTFLAGS", "-C target-cpu=native");
    command
}

/// Runs the tests of vectors, batches and golden files. The step `device` compares all digests of this build with those
/// of the build for any processor.
pub fn native() -> Result<()> {
    let tests = OF_VECTORS.iter().flat_map(|name| ["--test", name]);
    let host = run(native_build().args(["--package", "samplegrad-host"]).args(tests));
    host.and(run(native_build().args(["--package", "samplegrad-tests", "--test", "golden"])))
}

/// Lints, documents and tests the programs of several ranks, which need an MPI library.
pub fn mpi() -> Result<()> {
    const PACKAGE: [&str; 2] = ["--package", "samplegrad-mpi"];
    setup::ensure_mpi()?;
    lint_and_doc(PACKAGE)?;
    run(cargo(&TEST).args(PACKAGE))
}

/// Runs statistics and learning, optimised. The whole form adds the long tests, in the fastest build, which computes
/// the same bits.
pub fn statistics(tier: Tier) -> Result<()> {
    const TESTS: [&str; 2] = ["statistics", "replay"];
    let mut command = if tier.whole() { native_build() } else { stock_build() };
    command.args(["--package", "samplegrad-tests"]).args(TESTS.iter().flat_map(|name| ["--test", name]));
    if tier.whole() {
        // Ten million draws of every score run only on demand.
        command.args(["--", "--include-ignored", "--skip", "scores::longest"]);
    }
    run(&mut command)
}

/// Checks the lanes' elementary functions on all inputs in the build for any processor, whose vectors of eight and
/// sixteen lanes are compiled for newer processors. The build for this processor has the same code, so it checks a
/// stride of the inputs.
pub fn exhaustive() -> Result<()> {
    const TEST: [&str; 4] = ["--package", "samplegrad-host", "--test", "elementary_exhaustive"];
    run(native_build().args(TEST))?;
    run(stock_build().args(TEST).args(["--", "--include-ignored", "--nocapture"]))
}
