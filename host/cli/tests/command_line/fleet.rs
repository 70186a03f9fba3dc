//! Tests of `samplegrad fleet`: each device equals the one that `samplegrad train` trains.

use std::fs;

use serde_json::Value;

use crate::{fails, folder, succeeds, train::clouds};

#[test]
fn a_device_of_a_fleet_is_the_device_alone() {
    let folder = folder("fleet");
    let (clouds, features, labels) = clouds(&folder);
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let base = ["fleet", &clouds, "--passes", "2", "--seed", "9", "--first", "5", "--devices", "21"];
    let run = |words: &[&str], name: &str| {
        let (curve, reports) = (file(&format!("{name}-curve.csv")), file(&format!("{name}-reports.csv")));
        let text = succeeds(&[&base[..], words, &["--curve", &curve, "--reports", &reports, "--json"]].concat());
        let value: Value = serde_json::from_str(&text).unwrap();
        let read = |file: &str| fs::read_to_string(file).unwrap();
        (read(&curve), read(&reports), value["sum_of_fingerprints"].to_string(), value["mean_reward"].to_string())
    };
    let whole = run(&[], "whole");
    for (name, words) in [
        ("one", ["--threads", "1", "--lanes", "one"]),
        ("four", ["--threads", "2", "--lanes", "four"]),
        ("best", ["--threads", "2", "--lanes", "best"]),
    ] {
        assert_eq!(run(&words, name), whole, "{name}");
    }
    assert_eq!(whole.0.lines().count(), 3);
    assert!(whole.0.starts_with("steps,mean_reward\n320,") && whole.0.contains("\n640,"));
    for device in ["5", "17"] {
        let out = file(&format!("alone-{device}"));
        let words = ["train", &features, "--labels", &labels, "--passes", "2", "--seed", "9", "--device", device];
        let value: Value = serde_json::from_str(&succeeds(&[&words[..], &["--json", "--out", &out]].concat())).unwrap();
        let rewards: u64 = (0..2).map(|pass| value["rewards"][pass].as_u64().unwrap()).sum();
        let line = format!("\n{device},{rewards},{}\n", value["fingerprint"].as_str().unwrap());
        assert!(whole.1.contains(&line), "no `{line}` in\n{}", whole.1);
    }
    // Text output, without reports.
    assert!(succeeds(&base).contains(&format!("sum of fingerprints  {}", whole.2.trim_matches('"'))));
}

#[test]
fn fleets_that_cannot_live() {
    let folder = folder("fleet-words");
    let (clouds, ..) = clouds(&folder);
    let many = folder.join("many.csv");
    fs::write(&many, (0..21).map(|class| format!("0.5,{class}\n")).collect::<String>()).unwrap();
    fails(&["fleet", &clouds, "--devices", "0"], &["--devices, --steps: devices: there are none"]);
    fails(&["fleet", &clouds, "--steps", "0"], &["steps: there are none"]);
    fails(&["fleet", &clouds, "--window", "0"], &["--window: steps of a window: there are none"]);
    fails(&["fleet", &clouds, "--steps", "16777216"], &["--steps 16777216", "2^24"]);
    fails(&["fleet", &clouds, "--first", "18446744073709551615", "--devices", "2"], &["--first: device numbers"]);
    fails(&["fleet", &clouds, "--rate", "2000"], &["--rate: learning rate"]);
    fails(&["fleet", many.to_str().unwrap()], &["1 features and 21 classes", "samplegrad train"]);
    assert!(succeeds(&["fleet", "--help"]).contains("Examples:"));
}
