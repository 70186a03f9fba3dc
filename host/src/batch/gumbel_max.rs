//! The Gumbel-max trick over batches.

use samplegrad_core::{
    Source,
    gumbel_softmax::is_far,
    lane::{Lane, Mask, Word},
    largest_sum::{LargestSum, is_less},
    noise::gumbel,
    reduce,
};

use crate::{
    batch::{
        engine::{
            bound::may_be_larger,
            gumbel::{add_gumbel, add_gumbel_to_block},
            long_row::{self, LongRows},
            scratch::FEW,
            split::{Table, TableMut, for_each_drawn_chunk},
            tile::{self, COLUMNS, PACK, TileRows},
        },
        logits::Logits,
    },
    error::Error,
    lanes::{
        kernel::Kernel,
        unrolled::{UNROLLED, Unrolled},
        vector::{MOST_LANES, Vector},
    },
    streams::{lane_rng::LaneRng, streams::Streams, streams_mut::StreamsMut},
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
        draw_all::<L>(self.of, &mut self.streams, self.classes.values);
    }
}

/// Draws the classes of rows, from the words of their streams.
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
            let (of_z, _) = z.as_chunks_mut::<UNROLLED>();
            for (z, &words) in of_z.iter_mut().zip(words.as_chunks::<UNROLLED>().0).take(drawn.div_ceil(UNROLLED)) {
                *z = (Unrolled(*z) + gumbel::of_word::<Unrolled<L>>(Unrolled(words))).0;
            }
            let mut far = L::Mask::splat(false);
            for (tile, z) in tile::tiles_of::<L>(&rows).zip(z.chunks_exact(columns)) {
                let (class, largest) = reduce::arg_max(z);
                tile.store_words::<L>(class, classes);
                far = far.or(is_far(largest));
            }
            // A separate loop, so that the loops above keep their numbers in registers.
            if far.any() {
                let of_tiles = z.chunks_exact(columns).zip(words.chunks_exact(columns));
                for (tile, (z, words)) in tile::tiles_of::<L>(&rows).zip(of_tiles) {
                    if is_tied(z, reduce::max(z)) {
                        tile.store_words::<L>(draw_tied::<L>(tile, logits, words), classes);
                    }
                }
            }
        }
        return;
    }
    let mut any_left = false;
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
        let drawn = draw_by::<L, false>(rows, logits, LargestSum::new(), false, rng);
        if matters(drawn.sum) {
            (classes[rows.first], any_left) = (LEFT, true);
            continue;
        }
        rows.store_words::<L>(drawn.class, classes);
        streams.store(rows.first, rows.active, rng);
    }
    // A separate loop, so that the loop above keeps its numbers in registers.
    if any_left {
        for rows in tile::tiles::<L>(count) {
            if classes[rows.first] == LEFT {
                let rng = &mut streams.load::<L>(rows.first, rows.active);
                let drawn = draw_by::<L, true>(rows, logits, LargestSum::new(), false, rng);
                rows.store_words::<L>(drawn.class, classes);
                streams.store(rows.first, rows.active, rng);
            }
        }
    }
}

/// The mark of a tile that is drawn later. It takes the place of the first class of the tile. No class has this number.
const LEFT: u32 = u32::MAX;

/// Returns whether, in any row, two rounded sums equal the largest sum of the row.
#[inline(always)]
fn is_tied<L: Lane>(z: &[L], largest: L) -> bool {
    let (mut once, mut twice) = (L::Mask::splat(false), L::Mask::splat(false));
    for z in z {
        let here = z.equals(largest);
        (once, twice) = (once.or(here), twice.or(once.and(here)));
    }
    twice.any()
}

/// Draws the classes of a tile of few columns, by exact sums.
#[cfg_attr(not(debug_assertions), inline(always))]
fn draw_tied<L: Vector>(tile: TileRows, logits: Table<'_>, words: &[L::Word]) -> L::Word {
    let mut l = [L::ZERO; FEW / 2];
    tile.load(logits.values, &mut l[..logits.columns]);
    let mut largest = LargestSum::new();
    for ((k, &l), &word) in (0..).zip(&l).zip(words) {
        largest.see(k, l, gumbel::of_word::<L>(word));
    }
    largest.class
}

