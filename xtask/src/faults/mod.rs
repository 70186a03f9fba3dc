//! `cargo xtask faults`: plants faults in a copy of the sources, one at a time. Each fault must make a test of the
//! default tier fail.

mod list;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};
use xtask::shell::{capture, clean, root};

use self::list::{FAULTS, Fault};

/// Faults to plant.
#[derive(Debug, clap::Args)]
pub struct Faults {
    /// Names of faults; default: all
    names: Vec<String>,
    /// Lists the faults without planting them
    #[arg(long)]
    list: bool,
}

/// Plants faults; fails unless each is caught and the tests pass without a fault.
pub fn run(faults: &Faults) -> Result<()> {
    if faults.list {
        FAULTS.iter().for_each(|fault| println!("{:28} {:44} {}", fault.name, fault.file, fault.test.join(" ")));
        return Ok(());
    }
    if let Some(unknown) = faults.names.iter().find(|name| FAULTS.iter().all(|fault| fault.name != **name)) {
        bail!("there is no fault `{unknown}`; `cargo xtask faults --list` lists them");
    }
    let chosen = |fault: &&Fault| faults.names.is_empty() || faults.names.iter().any(|name| name == fault.name);
    let chosen: Vec<_> = FAULTS.iter().filter(chosen).collect();
    let copy = copy_of_sources()?;

    let mut tests: Vec<_> = chosen.iter().map(|fault| fault.test).collect();
    tests.sort_unstable();
    tests.dedup();
    for words in tests {
        test(&copy, words).with_context(|| format!("without a fault `cargo test {}` fails", words.join(" ")))?;
    }
    println!("without a fault every test passes");

    let mut missed = Vec::new();
    for fault in chosen {
        let file = copy.join(fault.file);
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let start = Instant::now();
        fs::write(&file, plant(fault, &text)?).with_context(|| format!("writing {}", file.display()))?;
        let result = test(&copy, fault.test);
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        let verdict = match &result {
            Ok(()) => {
                missed.push(fault.name);
                "MISSED".to_owned()
            }
            Err(error) => failed_test(&format!("{error:#}")).with_context(|| format!("{}: {error:#}", fault.name))?,
        };
        println!("{:28} {:5.0} s  {verdict}", fault.name, start.elapsed().as_secs_f64());
    }
    ensure!(missed.is_empty(), "{} faults were not caught: {}", missed.len(), missed.join(", "));
    Ok(())
}

/// Returns the text of a file with the fault.
fn plant(fault: &Fault, text: &str) -> Result<String> {
    let places = text.matches(fault.right).count();
    ensure!(places == 1, "{}: its text is in {} {places} times, not once", fault.name, fault.file);
    Ok(text.replacen(fault.right, fault.wrong, 1))
}

/// Returns the first test that failed. A fault that does not compile is an error, because no test caught it.
fn failed_test(output: &str) -> Result<String> {
    let mut lines = output.lines().map(str::trim);
    let first = lines.find_map(|line| line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----")));
    first.map(|name| format!("caught by `{name}`")).context("no test failed, the build did")
}

fn test(copy: &Path, words: &[&str]) -> Result<()> {
    let mut command = clean("cargo");
    command.args(["test", "--quiet", "--locked", "--target-dir"]).arg(root().join("target")).args(words);
    capture(command.current_dir(copy)).map(drop)
}

/// Copies all files tracked by git, as they are in the work tree, to a separate folder.
fn copy_of_sources() -> Result<PathBuf> {
    let copy = root().join("target/faults/source");
    let listed = capture(clean("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]))
        .context("the faults are planted in a copy of the files that git tracks")?;
    for name in listed.lines() {
        let (from, to) = (root().join(name), copy.join(name));
        let Ok(bytes) = fs::read(&from) else { continue };
        // Unchanged files are not written, so that cargo does not build them again.
        if fs::read(&to).is_ok_and(|there| there == bytes) {
            continue;
        }
        fs::create_dir_all(to.parent().context("a file without a folder")?)?;
        fs::write(&to, bytes).with_context(|| format!("writing {}", to.display()))?;
    }
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_can_be_planted() {
        for fault in &FAULTS {
            let text = fs::read_to_string(root().join(fault.file)).unwrap();
            assert_ne!(plant(fault, &text).unwrap(), text, "{}", fault.name);
        }
        let mut names: Vec<_> = FAULTS.iter().map(|fault| fault.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FAULTS.len());
    }

    #[test]
    fn a_build_that_fails_is_no_catch() {
        assert!(failed_test("error[E0308]: mismatched types").is_err());
        assert_eq!(failed_test("failures:\n\n---- a::b stdout ----\nx").unwrap(), "caught by `a::b`");
    }
}
