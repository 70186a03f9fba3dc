//! Steps on the machine itself.

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};

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
    run(&mut tests_command())
}

/// Every test that runs by default, in a debug build.
pub fn tests_command() -> Command {
    let mut command = cargo(&TEST);
    command.arg(FEATURES);
    command
}

/// The host's vectors and batches as users get them: optimised, for any processor of the target. What else there is was
/// compiled from the same sources in the debug build and is in the native one.
pub fn release() -> Result<()> {
    run(cargo(&TEST).args(["--release", "--package", "samplegrad-host", HOST, "--lib", "--tests"]))?;
    run(cargo(&TEST).args([
        "--release",
        "--package",
        "samplegrad-tests",
        "--test",
        "golden",
        "--test",
        "recorded_bits",
    ]))
}

/// Tests of two packages for every instruction of this processor, in a folder of its own, so that neither build throws
/// the other's products away.
fn native_build() -> Command {
    let mut command = cargo(&TEST);
    command.args(["--release", OF_TASKS, "--target-dir"]).arg(root().join("target/native"));
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

/// Statistics, optimised. The short form has few draws; the whole form also runs the long tests, in the fastest build: the
/// bits are the same.
pub fn statistics(tier: Tier) -> Result<()> {
    if tier.whole() {
        return run(native_build().args(["--package", "samplegrad-tests", "--", "--ignored"]));
    }
    let mut command = cargo(&TEST);
    command.args(["--release", "--package", "samplegrad-tests", OF_TASKS]);
    let folder = root().join("tests/tests");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let file = entry?.path();
        names.extend(file.file_stem().map(|name| name.to_string_lossy().into_owned()).filter(|_| file.is_file()));
    }
    names.retain(|name| ["statistics_", "replay_", "documented_"].iter().any(|kind| name.starts_with(kind)));
    ensure!(!names.is_empty(), "{} has no statistics", folder.display());
    names.sort();
    run(command.args(names.iter().flat_map(|name| ["--test", name])))
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