/// Draws the class of one long row.
#[cfg_attr(not(debug_assertions), inline(always))]
fn draw_long<L: Vector>(long: &LongRows, logits: &[f32], rng: &mut LaneRng<L>) -> u32 {
    let mut largest = LargestSum::<f32>::new();
    for cut in long.cuts::<L>() {
        let logits = Table::new(&logits[cut.of.clone()], cut.columns);
        let least = LargestSum { class: L::Word::splat(0), sum: L::splat(largest.sum), lost: L::splat(largest.lost) };
        let before = *rng;
        let mut best = draw_by::<L, false>(cut.rows, logits, least, true, rng);
        if matters(least.sum) || matters(best.sum) {
            *rng = before;
            best = draw_by::<L, true>(cut.rows, logits, least, true, rng);
        }
        long_row::go_on(rng);
        for lane in 0..cut.rows.active {
            let of_lane = extract(&best, lane);
            if is_less((largest.sum, largest.lost), (of_lane.sum, of_lane.lost)) {
                let class = (cut.of.start + lane * cut.columns) as u32 + of_lane.class;
                largest = LargestSum { class, ..of_lane };
            }
        }
    }
    largest.class
}

/// Returns the largest sum of one lane.
#[inline(always)]
fn extract<L: Lane>(largest: &LargestSum<L>, lane: usize) -> LargestSum<f32> {
    let LargestSum { class, sum, lost } = largest;
    LargestSum { class: class.extract(lane), sum: sum.extract(lane), lost: lost.extract(lane) }
}

/// Returns whether any lane has a largest sum to which rounding errors matter. A lane without a sum is ignored.
#[inline(always)]
fn matters<L: Lane>(sum: L) -> bool {
    is_far(sum).and(L::NEG_INFINITY.lt(sum)).any()
}

/// The number of leading columns whose Gumbel numbers are always computed. In most of these columns at least one lane
/// has a new largest sum.
const ALL: usize = 48;

/// Draws for a tile as [`samplegrad_core::gumbel_max::draw`] does. Skips the logarithms of sums that cannot exceed the
/// largest sum so far. If all lanes belong to one row, the largest sum so far is the largest of `least` and the sums of
/// all lanes.
///
/// With `EXACT`, sums are exact. Without `EXACT`, rounding errors are ignored. If rounding errors [matter](matters) to
/// the largest sum, the result is then invalid and the generator is in an unspecified state.
#[cfg_attr(not(debug_assertions), inline(always))]
fn draw_by<L: Vector, const EXACT: bool>(
    rows: TileRows,
    logits: Table<'_>,
    least: LargestSum<L>,
    one_row: bool,
    rng: &mut LaneRng<L>,
) -> LargestSum<L> {
    let mut best = LargestSum::new();
    let (all, mut of_any, mut new) = (if one_row { COLUMNS } else { ALL }, least, true);
    for start in (0..logits.columns).step_by(COLUMNS) {
        let count = COLUMNS.min(logits.columns - start);
        let l = rows.block(logits.values, logits.columns, start, count);
        if start < all {
            // Adding −0 does not change a number, including a zero of either sign.
            let mut z = if EXACT { [L::splat(-0.0); MOST_LANES] } else { l };
            // A full block has a constant length.
            if count == COLUMNS {
                add_gumbel_to_block(&mut z, rng);
            } else {
                add_gumbel(&mut z[..count], rng);
            }
            if EXACT {
                for ((k, &g), &l) in (start as u32..).zip(&z[..count]).zip(&l) {
                    best.see(k, l, g);
                }
            } else {
                for (k, &z) in (start as u32..).zip(&z[..count]) {
                    see(&mut best, k, z);
                }
            }
            if !EXACT && start == 0 && matters(best.sum) {
                return best;
            }
            continue;
        }
        if one_row && new {
            (of_any, new) = (largest_of_any(&best, least), false);
        }
        for (k, &l) in (start as u32..).zip(&l[..count]) {
            let word = rng.next_word();
            let largest = if one_row { of_any } else { best };
            let above = if EXACT { (l - largest.sum) - largest.lost } else { l - largest.sum };
            if may_be_larger(above, word).any() {
                let g = gumbel::of_word::<L>(word);
                if EXACT {
                    best.see(k, l, g);
                } else {
                    see(&mut best, k, l + g);
                }
                new = true;
            }
        }
    }
    best
}

/// Updates the largest sum with a rounded sum.
#[inline(always)]
fn see<L: Lane>(best: &mut LargestSum<L>, class: u32, z: L) {
    let larger = best.sum.lt(z);
    best.class = L::Word::select(larger, L::Word::splat(class), best.class);
    best.sum = L::select(larger, z, best.sum);
}

/// Returns the largest of `least` and the sums of all lanes, copied to every lane.
#[inline(always)]
fn largest_of_any<L: Lane>(best: &LargestSum<L>, least: LargestSum<L>) -> LargestSum<L> {
    let mut largest = extract(&least, 0);
    for lane in 0..L::LANES {
        let of_lane = extract(best, lane);
        if is_less((largest.sum, largest.lost), (of_lane.sum, of_lane.lost)) {
            largest = of_lane;
        }
    }
    LargestSum { class: least.class, sum: L::splat(largest.sum), lost: L::splat(largest.lost) }
}
