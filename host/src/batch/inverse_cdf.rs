//! Batches of exact samples. The samplers are the inverse of the distribution function, the exponential race, and
//! tables for many draws from one distribution.

use samplegrad_core::{
    AliasTable, Cdf, Source, inverse_cdf,
    lane::{Lane, Word},
    reduce,
};

use crate::{
    batch::{
        engine::{
            exponential_race, long_row, row,
            scratch::{Room, Scratch},
            split::{Table, TableMut, for_each_drawn_chunk},
            tile,
        },
        logits::Logits,
    },
    error::Error,
    lanes::{
        dispatch::Lanes,
        kernel::Kernel,
        vector::{MOST_LANES, Vector},
    },
    streams::{streams::Streams, streams_mut::StreamsMut},
};

/// Writes one class per row. Each class is drawn as in [`samplegrad_core::inverse_cdf::sample`].
///
/// ```
/// use samplegrad_host::{Streams, batch::{self, Logits}};
///
/// let mut classes = [9; 1];
/// batch::inverse_cdf::sample(&Logits::new(&[0.5], 1)?, &mut Streams::new(1, 1)?, &mut classes)?;
/// assert_eq!(classes, [0]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is room for one class per row.
pub fn sample(logits: &Logits<'_>, streams: &mut Streams, classes: &mut [u32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    let parts = (logits.table(), TableMut::new(classes, 1));
    for_each_drawn_chunk(streams, parts, logits.classes(), |(of, classes), streams| {
        logits.lanes().run(Sample { of, streams, classes });
    });
    Ok(())
}

/// The kernel of [`sample`] for a chunk.
struct Sample<'a> {
    of: Table<'a>,
    streams: StreamsMut<'a>,
    classes: TableMut<'a, u32>,
}

impl Kernel for Sample<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        let columns = self.of.columns;
        // If every row is long, this memory is unused and has length 0.
        let few = if long_row::pays::<L>(columns, usize::MAX / 2) { 0 } else { columns };
        let (room, words) =
            (&mut Room::<L, 1>::new(few, L::ZERO), &mut Room::<L::Word, 1>::new(few, L::Word::splat(0)));
        let ([l], [weights]) = (room.slices(), words.slices());
        for rows in tile::tiles::<L>(self.streams.count()) {
            if long_row::pays::<L>(columns, rows.active) {
                for row in rows.first..rows.first + rows.active {
                    let rng = &mut self.streams.load::<f32>(row, 1);
                    let logits = &self.of.values[row * columns..(row + 1) * columns];
                    self.classes.values[row] = draw_long::<L>(logits, Source::<f32>::next_word(rng));
                    self.streams.store::<f32>(row, 1, rng);
                }
                continue;
            }
            let rng = &mut self.streams.load::<L>(rows.first, rows.active);
            rows.load(self.of.values, l);
            rows.store_words::<L>(inverse_cdf::draw(l, weights, rng.next_word()), self.classes.values);
            self.streams.store(rows.first, rows.active, rng);
        }
    }
}

/// Returns the number of classes in a block of weights. A block has 32 vectors of weights. With this size, the sum of
/// the [near weights](near_weight) in each lane fits a word.
const fn block<L: Lane>() -> usize {
    32 * L::LANES
}

/// The ratio of exact weights to [near weights](near_weight). Near weights are fast approximations.
const SCALE: u64 = 32;

/// Draws the class of one long row. Tries near weights first. If the near weights do not determine the class, uses
/// exact weights.
#[cfg_attr(not(debug_assertions), inline(always))]
fn draw_long<L: Vector>(logits: &[f32], r: u32) -> u32 {
    let mut strides = [0.0; reduce::STRIDES];
    row::max::<L>(logits, &mut strides);
    let max = reduce::max(&strides);
    let sums = &mut Scratch::<u64>::new(logits.len().div_ceil(block::<L>()), 0);
    match draw_nearly::<L>(logits, max, r, sums) {
        Some(class) => class,
        None => draw_exactly::<L>(logits, max, r, sums),
    }
}

/// Computes `⌊r · total / 2^32⌋`.
fn target(total: u64, r: u32) -> u64 {
    ((u128::from(total) * u128::from(r)) >> 32) as u64
}

