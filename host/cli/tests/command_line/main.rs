//! Tests of the program `samplegrad`: printed and written output, and error messages.

mod compare;
mod files;
mod fleet;
mod inputs;
mod replay;
mod tables;
mod train;

use std::{
    ops::Deref,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

fn samplegrad(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_samplegrad")).args(words).output().unwrap()
}

/// An empty folder of this test process, removed at the end.
struct Folder(TempDir);

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        self.0.path()
    }
}

/// Creates a folder whose name contains the test's name.
fn folder(name: &str) -> Folder {
    Folder(TempDir::with_prefix_in(format!("samplegrad-{name}-"), env!("CARGO_TARGET_TMPDIR")).unwrap())
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn succeeds(words: &[&str]) -> String {
    let output = samplegrad(words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    out(&output)
}

/// Checks that the program fails, prints nothing on the standard output, and reports all of `said`.
#[track_caller]
fn fails(words: &[&str], said: &[&str]) {
    let output = samplegrad(words);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty(), "{words:?} succeeded");
    assert!(!text.contains("panicked"), "{text}");
    for words in said {
        assert!(text.contains(words), "it did not say `{words}`:\n{text}");
    }
}
