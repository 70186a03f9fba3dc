//! `cargo xtask repeat`: runs every test program of the default tier repeatedly. Busy processes run at the same time.
//! This finds tests that fail at random.

use std::{
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xtask::shell::{capture, clean};

use crate::check;

/// Options: the number of runs of test programs, and the load beside them.
#[derive(Debug, clap::Args)]
pub struct Repeat {
    /// Words that select programs: runs the programs whose names contain one of the words
    names: Vec<String>,
    /// Runs of each program
    #[arg(long, default_value_t = 20)]
    times: u32,
    /// Busy processes beside the test programs
    #[arg(long, default_value_t = 2)]
    busy: u32,
}

/// A test program, and the working folder in which cargo runs it.
struct Program {
    name: String,
    file: PathBuf,
    folder: PathBuf,
}

/// Processes that each keep one core busy. Dropping this value ends them.
struct Busy(Vec<Child>);

impl Busy {
    fn start(count: u32) -> Result<Self> {
        let mut all = Self(Vec::new());
        for _ in 0..count {
            let mut command = clean("sh");
            let child = command.args(["-c", "while :; do :; done"]).stdin(Stdio::null()).spawn();
            all.0.push(child.context("cannot start `sh`")?);
        }
        Ok(all)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // The error is ignored, because the process may already have ended.
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// Runs the programs. Fails if a run fails.
pub fn run(repeat: &Repeat) -> Result<()> {
    ensure!(repeat.times > 0, "--times: at least one run is needed");
    let programs = programs()?;
    let wanted = |program: &&Program| {
        repeat.names.is_empty() || repeat.names.iter().any(|name| program.name.contains(name.as_str()))
    };
    let chosen: Vec<_> = programs.iter().filter(wanted).collect();
    ensure!(!chosen.is_empty(), "no test program is named so; `cargo xtask repeat --times 1` prints all names");
    let _busy = Busy::start(repeat.busy)?;
    let mut failures = Vec::new();
    for program in chosen {
        let start = Instant::now();
        let mut failed = 0;
        for time in 1..=repeat.times {
            let mut command = clean(&program.file);
            command.arg("--quiet").current_dir(&program.folder).env("CARGO_MANIFEST_DIR", &program.folder);
            if let Err(error) = capture(&mut command) {
                failed += 1;
                println!("{}, run {time}: {error:#}", program.name);
            }
        }
        println!(
            "{:40} {failed} of {} runs failed, {:.1} s",
            program.name,
            repeat.times,
            start.elapsed().as_secs_f64()
        );
        if failed > 0 {
            failures.push(program.name.as_str());
        }
    }
    if !failures.is_empty() {
        bail!("{} test programs failed by chance: {}", failures.len(), failures.join(", "));
    }
    Ok(())
}

/// Builds the test programs of the default tier and lists them.
fn programs() -> Result<Vec<Program>> {
    let mut build = check::workspace::test_programs();
    let messages = capture(build.args(["--no-run", "--message-format=json"]))?;
    let mut programs = Vec::new();
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        let message: Value = serde_json::from_str(line).context("a message of cargo")?;
        let (Some(file), Some(true)) = (message["executable"].as_str(), message["profile"]["test"].as_bool()) else {
            continue;
        };
        let manifest = message["manifest_path"].as_str().context("a test program without a manifest")?;
        let folder = Path::new(manifest).parent().context("a manifest without a folder")?.to_owned();
        let package = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let target = message["target"]["name"].as_str().unwrap_or_default();
        programs.push(Program { name: format!("{package}: {target}"), file: file.into(), folder });
    }
    ensure!(!programs.is_empty(), "cargo built no test program");
    Ok(programs)
}
