//! Golden cases as files for a device, and its results checked.

use std::{env, fs, process::ExitCode};

use anyhow::{Context, Result, bail, ensure};
use samplegrad_conformance::{digest, suites};
use samplegrad_tests::{
    compare::{self, Worst},
    golden,
};

const USAGE: &str = "usage: golden-io encode FILE | golden-io check FILE | golden-io digest DRAWS";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["encode", file] => encode(file),
        ["check", file] => check(file),
        ["digest", draws] => digest(draws),
        _ => Err(anyhow::anyhow!(USAGE)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Writes every case: suite, number of words, words, all little-endian.
fn encode(file: &str) -> Result<()> {
    let mut words = Vec::new();
    for (number, suite) in (0_u32..).zip(suites::SUITES) {
        for (_, input) in golden::covered(suite)? {
            words.push(number);
            words.push(input.len() as u32);
            words.extend(input);
        }
    }
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    fs::write(file, bytes).with_context(|| format!("writing {file}"))
}

/// Checks results, number of words and words a case, against the golden values and, bit for bit, this machine's results.
fn check(file: &str) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("reading {file}"))?;
    let (words, rest) = bytes.as_chunks::<4>();
    ensure!(rest.is_empty(), "{file} is damaged: {} bytes are no whole number of words", bytes.len());
    let mut words = words.iter().map(|bytes| u32::from_le_bytes(*bytes));
    for (number, suite) in (0_u32..).zip(suites::SUITES) {
        let (mut worst, mut cases) = (Worst::default(), 0);
        for (case, input) in golden::covered(suite)? {
            let length = words.next().with_context(|| format!("{file} ends before {}", case.id))?;
            let found: Vec<u32> = words.by_ref().take(length as usize).collect();
            ensure!(found.len() == length as usize, "{file} ends within {}", case.id);
            let mut ours = vec![0; suites::MAX_WORDS];
            let length =
                suites::run(number, &input, &mut ours).with_context(|| format!("{}: refused here", case.id))?;
            if let Some(place) = (0..length.max(found.len())).find(|&i| !same(ours[..length].get(i), found.get(i))) {
                bail!(
                    "{}: word {place} is {:08x?}, on this machine {:08x?}",
                    case.id,
                    found.get(place),
                    ours[..length].get(place)
                );
            }
            compare::check(suite, &case, &found, &mut worst)?;
            cases += 1;
        }
        println!("{:22} {cases:3} cases  worst error {:4.0} % of allowed", suite.name, 100.0 * worst.share);
    }
    ensure!(words.next().is_none(), "{file} holds more than all cases");
    Ok(())
}

/// The same word; any NaN is like another.
fn same(a: Option<&u32>, b: Option<&u32>) -> bool {
    let nan = |x: Option<&u32>| x.is_some_and(|&x| f32::from_bits(x).is_nan());
    a == b || (nan(a) && nan(b))
}

/// Prints the hash of every operation.
fn digest(draws: &str) -> Result<()> {
    let draws = draws.parse().with_context(|| format!("`{draws}` is no number of draws; {USAGE}"))?;
    let mut not_finite = 0;
    digest::digest_stream(draws, 0, &mut |name, digest| {
        println!("{:016x} {name}", digest.hash(0));
        not_finite += digest.not_finite();
    });
    ensure!(not_finite == 0, "{not_finite} results were not finite");
    Ok(())
}
