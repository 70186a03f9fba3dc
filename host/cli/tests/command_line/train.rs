//! Tests of `samplegrad train`: the bits of the firmware's learner, interrupted and resumed runs, and refused inputs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use samplegrad_core::stream;
use samplegrad_tasks::digits_bandit::{Bandit, SEED};
use serde_json::Value;

use crate::{fails, folder, samplegrad, succeeds};

/// Returns the path of this repository's digits.
fn digits() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/tasks/data/optdigits.csv");
    file.to_str().unwrap().to_owned()
}

fn reals(file: &Path) -> Vec<f32> {
    npyz::NpyFile::new(fs::File::open(file).unwrap()).unwrap().into_vec().unwrap()
}

/// Reads all files of a folder.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn the_digits_as_a_device_learns_them() {
    let (folder, digits) = (folder("train-digits"), digits());
    let out = folder.join("out");
    let words = ["train", &digits, "--scale", "16", "--passes", "2", "--device", "5", "--out", out.to_str().unwrap()];
    let value: Value = serde_json::from_str(&succeeds(&[&words[..], &["--json"]].concat())).unwrap();

    let (mut device, mut rng) = (Bandit::<f32>::new().unwrap(), stream::xorshift(SEED, 5));
    let mut passes = Vec::new();
    for pass in 0..2 {
        let rewards = device.pass(pass, 2, &mut rng).unwrap();
        passes.push((rewards as u64, device.held_out_right() as u64));
    }
    let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&reals(&out.join("weights.npy"))), bits(device.weights().as_flattened()));
    assert_eq!(bits(&reals(&out.join("bias.npy"))), bits(device.bias()));
    assert_eq!(value["fingerprint"], format!("{:016x}", device.fingerprint(0)));
    let curve = fs::read_to_string(out.join("curve.csv")).unwrap();
    for (number, (rewards, right)) in passes.iter().enumerate() {
        assert_eq!(
            (&value["rewards"][number], &value["held_out_right"][number]),
            (&(*rewards).into(), &(*right).into())
        );
        let steps = 1438 * (number + 1);
        assert!(curve.contains(&format!("{},{steps},{rewards},{right},359\n", number + 1)), "{curve}");
    }
    assert!(fs::read_to_string(out.join("curve.svg")).unwrap().contains("passes over 1438 rows"));
    assert!(!out.join("checkpoint").exists());
}

/// Writes two clouds of points, each a class, as CSV with the class last, and as separate features and labels.
pub fn clouds(folder: &Path) -> (String, String, String) {
    let noise = succeeds(&["sample", "--noise", "normal", "--rows", "400", "--columns", "2"]);
    let (mut together, mut features, mut labels) = (String::new(), String::new(), String::new());
    for (row, line) in noise.lines().enumerate() {
        let class = row % 2;
        let shifted: Vec<f32> = line.split(',').map(|x| x.parse::<f32>().unwrap() + 4.0 * class as f32 - 2.0).collect();
        together += &format!("{:?},{:?},{class}\n", shifted[0], shifted[1]);
        features += &format!("{:?},{:?}\n", shifted[0], shifted[1]);
        labels += &format!("{class}\n");
    }
    let file = |name: &str, text: String| {
        fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    };
    (file("clouds.csv", together), file("features.csv", features), file("labels.csv", labels))
}

#[test]
fn every_baseline_learns_and_goes_on_to_the_same_bits() {
    let folder = folder("train-baselines");
    let (clouds, features, labels) = clouds(&folder);
    for baseline in ["action-model", "linear-critic", "moving-average", "none"] {
        let out = |name: &str| folder.join(format!("{baseline}-{name}"));
        let (whole, parts) = (out("whole"), out("parts"));
        let base = ["train", "--baseline", baseline, "--passes", "3", "--seed", "9"];
        let to = |folder: &Path| vec!["--out".to_owned(), folder.to_str().unwrap().to_owned()];
        let run = |words: &[&str], folder: &Path| {
            let to = to(folder);
            succeeds(&[&base[..], words, &to.iter().map(String::as_str).collect::<Vec<_>>()].concat())
        };
        let said = run(&[&clouds], &whole);
        assert!(said.contains("right held out"), "{said}");
        let value: Value = serde_json::from_slice(&fs::read(whole.join("train.json")).unwrap()).unwrap();
        // In each coordinate, the clouds are two standard deviations to either side of 0. A line between them
        // classifies 99.8 % of points correctly; there are 80 held-out rows.
        assert!(value["held_out_right"][2].as_u64() >= Some(76), "{baseline}: {value}");
        // In three parts, with the labels in a separate file.
        let apart = [features.as_str(), "--labels", &labels];
        assert_eq!(run(&[&apart[..], &["--stop-after", "100"]].concat(), &parts), "");
        assert_eq!(run(&[&apart[..], &["--stop-after", "777", "--resume"]].concat(), &parts), "");
        assert_eq!(contents(&parts).len(), 1);
        run(&[&apart[..], &["--resume"]].concat(), &parts);
        assert_eq!(contents(&parts), contents(&whole), "{baseline}");
    }
}