/// Draws the class by near weights, or returns `None` if they do not determine the class. A sum of near weights differs
/// from the sum of exact weights by at most [`most_error`]. This gives bounds of every running sum and of the target. A
/// class is certain under two conditions: the lower bound of its running sum exceeds the upper bound of the target, and
/// the upper bound of the previous running sum does not exceed the lower bound of the target.
#[cfg_attr(not(debug_assertions), inline(always))]
fn draw_nearly<L: Vector>(logits: &[f32], max: f32, r: u32, sums: &mut [u64]) -> Option<u32> {
    for (sum, logits) in sums.iter_mut().zip(logits.chunks(block::<L>())) {
        *sum = sum_of_words::<L, true>(logits, max);
    }
    let total: u64 = sums.iter().sum();
    let error = most_error(total, logits.len());
    let (least, most) = (target(SCALE * total.saturating_sub(error), r), target(SCALE * (total + error), r));
    let may_exceed = |running: u64| SCALE * (running + error) > least;
    let mut running = 0;
    for (number, (&sum, logits)) in sums.iter().zip(logits.chunks(block::<L>())).enumerate() {
        if !may_exceed(running + sum) {
            running += sum;
            continue;
        }
        for (part, logits) in logits.chunks(L::LANES).enumerate() {
            let mut weights = [0; MOST_LANES];
            L::store_words(near_weight::<L>(L::load(logits) - max), &mut weights[..L::LANES]);
            for (lane, &weight) in weights[..logits.len()].iter().enumerate() {
                running += u64::from(weight);
                if may_exceed(running) {
                    let certain = SCALE * running.saturating_sub(error) > most;
                    return certain.then_some((number * block::<L>() + part * L::LANES + lane) as u32);
                }
            }
        }
    }
    None
}

/// Draws the class by exact weights. First computes the sum of each block of classes. Then computes running sums in the
/// block that contains the target. All sums are integers, so the order of summation does not change the class.
#[cfg_attr(not(debug_assertions), inline(always))]
fn draw_exactly<L: Vector>(logits: &[f32], max: f32, r: u32, sums: &mut [u64]) -> u32 {
    for (sum, logits) in sums.iter_mut().zip(logits.chunks(block::<L>())) {
        *sum = sum_of_words::<L, false>(logits, max);
    }
    let target = target(sums.iter().sum(), r);
    let (mut running, mut first) = (0, 0);
    for (&sum, logits) in sums.iter().zip(logits.chunks(block::<L>())) {
        if target < running + sum {
            for (class, &l) in (first..).zip(logits) {
                running += u64::from(inverse_cdf::weight(l, max));
                if target < running {
                    return class;
                }
            }
        }
        running += sum;
        first += logits.len() as u32;
    }
    // This line is never reached, because the target is below the total.
    first
}

/// Returns the sum of the weights of at most one block. If `NEAR` is true, these are the near weights. Otherwise they
/// are the exact weights.
// This code uses no closures, because a closure would not be compiled for the instruction set of the vector.
#[inline(always)]
fn sum_of_words<L: Vector, const NEAR: bool>(logits: &[f32], max: f32) -> u64 {
    let (mut low, mut high) = (L::Word::splat(0), L::Word::splat(0));
    let mut whole = logits.chunks_exact(L::LANES);
    for l in &mut whole {
        if NEAR {
            low = low.wrapping_add(near_weight(L::load(l) - max));
        } else {
            let weights = inverse_cdf::weight(L::load(l), L::splat(max));
            low = low.wrapping_add(weights.and(L::Word::splat(0xffff)));
            high = high.wrapping_add(weights.shr(16));
        }
    }
    let mut sum = 0;
    let mut words = [0; MOST_LANES];
    for (words_of, shift) in [(low, 0), (high, 16)] {
        L::store_words(words_of, &mut words[..L::LANES]);
        sum += words[..L::LANES].iter().map(|&word| u64::from(word)).sum::<u64>() << shift;
    }
    let last = L::load(whole.remainder());
    let last = if NEAR { near_weight(last - max) } else { inverse_cdf::weight(last, L::splat(max)) };
    L::store_words(last, &mut words[..L::LANES]);
    sum + words[..whole.remainder().len()].iter().map(|&word| u64::from(word)).sum::<u64>()
}

