//! The step `api`: each set of features compiles, with the oldest supported compiler too if it is here, and the public
//! interface differs from the last release as the version says.

use anyhow::{Context, Result, ensure};
use xtask::{
    files,
    shell::{capture, clean, root, run},
    tools::Tool,
};

const HACK: Tool = Tool { name: "cargo-hack", version: "0.6.46", takes: "half a minute" };
const SEMVER_CHECKS: Tool = Tool { name: "cargo-semver-checks", version: "0.51.0", takes: "some minutes" };

/// Commit of the last release, 0.2.0. A release changes it.
const RELEASED: &str = "8efa7170d5cf6652b04a7223e8ea91381a18c606";
/// Published crates that the last release has.
const COMPARED: [&str; 2] = ["samplegrad-core", "samplegrad-host"];

/// Published crates with features.
const WITH_FEATURES: [&str; 3] = ["samplegrad-core", "samplegrad-snapshot", "samplegrad-tasks"];
/// Published crates that compile with the oldest supported compiler. `samplegrad-burn` needs a newer one, and
/// `samplegrad-mpi` an MPI library.
const FOR_OLDEST: [&str; 8] = [
    "samplegrad-vfp",
    "samplegrad-core",
    "samplegrad-snapshot",
    "samplegrad-tasks",
    "samplegrad-host",
    "samplegrad-lab",
    "samplegrad-learners",
    "samplegrad-cli",
];

pub fn check() -> Result<()> {
    let mut powerset = HACK.command()?;
    powerset.args(["check", "--quiet", "--locked", "--feature-powerset", "--lib"]).args(packages(&WITH_FEATURES));
    capture(&mut powerset).context("a set of features does not compile")?;
    println!("every set of features of {} compiles", WITH_FEATURES.join(", "));
    oldest_compiler()?;
    versions()
}

fn packages(names: &[&'static str]) -> impl Iterator<Item = &'static str> {
    names.iter().flat_map(|&name| ["--package", name])
}

/// Compiles with the oldest supported compiler, if rustup has it.
fn oldest_compiler() -> Result<()> {
    let manifest = files::read(&root().join("Cargo.toml"))?;
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'));
    let version = version.context("Cargo.toml states no rust-version")?;
    let toolchains = capture(clean("rustup").args(["toolchain", "list"])).unwrap_or_default();
    let Some(toolchain) = toolchains.split_whitespace().find(|name| name.starts_with(&format!("{version}."))) else {
        println!(
            "Rust {version} is not here: only clippy's lint `incompatible_msrv` in the step `lint` checks for it. To compile \
             with it here, run `rustup toolchain install {version}.0`"
        );
        return Ok(());
    };
    let mut check = clean("rustup");
    check.args(["run", toolchain, "cargo", "check", "--quiet", "--locked", "--lib"]).args(packages(&FOR_OLDEST));
    run(check.arg("--target-dir").arg(root().join("target/oldest")))?;
    println!("{} crates compile with Rust {version}", FOR_OLDEST.len());
    Ok(())
}

/// Fails unless the version fits the changes of the public interface since the last release. As a control, the same
/// changes must not fit the next minor version.
fn versions() -> Result<()> {
    capture(clean("git").args(["cat-file", "-e", RELEASED])).with_context(|| {
        format!("commit {RELEASED} of the last release is not in this clone; run `git fetch --unshallow`")
    })?;
    let compare = |minor: bool| -> Result<String> {
        let mut command = SEMVER_CHECKS.command()?;
        command.args(["--default-features", "--baseline-rev", RELEASED]).args(packages(&COMPARED));
        if minor {
            command.args(["--release-type", "minor"]);
        }
        capture(command.env("CARGO_TERM_COLOR", "never"))
    };
    compare(false).context("the version must rise further: the public interface has changed")?;
    let control = compare(true);
    let broken = control.as_ref().is_err_and(|error| format!("{error:#}").contains("requires new major version"));
    ensure!(broken, "removed items were not found when compared as a minor version: {control:?}");
    println!("the version of {} fits the changes since the last release", COMPARED.join(" and "));
    Ok(())
}