/// Checks that Ctrl-C leaves a checkpoint that equals the checkpoint of a run with `--stop-after` at the same step.
#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_checkpoint() {
    use nix::sys::signal::{Signal, kill};

    let (folder, digits) = (folder("train-interrupted"), digits());
    let (out, same) = (folder.join("out"), folder.join("same"));
    // Enough passes that the run does not end before it is stopped.
    let words = ["train", &digits, "--scale", "16", "--passes", "1000000", "--out"];
    let mut running = Command::new(env!("CARGO_BIN_EXE_samplegrad"));
    let running = running.args(words).arg(&out).stderr(Stdio::piped()).spawn().unwrap();
    let limit = Instant::now() + Duration::from_secs(60);
    while !out.join("checkpoint").exists() && Instant::now() < limit {
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(50));
    kill(nix::unistd::Pid::from_raw(running.id().cast_signed()), Signal::SIGINT).unwrap();
    let output = running.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    let steps = said.split_whitespace().nth(2).unwrap();
    // On a busy machine the number of steps may be 0.
    assert!(said.contains("--resume") && steps.parse::<u64>().is_ok(), "{said}");
    succeeds(&[&words[..], &[same.to_str().unwrap(), "--stop-after", steps]].concat());
    assert_eq!(contents(&out), contents(&same));
    assert_eq!(contents(&out).len(), 1);
}

/// Appends the CRC-32 of the bytes.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let step = |sum: u32| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg());
    let sum = !bytes.iter().fold(!0, |sum, &byte| (0..8).fold(sum ^ u32::from(byte), |sum, _| step(sum)));
    [bytes, &sum.to_le_bytes()].concat()
}

#[test]
fn checkpoints_that_cannot_be_gone_on_from() {
    let folder = folder("train-checkpoints");
    let (clouds, features, labels) = clouds(&folder);
    let out = folder.join("out");
    let base = ["train", &clouds, "--passes", "2", "--out", out.to_str().unwrap()];
    let with = |words: &[&'static str]| [&base[..], words].concat();
    fails(&with(&["--resume"]), &["cannot read", "checkpoint", "without --resume"]);
    succeeds(&with(&["--stop-after", "30"]));
    let checkpoint = out.join("checkpoint");
    let good = fs::read(&checkpoint).unwrap();
    fails(&with(&[]), &["a run that is not over", "--resume", "--restart"]);
    fails(&with(&["--resume", "--rate", "0.1"]), &["another --rate"]);
    fails(&with(&["--resume", "--seed", "1"]), &["another --seed"]);
    fails(&with(&["--resume", "--scale", "2"]), &["of other data"]);
    fails(&with(&["--resume", "--baseline", "none"]), &["cannot be gone on from", "of something else"]);
    let other = ["train", &features, "--labels", &labels, "--passes", "3", "--resume", "--out", out.to_str().unwrap()];
    fails(&other, &["another --passes"]);
    let damaged = |bytes: &[u8], said: &str| {
        fs::write(&checkpoint, bytes).unwrap();
        fails(&with(&["--resume"]), &["checkpoint cannot be gone on from", said]);
    };
    let mut flipped = good.clone();
    flipped[200] ^= 1;
    damaged(&flipped, "damaged, checksum");
    damaged(&good[..good.len() - 1], "bytes, at least");
    damaged(b"", "bytes, at least");
    damaged(b"hello", "not a snapshot");
    // A version with other bits, and release 0.1.0, whose format did not contain the version of the bits.
    let of_bits = |bits: u32| sealed(&[&good[..20], &bits.to_le_bytes(), &good[24..good.len() - 4]].concat());
    damaged(&of_bits(7), "the checkpoint has bits 7, this program has bits 2");
    let first = sealed(&[&good[..4], &[1, 0, 0, 0], &good[8..20], &good[24..good.len() - 4]].concat());
    damaged(&first, "the checkpoint has bits 1, this program has bits 2");
    assert_eq!(of_bits(2), good);
    succeeds(&with(&["--restart"]));
    assert!(!checkpoint.exists() && out.join("weights.npy").exists());
}

#[test]
fn data_that_cannot_be_learned_from() {
    let folder = folder("train-data");
    let (_, features, labels) = clouds(&folder);
    let (file, out) = (folder.join("data.csv"), folder.join("out"));
    let out = out.to_str().unwrap();
    let word = file.to_str().unwrap();
    for (text, said) in [
        ("1,2,0\n1,2,0.5\n", "data.csv: line 2, column 3: 0.5 is no class"),
        ("1,2,0\n1,2,64\n", "line 2, column 3: 64.0 is no class, an integer from 0 to 63"),
        ("1,2,0\n1,nan,1\n", "line 2, column 2: NaN, a feature must be at most 1e6"),
        ("1,2,0\n1,1e7,1\n", "line 2, column 2: 10000000.0, a feature"),
        ("1,2,0\n1,2\n", "line 2, column 3: missing"),
        ("1\n", "one column"),
    ] {
        fs::write(&file, text).unwrap();
        fails(&["train", word, "--out", out], &[said]);
    }
    fs::write(&file, "0\n1\n").unwrap();
    fails(&["train", &features, "--labels", word, "--out", out], &["data.csv: 2 labels", "features.csv has 400 rows"]);
    fs::write(&file, "-1\n".repeat(400)).unwrap();
    fails(&["train", &features, "--labels", word, "--out", out], &["line 1, column 1: `-1` is not a class"]);
    let base = ["train", &features, "--labels", &labels, "--out", out];
    fails(&[&base[..], &["--rate", "-1"]].concat(), &["--rate: learning rate: -1"]);
    fails(&[&base[..], &["--model-rate", "0"]].concat(), &["--model-rate: learning rate: 0"]);
    fails(&[&base[..], &["--held-out", "1"]].concat(), &["--held-out 1 leaves no row"]);
    fails(&[&base[..], &["--scale", "0"]].concat(), &["--scale 0"]);
    assert!(!Path::new(out).exists());
    assert!(samplegrad(&["train", "--help"]).stdout.starts_with(b"Trains a policy"));
}
