//! Command-line errors: a non-zero exit code, a message that names the remedy, nothing half-done.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Creates a `PATH` with only these programs, so that there is no emulator unless it is one of them.
fn machine(name: &str, programs: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for (program, script) in programs {
        let file = folder.join(program);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

fn xtask(path: Option<&Path>, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    if let Some(path) = path {
        command.env("PATH", path);
    }
    command.args(words).output().unwrap()
}

/// Fails unless the command failed and its output contains all these texts.
#[track_caller]
fn fails(output: &Output, said: &[&str]) {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success(), "it succeeded:\n{text}");
    for words in said {
        assert!(text.contains(words), "it did not say `{words}`:\n{text}");
    }
}

const BY_HAND: [&str; 3] = ["by hand", "apt-get install -y --no-install-recommends", "rustup target add"];

#[test]
fn no_way_to_install() {
    let machine = machine("no-apt", &[]);
    for task in [&["demo"][..], &["setup"], &["test", "setup"]] {
        let output = xtask(Some(&machine), task);
        fails(&output, &["missing here: ", "qemu-system-arm", "no apt-get, so nothing was installed"]);
        fails(&output, &BY_HAND);
    }
}

#[test]
fn no_rights_to_install() {
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-rights.log");
    let _ = fs::remove_file(&log);
    let spy = format!("echo ran >> {}", log.display());
    let machine = machine("no-rights", &[("id", "echo 1000"), ("apt-get", &spy), ("sudo", "exit 1")]);
    let output = xtask(Some(&machine), &["demo"]);
    fails(&output, &["no rights to install: neither root nor sudo without a password"]);
    fails(&output, &BY_HAND);
    assert!(!log.exists(), "apt-get ran without rights");
}

#[test]
fn packages_that_cannot_be_had() {
    let machine = machine("no-network", &[("id", "echo 0"), ("apt-get", "exit 100")]);
    let output = xtask(Some(&machine), &["demo"]);
    fails(&output, &["`apt-get update --quiet=2` failed", "the packages could not be installed"]);
    fails(&output, &BY_HAND);
}

#[test]
fn packages_that_do_not_help() {
    let machine = machine("no-use", &[("id", "echo 0"), ("apt-get", "exit 0")]);
    fails(&xtask(Some(&machine), &["setup"]), &["still missing", "qemu-system-arm"]);
}

#[test]
fn words_that_mean_nothing() {
    fails(&xtask(None, &["test", "nonsense"]), &["there is no step `nonsense`", "--list"]);
    fails(&xtask(None, &["test", "--quick", "--full"]), &["--quick", "--full"]);
    fails(&xtask(None, &["test", "--again"]), &["--full"]);
    fails(&xtask(None, &[]), &["Usage: cargo xtask"]);
}

#[test]
fn steps_are_listed() {
    let output = xtask(None, &["test", "--list"]);
    assert!(output.status.success());
    for step in ["setup", "lint", "statistics", "device", "replay"] {
        assert!(String::from_utf8_lossy(&output.stdout).contains(step), "{step} is not listed");
    }
}
