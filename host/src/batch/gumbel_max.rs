//! The Gumbel-max trick over batches.

use core::ops::Range;

use samplegrad_core::{
    Source,
    lane::{Mask, Word},
    noise::gumbel,
    reduce,
};

use super::{
    Logits,
    parts::{Table, TableMut, for_each_drawn_piece, in_lanes},
    tile::{self, ArgMax, FEW, Rows},
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
            let count = streams.count();
            if logits.columns <= FEW / 2 {
                // So many tiles that there is something to do side by side.
                let lanes = FEW / logits.columns * L::LANES;
                for start in (0..count).step_by(lanes) {
                    draw_pack::<L>(start..count.min(start + lanes), logits, &mut streams, classes.values);
                }
                return;
            }
            for rows in tile::tiles::<L>(count) {
                let rng = &mut streams.load::<L>(rows.first, rows.active);
                rows.store_words::<L>(draw(rows, logits, rng), classes.values);
                streams.store(rows.first, rows.active, rng);
            }
        });
    });
    Ok(())
}

/// Draws for rows of a few classes, of several tiles.
#[inline(always)]
fn draw_pack<L: Vector>(rows: Range<usize>, logits: Table<'_>, streams: &mut StreamsMut<'_>, classes: &mut [u32]) {
    let k = logits.columns;
    let (mut z, mut words) = ([L::ZERO; FEW], [L::Word::splat(0); FEW]);
    let columns = streams.words::<L>(&rows, k, &mut words);
    for (tile, z) in tile::tiles_of::<L>(&rows).zip(z.chunks_exact_mut(k)) {
        tile.load(logits.values, z);
    }
    let (z_of_several, last) = z[..columns].as_chunks_mut::<SEVERAL>();
    let (words_of_several, last_words) = words[..columns].as_chunks::<SEVERAL>();
    for (z, &words) in z_of_several.iter_mut().zip(words_of_several) {
        *z = (Several(*z) + gumbel::of_word::<Several<L>>(Several(words))).0;
    }
    for (z, &word) in last.iter_mut().zip(last_words) {
        *z = *z + gumbel::of_word::<L>(word);
    }
    for (tile, z) in tile::tiles_of::<L>(&rows).zip(z.chunks_exact(k)) {
        tile.store_words::<L>(reduce::arg_max(z).0, classes);
    }
}

/// Columns whose Gumbel numbers are all made: so early, one lane or another has a new largest in most columns.
const ALL: usize = 48;

/// What [`samplegrad_core::gumbel_max::draw`] draws, without the logarithms of what cannot be the largest.
#[inline(always)]
fn draw<L: Vector>(rows: Rows, logits: Table<'_>, rng: &mut LaneRng<L>) -> L::Word {
    let mut best = ArgMax::new();
    for start in (0..logits.columns).step_by(L::LANES) {
        let count = L::LANES.min(logits.columns - start);
        let mut z = rows.block::<L>(logits.values, logits.columns, start, count);
        if start < ALL {
            several::add_gumbel(&mut z[..count], rng);
            for (k, &z) in (start as u32..).zip(&z[..count]) {
                best.see(k, z);
            }
            continue;
        }
        for (k, &l) in (start as u32..).zip(&z[..count]) {
            let word = rng.next_word();
            if may_be_larger(l, best.largest, word).any() {
                best.see(k, l + gumbel::of_word::<L>(word));
            }
        }
    }
    best.class
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
