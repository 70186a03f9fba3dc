//! The Gumbel-max trick over batches.

use samplegrad_core::{
    Source,
    lane::{Mask, Word},
    noise::gumbel,
    reduce,
};

use super::{
    Logits,
    long_row::{self, LongRows},
    parts::{Table, TableMut, for_each_drawn_piece, in_lanes},
    tile::{self, ArgMax, COLUMNS, FEW, PACK, Rows},
};
use crate::{
    Error, LaneRng, Streams, Vector,
    dispatch::Width,
    several::{self, SEVERAL, Several},
    streams::StreamsMut,
};

/// Writes one class per row, drawn as [`samplegrad_core::gumbel_max::sample`] draws it.
///
/// ```
/// use samplegrad_host::{Streams, batch::{self, Logits}};
///
/// let mut classes = [0; 2];
/// let logits = Logits::new(&[0.0, f32::NEG_INFINITY, f32::NEG_INFINITY, 0.0], 2)?;
/// batch::gumbel_max::sample(&logits, &mut Streams::new(1, 2)?, &mut classes)?;
/// assert_eq!(classes, [0, 1]);
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
            draw_all::<L>(logits, &mut streams, classes.values);
        });
    });
    Ok(())
}

/// Draws for rows, from the words of their streams.
#[cfg_attr(not(debug_assertions), inline(always))]
fn draw_all<L: Vector>(logits: Table<'_>, streams: &mut StreamsMut<'_>, classes: &mut [u32]) {
    let (count, columns) = (streams.count(), logits.columns);
    if columns <= FEW / 2 {
        let (mut z, mut words) = ([L::ZERO; PACK], [L::Word::splat(0); PACK]);
        for rows in tile::packs::<L>(count, columns) {
            let drawn = streams.words::<L>(&rows, columns, &mut words);
            for (tile, z) in tile::tiles_of::<L>(&rows).zip(z.chunks_exact_mut(columns)) {
                tile.load(logits.values, z);
            }
            let (of_z, _) = z.as_chunks_mut::<SEVERAL>();
            for (z, &words) in of_z.iter_mut().zip(words.as_chunks::<SEVERAL>().0).take(drawn.div_ceil(SEVERAL)) {
                *z = (Several(*z) + gumbel::of_word::<Several<L>>(Several(words))).0;
            }
            for (tile, z) in tile::tiles_of::<L>(&rows).zip(z.chunks_exact(columns)) {
                tile.store_words::<L>(reduce::arg_max(z).0, classes);
            }
        }
        return;
    }
    for rows in tile::tiles::<L>(count) {
        if let Some(long) = LongRows::new::<L>(columns, rows.active) {
            for row in rows.first..rows.first + rows.active {
                let rng = &mut long.start::<L>(streams, row);
                classes[row] = draw_long(&long, &logits.values[row * columns..(row + 1) * columns], rng);
                long_row::end(streams, row, rng);
            }
            continue;
        }
        let rng = &mut streams.load::<L>(rows.first, rows.active);
        rows.store_words::<L>(draw::<L>(rows, logits, L::NEG_INFINITY, false, rng).class, classes);
        streams.store(rows.first, rows.active, rng);
    }
}

/// Draws for one long row.
#[cfg_attr(not(debug_assertions), inline(always))]
fn draw_long<L: Vector>(long: &LongRows, logits: &[f32], rng: &mut LaneRng<L>) -> u32 {
    let (mut class, mut largest) = (0, f32::NEG_INFINITY);
    for cut in long.cuts::<L>() {
        let logits = Table::new(&logits[cut.of.clone()], cut.columns);
        let best = draw(cut.rows, logits, L::splat(largest), true, rng);
        long_row::go_on(rng);
        for lane in 0..cut.rows.active {
            let x = best.largest.extract(lane);
            if largest < x {
                (class, largest) = ((cut.of.start + lane * cut.columns) as u32 + best.class.extract(lane), x);
            }
        }
    }
    class
}

/// Columns whose Gumbel numbers are all made: so early, one lane or another has a new largest in most columns.
const ALL: usize = 48;

/// What [`samplegrad_core::gumbel_max::draw`] draws, without the logarithms of what cannot be larger than `least`, the largest
/// so far, or if all lanes are of one row, the largest of any.
#[cfg_attr(not(debug_assertions), inline(always))]
fn draw<L: Vector>(rows: Rows, logits: Table<'_>, least: L, one_row: bool, rng: &mut LaneRng<L>) -> ArgMax<L> {
    let mut best = ArgMax::new();
    let (all, mut of_any, mut new) = (if one_row { COLUMNS } else { ALL }, least, true);
    for start in (0..logits.columns).step_by(COLUMNS) {
        let count = COLUMNS.min(logits.columns - start);
        let mut z = rows.block(logits.values, logits.columns, start, count);
        if start < all {
            // Of known length, where it can be.
            if count == COLUMNS {
                several::add_gumbel_to_block(&mut z, rng);
            } else {
                several::add_gumbel(&mut z[..count], rng);
            }
            for (k, &z) in (start as u32..).zip(&z[..count]) {
                best.see(k, z);
            }
            continue;
        }
        if one_row && new {
            (of_any, new) = (best.of_any().max(least), false);
        }
        for (k, &l) in (start as u32..).zip(&z[..count]) {
            let word = rng.next_word();
            let largest = if one_row { of_any } else { best.largest };
            if may_be_larger(l, largest, word).any() {
                best.see(k, l + gumbel::of_word::<L>(word));
                new = true;
            }
        }
    }
    best
}

/// Whether `l + G` can exceed the largest so far, for the Gumbel number of a word; true where in doubt.
///
/// It does where `−ln u < e^{l − largest}`. As `1 − u ≤ −ln u`, it cannot where `1 − u` is not below a number that is at
/// least as large as that power: `2^n (1 + f) ≥ 2^{n + f}`. A part in 256 is for rounding, of which numbers below 2^13 have less.
#[inline(always)]
fn may_be_larger<L: Vector>(l: L, largest: L, word: L::Word) -> L::Mask {
    let exponent = (l - largest) * core::f32::consts::LOG2_E;
    let exponent = exponent.max(L::splat(-126.0)).min(L::splat(126.0));
    let power = L::from_bits(((exponent + 127.0) * 8_388_608.0).to_integer());
    let rest = L::from_word(word.not()) * (1.0 / 4_294_967_296.0);
    rest.lt(power * (1.0 + 1.0 / 256.0)).or(largest.abs().lt(L::splat(8192.0)).not())
}
