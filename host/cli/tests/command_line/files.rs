//! Tests of files that cannot be written: each gives a clear error, and no partial output.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::{folder, succeeds};

/// Arguments for 200 KB of noise, more than the limit.
const NOISE: [&str; 8] = ["sample", "--noise", "normal", "--rows", "5000", "--columns", "10", "--out"];

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Checks that a file-size limit reached in the middle of a file, like a full disk, gives an error.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full() {
    let folder = folder("full");
    let run = |file: &Path| {
        let script = "trap '' XFSZ; ulimit -f 16; exec \"$@\"";
        let mut words = vec!["-c", script, "sh", env!("CARGO_BIN_EXE_samplegrad")];
        words.extend(NOISE);
        Command::new("sh").args(words).arg(file).output().unwrap()
    };
    for name in ["noise.csv", "noise.npy"] {
        let output = run(&folder.join(name));
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && output.stdout.is_empty());
        assert!(text.contains("cannot write") && text.contains(name) && text.contains("make room there"), "{text}");
        assert!(names(&folder).is_empty(), "{:?}", names(&folder));
    }
    // An existing file is unchanged.
    let file = folder.join("kept.csv");
    fs::write(&file, "kept").unwrap();
    assert!(!run(&file).status.success());
    assert_eq!((fs::read_to_string(&file).unwrap().as_str(), names(&folder).len()), ("kept", 1));
    // With enough room it is replaced.
    succeeds(&[&NOISE[..], &[file.to_str().unwrap()]].concat());
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 5000);
    assert_eq!(names(&folder), ["kept.csv"]);
}

/// Checks a folder of several files, and a checkpoint, which is written before learning starts.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_on_a_disk_that_is_full() {
    let folder = folder("full-folder");
    let digits = concat!(env!("CARGO_MANIFEST_DIR"), "/../../core/tasks/data/optdigits.csv");
    for (words, said) in [
        (vec!["train", digits, "--passes", "1"], "checkpoint; make room there, or choose another place with --out"),
        (vec!["compare", "toy", "--draws", "64", "--repeats", "0"], "cannot write in the folder"),
    ] {
        let out = folder.join(words[0]);
        let script = "trap '' XFSZ; ulimit -f 2; exec \"$@\"";
        let words = [&["-c", script, "sh", env!("CARGO_BIN_EXE_samplegrad")], &words[..], &["--out"]].concat();
        let output = Command::new("sh").args(words).arg(&out).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains(said) && text.contains("File too large"), "{text}");
        assert!(names(&out).is_empty(), "{:?}", names(&out));
    }
}

/// Checks that a device file is written directly, and that an error is reported when it is full.
#[cfg(target_os = "linux")]
#[test]
fn a_device_that_is_full() {
    let program = || Command::new(env!("CARGO_BIN_EXE_samplegrad"));
    let output = program().args(NOISE).arg("/dev/full").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && text.contains("cannot write /dev/full") && text.contains("No space left"),
        "{text}"
    );
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = program().args(&NOISE[..7]).stdout(Stdio::from(full)).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("cannot print") && text.contains("No space left"), "{text}");
    use std::os::unix::fs::FileTypeExt;
    assert!(fs::metadata("/dev/full").unwrap().file_type().is_char_device());
}

#[test]
fn places_that_are_taken() {
    let folder = folder("taken");
    let inside = folder.join("folder.csv");
    fs::create_dir(&inside).unwrap();
    crate::fails(&[&NOISE[..], &[inside.to_str().unwrap()]].concat(), &["cannot replace", "--out"]);
    let nowhere = folder.join("nowhere/noise.csv");
    crate::fails(&[&NOISE[..], &[nowhere.to_str().unwrap()]].concat(), &["cannot write", "No such file"]);
    assert_eq!(names(&folder), ["folder.csv"]);
}
