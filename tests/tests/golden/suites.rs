//! Every golden suite that has a counterpart in the core: in scalar form, and in lanes with a different case in each.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use samplegrad_conformance::suites::{self, MAX_WORDS, Refusal, SUITES, Suite};
use samplegrad_core::lane::{Lane, Word};
use samplegrad_host::{F32x4, F32x8, F32x16};
use samplegrad_tests::{
    compare::{self, Worst},
    golden,
};

fn files() -> Vec<String> {
    let files = fs::read_dir(golden::folder()).unwrap().map(|file| file.unwrap().path());
    let mut names: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn every_file_is_covered_in_one_way() {
    for name in files() {
        let ways = [
            SUITES.iter().any(|suite| suite.name == name),
            golden::ELSEWHERE.iter().any(|&(elsewhere, ..)| elsewhere == name),
        ];
        assert_eq!(ways.into_iter().filter(|&way| way).count(), 1, "{name} must be covered in one way");
    }
}

/// Checks that every column of a golden file is an input of the core, an output compared with the core's, or listed as
/// descriptive with the reason, and that every listed column exists.
#[test]
fn every_column_is_used_or_descriptive() {
    for name in files() {
        let mut columns: BTreeSet<String> = BTreeSet::new();
        for case in golden::read(&name).unwrap() {
            columns.extend(case.inputs.into_keys().chain(case.outputs.into_keys()));
        }
        let mut used: Vec<&str> = Vec::new();
        match SUITES.iter().find(|suite| suite.name == name) {
            Some(suite) => {
                used.extend(suite.inputs.iter().chain(suite.outputs));
                // The tags of the cases name the family.
                used.retain(|&column| (name.as_str(), column) != ("families_icdf", "family"));
            }
            None => {
                let (_, file, columns) = golden::ELSEWHERE.iter().find(|(elsewhere, ..)| *elsewhere == name).unwrap();
                let test = fs::read_to_string(format!("{}/tests/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
                for column in *columns {
                    assert!(test.contains(&format!("\"{column}\"")), "{column} does not occur in {file}");
                }
                used.extend(*columns);
            }
        }
        let descriptive = golden::DESCRIPTIVE.iter().filter(|(file, ..)| *file == name);
        for &(_, column, reason) in descriptive {
            assert!(!reason.is_empty(), "{name}: {column} is descriptive for no reason");
            used.push(column);
        }
        let mut sorted = used.clone();
        sorted.sort_unstable();
        assert_eq!(
            sorted,
            Vec::from_iter(&columns),
            "{name}: columns that are used or descriptive, and those that are there"
        );
    }
    for (file, column, _) in golden::DESCRIPTIVE {
        assert!(files().iter().any(|name| name == file), "{file}, which {column} is to describe, is no file");
    }
}

/// Checks that results depend on every input column: a changed value changes some case's result, or is refused.
#[test]
fn every_input_makes_a_difference() {
    for (number, suite) in (0..).zip(SUITES) {
        let cases = golden::covered(suite).unwrap();
        let start_of = |input: &[u32], column: usize| (0..column).fold(0, |start, _| start + 1 + input[start] as usize);
        for (column, name) in suite.inputs.iter().enumerate() {
            let differs = cases.iter().any(|(_, input)| {
                let start = start_of(input, column);
                let (mut before, mut after, mut changed) = ([0; MAX_WORDS], [0; MAX_WORDS], input.clone());
                let expected = suites::run(number, input, &mut before);
                (start + 1..start + 1 + input[start] as usize).any(|place| {
                    // Changes the significand of a float, or the class or word.
                    changed[place] ^= if input[place] < 1 << 16 { 1 } else { 0x0010_00ff };
                    let found = suites::run(number, &changed, &mut after);
                    changed[place] = input[place];
                    found != expected || before != after
                })
            });
            assert!(differs, "{}: {name} changes nothing", suite.name);
        }
    }
}

/// Checks cases of all sizes up to the largest against sums in `f64`. The next size must be refused with an error that
/// contains the limit.
#[test]
fn policies_of_every_size() {
    let suite = SUITES.iter().position(|suite| suite.name == "online_softmax_policy").unwrap() as u32;
    let steps = 4;
    let case = |features: usize, classes: usize| -> Vec<u32> {
        let number = |i: usize| ((i * 7 % 11) as f32 - 5.0) * 0.125;
        let floats = |count: usize| -> Vec<u32> { (0..count).map(|i| number(i).to_bits()).collect() };
        let actions: Vec<u32> = (0..steps).map(|t| (t * 5 % classes) as u32).collect();
        let shared = |x: f32| vec![x.to_bits()];
        let arrays = [
            floats(features * classes),
            floats(features * steps),
            actions,
            floats(steps),
            shared(0.25),
            shared(0.0),
            shared(0.5),
            shared(0.125),
        ];
        arrays.into_iter().flat_map(|array| [vec![array.len() as u32], array].concat()).collect()
    };
    let array = |words: &[u32], which: usize| -> Vec<f64> {
        let start = (0..which).fold(0, |start, _| start + 1 + words[start] as usize);
        let of = start + 1..start + 1 + words[start] as usize;
        words[of].iter().map(|&word| f64::from(f32::from_bits(word))).collect()
    };
    for features in 1..=8 {
        for classes in 1..=8 {
            let input = case(features, classes);
            let mut output = [0; MAX_WORDS];
            let length = suites::run(suite, &input, &mut output).unwrap();
            let (mut w, x, rewards) = (array(&input, 0), array(&input, 1), array(&input, 3));
            let mut baseline = 0.125;
            for t in 0..steps {
                let x = &x[t * features..][..features];
                let logits = w.chunks(features).map(|w| w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>());
                let e: Vec<f64> = logits.map(f64::exp).collect();
                let total: f64 = e.iter().sum();
                for (k, w) in w.chunks_mut(features).enumerate() {
                    let score = f64::from(u8::from(k == t * 5 % classes)) - e[k] / total;
                    w.iter_mut().zip(x).for_each(|(w, x)| *w += 0.25 * (rewards[t] - baseline) * score * x);
                }
                baseline = 0.5 * baseline + 0.5 * rewards[t];
            }
            for (found, expected) in array(&output[..length], 0).into_iter().zip(w) {
                assert!((found - expected).abs() < 2e-6, "{features} features, {classes} actions: {found}, {expected}");
            }
        }
    }
    let refused = |features, classes| suites::run(suite, &case(features, classes), &mut [0; MAX_WORDS]).unwrap_err();
    assert_eq!(refused(9, 2), Refusal::TooLarge { what: "features", limit: 8, found: 9 });
    assert_eq!(refused(2, 11), Refusal::TooLarge { what: "actions", limit: 10, found: 11 });
    assert_eq!(refused(9, 2).to_string(), "9 features, there is room for 8");
}

#[test]
fn scalar() {
    let mut failures = Vec::new();
    for (number, suite) in (0..).zip(SUITES) {
        let mut worst = Worst::default();
        let cases = golden::covered(suite).unwrap();
        for (case, input) in &cases {
            let mut output = [0; MAX_WORDS];
            let length = match suites::run(number, input, &mut output) {
                Ok(length) => length,
                Err(refusal) => {
                    failures.push(format!("{}: refused: {refusal}", case.id));
                    continue;
                }
            };
            if let Err(error) = compare::check(suite, case, &output[..length], &mut worst) {
                failures.push(format!("{error:#}"));
            }
        }
        for name in suite.outputs.iter().filter(|name| !worst.compared.contains(*name)) {
            failures.push(format!("{}: no number of {name} is compared", suite.name));
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

/// Groups the cases that can run side by side: of one shape, with equal steering parameters.
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
                suites::run(number, input, &mut output).map(|length| output[..length].to_vec()).ok()
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
