//! What the program `samplegrad` prints and writes, and what it says when it cannot.

mod compare;
mod files;
mod fleet;
mod replay;
mod tables;
mod train;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn samplegrad(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_samplegrad")).args(words).output().unwrap()
}

/// A folder of that name with nothing in it.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("samplegrad-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
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

/// Fails unless the program failed, printed nothing, and said all of this.
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
