//! Encodes golden cases as files for a device, and checks the results of the device.

use std::{env, fs, process::ExitCode};

use anyhow::{Context, Result, bail, ensure};
use samplegrad_conformance::{
    digest::{self, Digest},
    suites,
};
use samplegrad_host::{Kernel, LaneRng, Vector};
use samplegrad_tests::{
    compare::{self, Worst},
    golden,
};

const USAGE: &str =
    "usage: golden-io encode FILE | golden-io check FILE | golden-io digest DRAWS | golden-io lanes DRAWS";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["encode", file] => encode(file),
        ["check", file] => check(file),
        ["digest", draws] => number(draws).and_then(digest),
        ["lanes", draws] => number(draws).and_then(lanes),
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

/// Writes every case: first the suite, then the number of words, then the words. All numbers are little-endian.
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

/// Checks the results of a device against the golden values, and bit for bit against the results of this machine. For
/// each case, the file contains the number of words and then the words.
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

/// Returns whether two words are equal. All NaNs count as equal.
fn same(a: Option<&u32>, b: Option<&u32>) -> bool {
    let nan = |x: Option<&u32>| x.is_some_and(|&x| f32::from_bits(x).is_nan());
    a == b || (nan(a) && nan(b))
}

fn number(draws: &str) -> Result<u32> {
    draws.parse().with_context(|| format!("`{draws}` is no number of draws; {USAGE}"))
}

/// The name of each operation, and the hash of its results for one stream.
type Hashes = Vec<(&'static str, u64)>;

/// Computes the digest of one stream in scalar form.
fn scalar(draws: u32, stream: u64) -> Result<Hashes> {
    let (mut hashes, mut not_finite) = (Vec::new(), 0);
    digest::digest_stream(draws, stream, &mut |name, digest| {
        hashes.push((name, digest.hash(0)));
        not_finite += digest.not_finite();
    });
    ensure!(not_finite == 0, "{not_finite} results of stream {stream} were not finite");
    Ok(hashes)
}

/// Prints the hash of every operation.
fn digest(draws: u32) -> Result<()> {
    scalar(draws, 0)?.iter().for_each(|(name, hash)| println!("{hash:016x} {name}"));
    Ok(())
}

/// A computation of digests in lanes. The digest of each lane is compared with the scalar digest of the same stream.
struct InLanes<'a> {
    draws: u32,
    due: &'a [Hashes],
}

impl Kernel for InLanes<'_> {
    type Output = Result<usize>;
    #[inline(always)]
    fn run<V: Vector>(self) -> Result<usize> {
        let mut lanes: Vec<(&str, Digest<V>)> = Vec::new();
        digest::digest::<V, LaneRng<V>>(self.draws, |operation| LaneRng::new(operation, 0), &mut |name, digest| {
            lanes.push((name, digest))
        });
        for (lane, due) in self.due.iter().enumerate().take(V::LANES) {
            ensure!(due.len() == lanes.len(), "{} operations in lanes, {} in scalar form", lanes.len(), due.len());
            for ((name, digest), (_, due)) in lanes.iter().zip(due) {
                let found = digest.hash(lane);
                ensure!(found == *due, "{name}: {found:016x} in lane {lane} of {}, {due:016x} as a device", V::LANES);
            }
        }
        Ok(V::LANES)
    }
}

/// Number of lanes of the widest vector.
const MOST_LANES: u64 = 16;

/// Checks that the digest of every lane equals the scalar digest of the same stream. Checks every vector width that
/// batches may use, with the code of this build.
fn lanes(draws: u32) -> Result<()> {
    let due = (0..MOST_LANES).map(|stream| scalar(draws, stream)).collect::<Result<Vec<_>>>()?;
    let lanes = || InLanes { draws, due: &due };
    for (name, result) in widths(lanes) {
        let count = result.with_context(|| format!("lanes: {name}"))?;
        println!("lanes: {name}: {count} digests of {draws} draws equal those of their streams");
    }
    Ok(())
}

/// The result for each vector width.
type Widths = [(&'static str, Result<usize>); 3];

/// Runs the checks in a build for every processor of the target. Checks the vectors of the target and the vectors that
/// are chosen at run time.
#[cfg(not(target_feature = "avx2"))]
fn widths<'a>(lanes: impl Fn() -> InLanes<'a>) -> Widths {
    use samplegrad_host::Lanes;
    [
        ("stock vectors", Lanes::Four.run(lanes())),
        ("AVX2", Lanes::Eight.run(lanes())),
        ("AVX-512", Lanes::Sixteen.run(lanes())),
    ]
}

/// Runs the checks in a build for this processor. Checks the vectors of `wide`.
#[cfg(target_feature = "avx2")]
fn widths<'a>(lanes: impl Fn() -> InLanes<'a>) -> Widths {
    use samplegrad_host::{F32x4, F32x8, F32x16};
    [("four", lanes().run::<F32x4>()), ("eight", lanes().run::<F32x8>()), ("sixteen", lanes().run::<F32x16>())]
}
