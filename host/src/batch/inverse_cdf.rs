//! Exact samples over batches without a logarithm: inverse of the distribution function, exponential race, and the
//! tables for one distribution that is drawn from many times.

use samplegrad_core::{AliasTable, Cdf, Source, inverse_cdf, lane::Word, reduce};

use super::{
    Logits, Native, exponential_race, long_row,
    parts::{Table, TableMut, for_each_drawn_piece, in_lanes},
    row,
    scratch::Scratch,
    tile,
};
use crate::{Error, MOST_LANES, Streams, Vector, dispatch::Width, streams::StreamsMut};

/// Writes one class per row, drawn as [`samplegrad_core::inverse_cdf::sample`] draws it.
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
pub fn sample<W: Width>(logits: &Logits<'_, W>, streams: &mut Streams, classes: &mut [u32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    let k = logits.classes();
    let parts = (logits.table(), TableMut::new(classes, 1));
    for_each_drawn_piece(streams, parts, k, |(logits, classes), streams| {
        in_lanes!(W as L, (logits: Table<'a>, classes: TableMut<'a, u32>, streams: StreamsMut<'a>) {
            // Where every row is long, none of them is needed.
            let columns = if long_row::pays::<L>(logits.columns, usize::MAX / 2) { 0 } else { logits.columns };
            tile::scratch!(L: l[columns]);
            tile::scratch!(words of L: weights[columns]);
            for rows in tile::tiles::<L>(streams.count()) {
                if long_row::pays::<L>(logits.columns, rows.active) {
                    for row in rows.first..rows.first + rows.active {
                        let rng = &mut streams.load::<f32>(row, 1);
                        let logits = &logits.values[row * logits.columns..(row + 1) * logits.columns];
                        classes.values[row] = draw_long::<L>(logits, Source::<f32>::next_word(rng));
                        streams.store::<f32>(row, 1, rng);
                    }
                    continue;
                }
                let rng = &mut streams.load::<L>(rows.first, rows.active);
                rows.load(logits.values, l);
                rows.store_words::<L>(inverse_cdf::draw(l, weights, rng.next_word()), classes.values);
                streams.store(rows.first, rows.active, rng);
            }
        });
    });
    Ok(())
}

/// Classes whose weights are summed before the next: so few that halves of the weights' sums fit a word.
const BLOCK: usize = 512;

/// Draws for one long row. The running sums are integers, so that it is the same in which order they are made: those of blocks
/// of classes first, then those of the classes of one block.
#[cfg_attr(not(debug_assertions), inline(always))]
fn draw_long<L: Vector>(logits: &[f32], r: u32) -> u32 {
    let mut strides = [0.0; reduce::STRIDES];
    row::max::<L>(logits, &mut strides);
    let max = reduce::max(&strides);
    let mut sums = Scratch::<u64>::new(logits.len().div_ceil(BLOCK), 0);
    for (sum, logits) in sums.iter_mut().zip(logits.chunks(BLOCK)) {
        *sum = sum_of_weights::<L>(logits, max);
    }
    let total: u64 = sums.iter().sum();
    let target = ((u128::from(total) * u128::from(r)) >> 32) as u64;
    let (mut running, mut first) = (0, 0);
    for (&sum, logits) in sums.iter().zip(logits.chunks(BLOCK)) {
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
    // Not reached: the target is below the total.
    first
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn sum_of_weights<L: Vector>(logits: &[f32], max: f32) -> u64 {
    let (mut low, mut high) = (L::Word::splat(0), L::Word::splat(0));
    let mut whole = logits.chunks_exact(L::LANES);
    for l in &mut whole {
        let weight = inverse_cdf::weight(L::load(l), L::splat(max));
        low = low.wrapping_add(weight.and(L::Word::splat(0xffff)));
        high = high.wrapping_add(weight.shr(16));
    }
    let (mut lows, mut highs) = ([0; MOST_LANES], [0; MOST_LANES]);
    L::store_words(low, &mut lows[..L::LANES]);
    L::store_words(high, &mut highs[..L::LANES]);
    let sum = |halves: [u32; MOST_LANES]| halves.iter().map(|&half| u64::from(half)).sum::<u64>();
    let rest: u64 = whole.remainder().iter().map(|&l| u64::from(inverse_cdf::weight(l, max))).sum();
    sum(lows) + (sum(highs) << 16) + rest
}

/// Writes one class per row, drawn as [`samplegrad_core::ExponentialRace`] draws it.
///
/// # Errors
/// [`Error::Length`] unless there is room for one class per row.
pub fn race<W: Width>(logits: &Logits<'_, W>, streams: &mut Streams, classes: &mut [u32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    let k = logits.classes();
    let parts = (logits.table(), TableMut::new(classes, 1));
    for_each_drawn_piece(streams, parts, k, |(logits, classes), streams| {
        in_lanes!(W as L, (logits: Table<'a>, classes: TableMut<'a, u32>, streams: StreamsMut<'a>) {
            exponential_race::run_all::<L>(logits, &mut streams, classes.values);
        });
    });
    Ok(())
}

/// Fills `classes` from one distribution's thresholds, one draw per element, element `b` from stream `b mod n`.
///
pub fn from_cdf<const N: usize>(cdf: &Cdf<N>, streams: &mut Streams, classes: &mut [u32]) {
    tile::for_each_drawn_row::<Native>(streams, classes.len(), |rows, rng| {
        rows.store_words::<Native>(cdf.sample::<Native, _>(rng), classes);
    });
}

/// Fills `classes` from one distribution's alias table, one draw per element, element `b` from stream `b mod n`.
pub fn from_alias_table<const N: usize>(table: &AliasTable<N>, streams: &mut Streams, classes: &mut [u32]) {
    tile::for_each_drawn_row::<Native>(streams, classes.len(), |rows, rng| {
        rows.store_words::<Native>(table.sample::<Native, _>(rng), classes);
    });
}
