//! Errors of the demo at the command line.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn tasks(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask-host")).args(words).output().unwrap()
}

/// Fails unless the command failed with a message that contains all these words.
#[track_caller]
fn fails(output: &Output, due: &[&str]) {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success(), "it succeeded:\n{text}");
    for words in due {
        assert!(text.contains(words), "no `{words}` in:\n{text}");
    }
}

#[test]
fn unknown_words() {
    fails(&tasks(&["demo", "--devices", "0"]), &["--devices", "1..=4096"]);
    fails(&tasks(&["demo", "--passes", "many"]), &["--passes"]);
    fails(&tasks(&["expected", "cobol"]), &["cobol", "possible values"]);
    fails(&tasks(&[]), &["Usage: cargo xtask"]);
}

#[test]
fn a_folder_that_cannot_be_made() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("a-file");
    fs::write(&file, "kept").unwrap();
    let output = tasks(&["demo", "--out", &file.join("report").to_string_lossy()]);
    fails(&output, &["cannot make the folder", "choose another with --out"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
}
