//! Long seeded runs of every operation, each folded into one hash per lane.
//!
//! Each draw of an operation takes fresh logits, noise and other inputs from the operation's own generator and hashes
//! the bits of every result. Logits are within ±1e4 and may be masked, the number of classes is 1 to 8, and
//! temperatures are 1e−3 to 1e3. Operation number `i` of stream `s` draws from stream `s` of seed `i`.

mod arithmetic;
mod control_variates;
mod distributions;
mod estimators;
mod extremes;
mod families;
mod implicit;
mod integer;
mod learning;
mod networks;
mod policies;
mod quadratic;
mod rebar;
mod register;
mod relaxations;
mod samplers;
mod sets;
mod straight_through;

use heapless::Vec;
use samplegrad_core::{
    Logits, Source, Temperature,
    estimator::Estimated,
    lane::{Lane, Mask, Word},
    noise::Uniform,
    stream,
    variables::Variables,
};
const N: usize = 8;

/// Result of one operation: a hash per lane, and the number of results that had to be finite and were not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Digest<L: Lane = f32> {
    low: L::Word,
    high: L::Word,
    not_finite: u32,
}

impl<L: Lane> Digest<L> {
    fn new() -> Self {
        Self { low: L::Word::splat(0x811c_9dc5), high: L::Word::splat(0x9e37_79b9), not_finite: 0 }
    }

    /// Returns the hash of a lane: two 32-bit multiplicative hashes of the words, one in each half.
    pub fn hash(&self, lane: usize) -> u64 {
        u64::from(self.high.extract(lane)) << 32 | u64::from(self.low.extract(lane))
    }

    /// Returns the number of results, over all lanes, that were NaN or infinite where they must be finite.
    pub fn not_finite(&self) -> u32 {
        self.not_finite
    }

    fn word(&mut self, word: L::Word) {
        self.low = self.low.xor(word).wrapping_mul(L::Word::splat(0x0100_0193));
        let mixed = self.high.wrapping_add(word).wrapping_mul(L::Word::splat(0x85eb_ca6b));
        self.high = mixed.xor(mixed.shr(15));
    }

    /// Hashes a number that may be infinite, such as the log-probability of a masked class.
    fn any(&mut self, x: L) {
        self.word(x.to_bits());
    }

    fn number(&mut self, x: L) {
        if !x.abs().lt(L::splat(f32::INFINITY)).all() {
            self.not_finite += 1;
        }
        self.any(x);
    }

    fn numbers(&mut self, x: &[L]) {
        x.iter().for_each(|&x| self.number(x));
    }

    /// Adds an estimate to the digest, if there is one.
    fn estimate<V: Variables<Lane = L>>(&mut self, estimate: Estimated<V>) -> Option<()> {
        let estimate = estimate.ok()?;
        self.number(estimate.mean);
        self.numbers(&estimate.gradient);
        Some(())
    }
}

/// Draws a uniform number in (−scale, scale).
fn spread<L: Lane, S: Source<L>>(source: &mut S, scale: f32) -> L {
    (Uniform::sample(source).value() - 0.5) * (2.0 * scale)
}

/// Draws logits of `1 + round mod 8` classes. All but the first are masked with probability 1/8.
fn logits<L: Lane, S: Source<L>>(source: &mut S, round: u32) -> Option<Logits<N, L>> {
    let scale = [1.0, 10.0, 100.0, 1e4][(round / 8) as usize % 4];
    logits_within(source, round, scale)
}

fn logits_within<L: Lane, S: Source<L>>(source: &mut S, round: u32, scale: f32) -> Option<Logits<N, L>> {
    let mut values = Vec::<L, N>::new();
    for class in 0..=round % N as u32 {
        let masked = source.next_word().shr(29).equals(L::Word::splat(0)).and(L::Mask::splat(class > 0));
        let l = L::select(masked, L::NEG_INFINITY, spread(source, scale));
        // There is room: at most eight classes.
        let _ = values.push(l);
    }
    Logits::new(&values).ok()
}