/// Returns the largest difference between a sum of near weights and the sum of exact weights, in units of [`SCALE`]. It
/// is `2^−21` times the sum, plus the number of classes, plus 1.
fn most_error(sum: u64, classes: usize) -> u64 {
    (sum >> 21) + 1 + classes as u64
}

/// Computes a near weight, which is about 1/32 of [`inverse_cdf::weight`]. The argument is the logit minus the largest
/// logit. For the argument `x`, the near weight is about `2^26 e^x`. It is computed by range reduction and a polynomial
/// with an error of at most 1.6e-7. This takes half as long as an exact weight.
#[inline(always)]
fn near_weight<L: Vector>(difference: L) -> L::Word {
    const LN2_HIGH: f32 = 6.931_457_5e-1;
    const LN2_LOW: f32 = 1.428_606_8e-6;
    /// The constant that [`Lane::split_integer`] adds to round a number.
    const ROUND: f32 = 12_582_912.0;
    const POLYNOMIAL: [f32; 6] = [0.008_369_184, 0.041_917_76, 0.166_665_05, 0.499_988_68, 1.0, 1.0];

    // For differences below −64, every weight is zero.
    let x = difference.max(L::splat(-64.0));
    let (_, power) = (x * core::f32::consts::LOG2_E).split_integer();
    let n = power - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let [a, b, c, d, e, f] = POLYNOMIAL.map(|term| term * 67_108_864.0);
    let scaled = ((((r * a + b) * r + c) * r + d) * r + e) * r + f;
    scaled.times_power(power).to_integer()
}

/// Writes one class per row. Each class is drawn as in [`samplegrad_core::ExponentialRace`].
///
/// # Errors
/// [`Error::Length`] unless there is room for one class per row.
pub fn race(logits: &Logits<'_>, streams: &mut Streams, classes: &mut [u32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    let parts = (logits.table(), TableMut::new(classes, 1));
    for_each_drawn_chunk(streams, parts, logits.classes(), |(of, classes), streams| {
        logits.lanes().run(Race { of, streams, classes });
    });
    Ok(())
}

/// The kernel of [`race`] for a chunk.
struct Race<'a> {
    of: Table<'a>,
    streams: StreamsMut<'a>,
    classes: TableMut<'a, u32>,
}

impl Kernel for Race<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        exponential_race::run_all::<L>(self.of, &mut self.streams, self.classes.values);
    }
}

/// Fills `classes` with draws from the thresholds of one distribution. Element `b` is drawn from stream `b mod n`.
///
/// ```
/// use samplegrad_core::{Cdf, Logits};
/// use samplegrad_host::{Streams, batch::inverse_cdf::from_cdf};
///
/// let cdf = Cdf::<2>::new(&Logits::new(&[f32::NEG_INFINITY, 0.0])?);
/// let (mut streams, mut classes) = (Streams::new(1, 100).expect("room for a few"), [9; 100]);
/// from_cdf(&cdf, &mut streams, &mut classes);
/// assert_eq!(classes, [1; 100]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub fn from_cdf<const N: usize>(cdf: &Cdf<N>, streams: &mut Streams, classes: &mut [u32]) {
    for_each_drawn_chunk(streams, TableMut::new(classes, 1), 1, |classes, streams| {
        Lanes::Widest.run(FromCdf { cdf, streams, classes });
    });
}

/// The kernel of [`from_cdf`] for a chunk.
struct FromCdf<'a, const N: usize> {
    cdf: &'a Cdf<N>,
    streams: StreamsMut<'a>,
    classes: TableMut<'a, u32>,
}

impl<const N: usize> Kernel for FromCdf<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        for rows in tile::tiles::<L>(self.streams.count()) {
            let rng = &mut self.streams.load::<L>(rows.first, rows.active);
            rows.store_words::<L>(self.cdf.sample::<L, _>(rng), self.classes.values);
            self.streams.store(rows.first, rows.active, rng);
        }
    }
}

