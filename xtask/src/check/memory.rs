//! Record of the full tier's steps that have passed on a commit, so that an interrupted run can continue.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use xtask::shell::{capture, clean, root};

/// Steps that have passed on one commit, with their times. Nothing is recorded if the work tree differs from its
/// commit.
pub struct Memory {
    commit: Option<String>,
    passed: Vec<(String, Duration)>,
}

fn file() -> PathBuf {
    root().join("target/proof/passed.txt")
}

/// Returns the commit of the work tree, if the work tree has no changes.
fn commit() -> Option<String> {
    let git = |words: &[&str]| capture(clean("git").args(words)).ok();
    let changes = git(&["status", "--porcelain"])?;
    changes.is_empty().then(|| git(&["rev-parse", "HEAD"])).flatten().map(|commit| commit.trim().to_owned())
}

impl Memory {
    /// Creates a record that stores nothing.
    pub fn none() -> Self {
        Self { commit: None, passed: Vec::new() }
    }

    /// Reads the steps that have passed on the commit of the work tree.
    pub fn of_this_commit() -> Self {
        let Some(commit) = commit() else {
            println!("the work tree is not exactly a commit: passed steps are not kept");
            return Self::none();
        };
        let text = fs::read_to_string(file()).unwrap_or_default();
        let passed = parse(&text, &commit);
        Self { commit: Some(commit), passed }
    }

    /// Returns the time that a step took, if the step has passed.
    pub fn passed(&self, step: &str) -> Option<Duration> {
        self.passed.iter().find(|(name, _)| name == step).map(|(_, time)| *time)
    }

    /// Records that a step passed, unless the work tree has changed since the run began.
    pub fn keep(&mut self, step: &str, time: Duration) -> Result<()> {
        let Some(kept) = &self.commit else { return Ok(()) };
        if commit().as_ref() != Some(kept) {
            println!("the work tree has changed: passed steps are no longer kept");
            self.commit = None;
            return Ok(());
        }
        self.passed.retain(|(name, _)| name != step);
        self.passed.push((step.to_owned(), time));
        let lines = self.passed.iter().map(|(name, time)| format!("{name} {:.1}\n", time.as_secs_f64()));
        let text = format!("{kept}\n{}", lines.collect::<String>());
        let file = file();
        fs::create_dir_all(file.parent().context("a folder for the proof")?)?;
        let whole = file.with_extension("new");
        fs::write(&whole, text).with_context(|| format!("writing {}", whole.display()))?;
        fs::rename(&whole, &file).with_context(|| format!("writing {}", file.display()))
    }
}

/// Returns the steps in a file if the file is for this commit.
fn parse(text: &str, commit: &str) -> Vec<(String, Duration)> {
    let mut lines = text.lines();
    if lines.next() != Some(commit) {
        return Vec::new();
    }
    let step = |line: &str| {
        let (name, seconds) = line.split_once(' ')?;
        let time = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
        Some((name.to_owned(), time))
    };
    lines.filter_map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_commit_counts() {
        let text = "abc\nlint 12.5\ndevice 100.0\nbroken\nworse nan\n";
        let steps = parse(text, "abc");
        let due = [("lint", 12.5), ("device", 100.0)].map(|(name, s)| (name.to_owned(), Duration::from_secs_f64(s)));
        assert_eq!(steps, due);
        assert!(parse(text, "abd").is_empty());
        assert!(parse("", "abc").is_empty());
    }
}
