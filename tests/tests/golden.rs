//! Every golden suite that has a counterpart: in scalar form, and in lanes with another case in each.

use std::{collections::BTreeMap, fs};

use samplegrad_conformance::suites::{self, MAX_WORDS, SUITES, Suite};
use samplegrad_core::lane::{Lane, Word};
use samplegrad_host::{F32x4, F32x8, F32x16};
use samplegrad_tests::{
    compare::{self, Worst},
    golden,
};

/// Files without a counterpart in the core yet, and why.
const NOT_COVERED: &[(&str, &str)] = &[];

/// Runs elsewhere: a whole learning run is in `replay_digits.rs`.
const ELSEWHERE: [&str; 1] = ["replay_digits"];

#[test]
fn every_file_is_covered_or_listed() {
    for file in fs::read_dir(golden::folder()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let ways = [
            SUITES.iter().any(|suite| suite.name == name),
            NOT_COVERED.iter().any(|(listed, _)| *listed == name),
            ELSEWHERE.contains(&name.as_str()),
        ];
        assert_eq!(ways.into_iter().filter(|&way| way).count(), 1, "{name} must be covered in one way");
    }
}

#[test]
fn scalar() {
    let mut failures = Vec::new();
    for (number, suite) in (0..).zip(SUITES) {
        let mut worst = Worst::default();
        let cases = golden::covered(suite).unwrap();
        for (case, input) in &cases {
            let mut output = [0; MAX_WORDS];
            let Some(length) = suites::run(number, input, &mut output) else {
                failures.push(format!("{}: refused", case.id));
                continue;
            };
            if let Err(error) = compare::check(suite, case, &output[..length], &mut worst) {
                failures.push(format!("{error:#}"));
            }
        }
        println!(
            "{:22} {:3} cases, worst error {:.0} % of allowed, {}",
            suite.name,
            cases.len(),
            100.0 * worst.share,
            worst.place
        );
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Cases that can run side by side: of one shape, with the same steering parameters.
fn groups(suite: &Suite) -> Vec<Vec<Vec<u32>>> {
    let mut groups: BTreeMap<Vec<u32>, Vec<Vec<u32>>> = BTreeMap::new();
    for (case, input) in golden::covered(suite).unwrap() {
        let mut key = Vec::new();
        for &name in suite.inputs {
            let words = case.inputs[name].to_words();
            key.push(words.len() as u32);
            if suite.shared.contains(&name) {
                key.extend(words);
            }
        }
        groups.entry(key).or_default().push(input);
    }
    groups.into_values().collect()
}

fn lanes<L: Lane>() {
    for (number, suite) in (0..).zip(SUITES) {
        for group in groups(suite) {
            let scalar = |input: &[u32]| {
                let mut output = [0; MAX_WORDS];
                suites::run(number, input, &mut output).map(|length| output[..length].to_vec())
            };
            for first in 0..group.len() {
                let cases: Vec<&[u32]> =
                    (0..L::LANES).map(|lane| group[(first + lane) % group.len()].as_slice()).collect();
                let mut output = [L::Word::splat(0); MAX_WORDS];
                let length = suites::run_in_lanes::<L>(number, &cases, &mut output).unwrap();
                for (lane, case) in cases.iter().enumerate() {
                    let expected = scalar(case).unwrap();
                    assert_eq!(length, expected.len());
                    for (place, (&expected, found)) in expected.iter().zip(&output).enumerate() {
                        let found = found.extract(lane);
                        let nan = f32::from_bits(expected).is_nan() && f32::from_bits(found).is_nan();
                        assert!(
                            expected == found || nan,
                            "{}, lane {lane} of {}, word {place}: {found:08x}, scalar {expected:08x}",
                            suite.name,
                            L::LANES
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn four_lanes() {
    lanes::<F32x4>();
}

#[test]
fn eight_lanes() {
    lanes::<F32x8>();
}

#[test]
fn sixteen_lanes() {
    lanes::<F32x16>();
}
