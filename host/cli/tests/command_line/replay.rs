//! Tests of `samplegrad replay`, with the log of an emulated device.
//!
//! The folder `device` has the log that `cargo xtask demo --device 7 --passes 3` leaves in `target/demo`, and the ELF
//! file of the firmware reduced to the texts (`arm-none-eabi-objcopy -w --only-section=.defmt --strip-debug -K '*tag*'
//! -K '_defmt*' --strip-unneeded`). Record both files again when the version of the bits is raised or a firmware logs
//! another line:
//!
//! ```text
//! cargo xtask demo --device 7 --passes 3
//! cp target/demo/device.log host/cli/tests/command_line/device/
//! arm-none-eabi-objcopy -w --only-section=.defmt --strip-debug -K '*tag*' -K '_defmt*' --strip-unneeded \
//!     target/demo/digits-bandit host/cli/tests/command_line/device/digits-bandit
//! ```
//!
//! The folder `device/first` has the same files of release 0.1.0, whose firmware does not log the version of the bits.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{fails, folder, samplegrad, succeeds};

const DEVICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/command_line/device");

fn log() -> String {
    format!("{DEVICE}/device.log")
}

fn elf() -> String {
    format!("{DEVICE}/digits-bandit")
}

/// Runs a replay in which device and host differ, and returns its output; the exit code is 1, and the standard error is
/// empty.
#[track_caller]
fn departs(log: &str, numbers: &[&str]) -> String {
    let output = samplegrad(&[&["replay", log, "--elf", &elf()], numbers].concat());
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_device_did_what_its_host_does() {
    let text = succeeds(&["replay", &log(), "--elf", &elf(), "7", "3", "3"]);
    // 1 + 3 lines of passes, 64 of weights, one of the biases, one of the fingerprint.
    assert_eq!(text, "digits-bandit 7: device and host agree in all 70 messages, to step 4314\n");
    let words = ["replay", &log(), "--elf", &elf(), "7", "3", "3", "--json"];
    let value: Value = serde_json::from_str(&succeeds(&words)).unwrap();
    assert_eq!((&value["agreed_steps"], &value["complete"]), (&4314.into(), &true.into()));
    assert!(value["departure"].is_null());
    assert_eq!((&value["device_bits"], &value["host_bits"]), (&2.into(), &2.into()));
}

/// Checks that a log of release 0.1.0 is replayed, and that the output reports its bits as different from this
/// program's.
#[test]
fn a_device_of_other_bits_is_named() {
    let (log, elf) = (format!("{DEVICE}/first/device.log"), format!("{DEVICE}/first/digits-bandit"));
    let named = "the device has bits 1, this program has bits 2: they are not expected to agree";
    for numbers in [["7", "3", "3"], ["8", "3", "3"]] {
        let output = samplegrad(&[&["replay", &log, "--elf", &elf][..], &numbers].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(named), "{text}");
        assert_eq!(text.contains("departs"), output.status.code() == Some(1), "{text}");
    }
    let output = samplegrad(&["replay", &log, "--elf", &elf, "7", "3", "3", "--json"]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&value["device_bits"], &value["host_bits"]), (&1.into(), &2.into()));
}

#[test]
fn where_a_device_departs() {
    // The first pass of a longer schedule is identical; the second pass is not.
    let text = departs(&log(), &["7", "3", "4"]);
    assert!(text.contains("departs between steps 1438 and 2876, after 2 messages that agree"), "{text}");
    assert!(text.contains("the device says: pass 2 rewards") && text.contains("the host says:   pass 2 rewards"));
    let text = departs(&log(), &["8", "3", "3"]);
    assert!(text.contains("departs at step 0, after 0 messages") && text.contains("says:   device 8 knows nothing"));
    let value: Value = serde_json::from_str(&departs(&log(), &["7", "2", "3", "--json"])).unwrap();
    let departure = &value["departure"];
    assert_eq!((&departure["after_messages"], &departure["by_step"]), (&3.into(), &2876.into()));
    assert!(departure["device"].as_str().unwrap().starts_with("pass 3"));
    assert!(departure["host"].as_str().unwrap().starts_with("weights 0"));
}

#[test]
fn a_log_that_is_cut_or_damaged() {
    let folder = folder("replay");
    let (whole, file) = (fs::read(log()).unwrap(), folder.join("cut.log"));
    let word = file.to_str().unwrap();
    let elf = elf();
    let words = ["replay", word, "--elf", &elf, "7", "3", "3"];
    fs::write(&file, &whole[..1000]).unwrap();
    let text = succeeds(&words);
    assert!(text.contains("to step 4314; the log ends there, before the device's life does"), "{text}");
    fs::write(&file, "").unwrap();
    fails(&words, &["cut.log: no whole message"]);
    let mut damaged = whole.clone();
    damaged[60..80].fill(0);
    fs::write(&file, damaged).unwrap();
    fails(&words, &["cut.log; it is damaged", "cannot be read, after 6 messages"]);
    // One flipped bit of one weight leaves a valid frame with another number.
    let flipped = (100..whole.len()).find_map(|place| {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(&file, &bytes).unwrap();
        let output = samplegrad(&words);
        (output.status.code() == Some(1) && output.stderr.is_empty()).then(|| String::from_utf8(output.stdout).unwrap())
    });
    let text = flipped.unwrap();
    assert!(text.contains("departs") && text.contains("the device says: weights"), "{text}");
}

#[test]
fn words_that_mean_nothing() {
    let folder = folder("replay-words");
    let text = folder.join("text");
    fs::write(&text, "no firmware").unwrap();
    let text = text.to_str().unwrap();
    let (log, elf) = (log(), elf());
    fails(&["replay", &log], &["--elf"]);
    fails(&["replay", &log, "--elf", text], &["`text` is no firmware", "--firmware: digits-bandit"]);
    fails(&["replay", &log, "--elf", text, "--firmware", "cart-pole"], &["--elf: ", "text: "]);
    fails(&["replay", &log, "--elf", &elf, "1", "2", "3", "4"], &["4 numbers", "DEVICE PASSES SCHEDULE"]);
    fails(&["replay", &log, "--elf", &elf, "1", "3", "2"], &["3 passes are more than the 2"]);
    fails(&["replay", "missing.log", "--elf", &elf], &["cannot read missing.log", "No such file"]);
    assert!(Path::new(&elf).exists() && succeeds(&["replay", "--help"]).contains("Examples:"));
}