fn numbers<L: Lane, S: Source<L>>(source: &mut S, count: usize, scale: f32) -> Vec<L, N> {
    (0..count).map(|_| spread(source, scale)).collect()
}

fn temperature(round: u32) -> Temperature {
    let tau = [0.5, 1.0, 0.1, 10.0, 1e-3, 1e3, 2.0][round as usize % 7];
    Temperature::new(tau).unwrap_or(Temperature::ONE)
}

/// One draw of an operation. The result is `None` if a value was refused; the digest counts these draws.
type Operation<L, S> = fn(&mut S, u32, &mut Digest<L>) -> Option<()>;

/// Runs `draws` draws of every operation; `source(i)` is the generator of operation `i`. Reports the name and the
/// result of each operation.
pub fn digest<L: Lane, S: Source<L>>(
    draws: u32,
    mut source: impl FnMut(u64) -> S,
    report: &mut dyn FnMut(&'static str, Digest<L>),
) {
    first_half(draws, &mut source, report);
    second_half(draws, &mut source, report);
}

/// Runs the first half of the operations, for a device whose flash cannot hold all.
fn first_half<L: Lane, S: Source<L>>(
    draws: u32,
    source: &mut impl FnMut(u64) -> S,
    report: &mut dyn FnMut(&'static str, Digest<L>),
) {
    let groups: [&[(&str, Operation<L, S>)]; 8] = [
        &arithmetic::operations(),
        &samplers::operations(),
        &distributions::operations(),
        &relaxations::operations(),
        &estimators::operations(),
        &rebar::operations(),
        &control_variates::operations(),
        &families::operations(),
    ];
    run(draws, 0, &groups, source, report);
}

/// Runs the second half of the operations.
fn second_half<L: Lane, S: Source<L>>(
    draws: u32,
    source: &mut impl FnMut(u64) -> S,
    report: &mut dyn FnMut(&'static str, Digest<L>),
) {
    let groups: [&[(&str, Operation<L, S>)]; 8] = [
        &sets::operations(),
        &implicit::operations(),
        &straight_through::operations(),
        &extremes::operations(),
        &policies::operations(),
        &integer::operations(),
        &networks::operations(),
        &register::operations(),
    ];
    run(draws, 8, &groups, source, report);
    learning::digest(draws, |number| source(1024 + number), report);
}

/// Runs groups of operations. Each group has a block of 32 operation numbers.
fn run<L: Lane, S: Source<L>>(
    draws: u32,
    first: u64,
    groups: &[&[(&'static str, Operation<L, S>)]],
    source: &mut impl FnMut(u64) -> S,
    report: &mut dyn FnMut(&'static str, Digest<L>),
) {
    for (first, group) in (32 * first..).step_by(32).zip(groups) {
        for (number, (name, operation)) in (first..).zip(*group) {
            let (mut source, mut out) = (source(number), Digest::new());
            for round in 0..draws {
                if operation(&mut source, round, &mut out).is_none() {
                    out.not_finite += 1;
                }
            }
            report(name, out);
        }
    }
}

/// Runs [`digest`] of one stream in scalar form, as a device computes it.
pub fn digest_stream(draws: u32, number: u64, report: &mut dyn FnMut(&'static str, Digest)) {
    digest::<f32, _>(draws, |operation| stream::xorshift(operation, number), report);
}

/// Runs one half of [`digest_stream`], for a device whose flash cannot hold all operations.
pub fn half_of_digest_stream<const SECOND: bool>(
    draws: u32,
    number: u64,
    report: &mut dyn FnMut(&'static str, Digest),
) {
    let mut source = |operation| stream::xorshift(operation, number);
    if SECOND { second_half(draws, &mut source, report) } else { first_half(draws, &mut source, report) }
}