/// Fills `classes` with draws from the alias table of one distribution. Element `b` is drawn from stream `b mod n`.
///
/// ```
/// use samplegrad_core::{AliasTable, Logits};
/// use samplegrad_host::{Streams, batch::inverse_cdf::from_alias_table};
///
/// let table = AliasTable::<2>::new(&Logits::new(&[f32::NEG_INFINITY, 0.0])?);
/// let (mut streams, mut classes) = (Streams::new(1, 100).expect("room for a few"), [9; 100]);
/// from_alias_table(&table, &mut streams, &mut classes);
/// assert_eq!(classes, [1; 100]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub fn from_alias_table<const N: usize>(table: &AliasTable<N>, streams: &mut Streams, classes: &mut [u32]) {
    for_each_drawn_chunk(streams, TableMut::new(classes, 1), 1, |classes, streams| {
        Lanes::Widest.run(FromAliasTable { table, streams, classes });
    });
}

/// The kernel of [`from_alias_table`] for a chunk.
struct FromAliasTable<'a, const N: usize> {
    table: &'a AliasTable<N>,
    streams: StreamsMut<'a>,
    classes: TableMut<'a, u32>,
}

impl<const N: usize> Kernel for FromAliasTable<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        for rows in tile::tiles::<L>(self.streams.count()) {
            let rng = &mut self.streams.load::<L>(rows.first, rows.active);
            rows.store_words::<L>(self.table.sample::<L, _>(rng), self.classes.values);
            self.streams.store(rows.first, rows.active, rng);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::portable::{F32x4, F32x16};

    /// Checks near weights for differences from −0 to −∞. Floats are visited in steps of `step`; at each step, one vector
    /// of `LANES` consecutive floats is checked.
    fn check<L: Vector>(step: usize) {
        let none = f32::NEG_INFINITY.to_bits();
        for first in ((-0.0_f32).to_bits()..=none).step_by(step) {
            let bits = |lane: usize| first.saturating_add(lane as u32).min(none);
            let near = near_weight(L::from_fn(|lane| f32::from_bits(bits(lane))));
            for lane in 0..L::LANES {
                let weight = u64::from(inverse_cdf::weight(f32::from_bits(bits(lane)), 0.0));
                let near = u64::from(near.extract(lane));
                // In units of SCALE, the error is at most 2^−21 of the near weight, plus one.
                let error = (SCALE * near).abs_diff(weight) << 21;
                assert!(error <= SCALE * (near + (1 << 21)), "{:08x}: {near} for {weight}", bits(lane));
            }
        }
    }

    #[test]
    fn near_weights_are_near() {
        check::<F32x4>(100_003);
        check::<F32x16>(100_003);
    }

    #[test]
    #[ignore = "a minute in release: every difference"]
    fn every_near_weight_is_near() {
        check::<F32x16>(16);
    }

    /// Checks every fifth class. For each of these classes, the test draws with the three words around its end, where only
    /// exact weights decide, and with a word farther on.
    #[test]
    fn the_class_is_that_of_the_core_on_either_side_of_an_end() {
        let (k, step) = (1101_usize, 5);
        let logits: Vec<f32> = (0..k).map(|i| (i * 37 % 101) as f32 * 0.07).collect();
        let max = reduce::max(&logits);
        let weights: Vec<u64> = logits.iter().map(|&l| u64::from(inverse_cdf::weight(l, max))).collect();
        let total: u64 = weights.iter().sum();
        let (mut running, mut unsure) = (0_u64, 0);
        let mut sums = vec![0; k.div_ceil(block::<F32x16>())];
        for (class, &weight) in weights.iter().enumerate() {
            running += weight;
            if class % step != 0 {
                continue;
            }
            let end = ((u128::from(running) << 32) / u128::from(total)) as u64;
            for word in [end.saturating_sub(1), end, end + 1, end + 100_000] {
                let r = word.min(u64::from(u32::MAX)) as u32;
                let expected = inverse_cdf::draw(&logits, &mut vec![0; k], r);
                assert_eq!(draw_long::<F32x16>(&logits, r), expected, "word {r:08x}");
                assert_eq!(draw_long::<F32x4>(&logits, r), expected, "word {r:08x}");
                match draw_nearly::<F32x16>(&logits, max, r, &mut sums) {
                    Some(class) => assert_eq!(class, expected),
                    None => unsure += 1,
                }
            }
        }
        // Each class is checked with four words, of which three are at the end of the class.
        let words = 4 * k.div_ceil(step);
        assert!((words / 2..words).contains(&unsure), "{unsure} of {words} were not certain");
    }
}
