//! The exponential race over batches.

use samplegrad_core::{
    Source, exponential_race,
    lane::{Lane, Mask, Word},
    noise::Uniform,
    reduce,
};

use crate::{
    batch::engine::{
        bound::{above_exp, rest},
        long_row::{self, LongRows},
        row::{self, Strides},
        split::Table,
        tile::{self, COLUMNS, TileRows},
    },
    lanes::vector::{MOST_LANES, Vector},
    streams::{lane_rng::LaneRng, streams_mut::StreamsMut},
};

/// The number of leading classes whose arrivals are always computed. In most of these columns at least one lane has a
/// new first arrival.
const ALL: usize = 48;

/// The first arrival so far, and its class; the lowest class on ties.
struct First<L: Lane> {
    class: L::Word,
    arrival: L,
}

impl<L: Lane> First<L> {
    #[inline(always)]
    fn new() -> Self {
        Self { class: L::Word::splat(0), arrival: L::splat(f32::INFINITY) }
    }

    #[inline(always)]
    fn see(&mut self, class: u32, arrival: L) {
        let earlier = arrival.lt(self.arrival);
        self.class = L::Word::select(earlier, L::Word::splat(class), self.class);
        self.arrival = L::select(earlier, arrival, self.arrival);
    }

    /// Returns the earliest arrival of all lanes, copied to every lane.
    #[inline(always)]
    fn of_any(&self) -> L {
        L::splat((0..L::LANES).fold(f32::INFINITY, |first, lane| first.min(self.arrival.extract(lane))))
    }
}

/// Runs the race of each row, with the words of its stream.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn run_all<L: Vector>(logits: Table<'_>, streams: &mut StreamsMut<'_>, classes: &mut [u32]) {
    let (count, columns) = (streams.count(), logits.columns);
    if columns <= ALL {
        let (mut l, mut means) = ([L::ZERO; ALL], [L::ZERO; ALL]);
        let (l, means) = (&mut l[..columns], &mut means[..columns]);
        for rows in tile::tiles::<L>(count) {
            let rng = &mut streams.load::<L>(rows.first, rows.active);
            rows.load(logits.values, l);
            exponential_race::prepare(l, means);
            rows.store_words::<L>(exponential_race::run(means, rng), classes);
            streams.store(rows.first, rows.active, rng);
        }
        return;
    }
    let mut largest = Strides::new();
    for rows in tile::tiles::<L>(count) {
        if let Some(long) = LongRows::new::<L>(columns, rows.active) {
            for row in rows.first..rows.first + rows.active {
                let rng = &mut long.start::<L>(streams, row);
                classes[row] = run_long(&long, &logits.values[row * columns..(row + 1) * columns], rng);
                long_row::end(streams, row, rng);
            }
            continue;
        }
        for (lane, l) in logits.values[rows.of(columns)].chunks_exact(columns).enumerate() {
            row::max::<L>(l, largest.row(lane));
        }
        let max = largest.largest::<L>(rows.active);
        let rng = &mut streams.load::<L>(rows.first, rows.active);
        let never = L::splat(f32::INFINITY);
        rows.store_words::<L>(run::<L>(rows, logits, max, never, false, rng).class, classes);
        streams.store(rows.first, rows.active, rng);
    }
}

/// Runs the race of one long row.
#[cfg_attr(not(debug_assertions), inline(always))]
fn run_long<L: Vector>(long: &LongRows, logits: &[f32], rng: &mut LaneRng<L>) -> u32 {
    let mut strides = [0.0; reduce::STRIDES];
    row::max::<L>(logits, &mut strides);
    let max = L::splat(reduce::max(&strides));
    let (mut class, mut first) = (0, f32::INFINITY);
    for cut in long.cuts::<L>() {
        let logits = Table::new(&logits[cut.of.clone()], cut.columns);
        let best = run(cut.rows, logits, max, L::splat(first), true, rng);
        long_row::go_on(rng);
        for lane in 0..cut.rows.active {
            let arrival = best.arrival.extract(lane);
            if arrival < first {
                (class, first) = ((cut.of.start + lane * cut.columns) as u32 + best.class.extract(lane), arrival);
            }
        }
    }
    class
}

/// Runs the race as [`samplegrad_core::exponential_race::run`] does. Skips the logarithms and exponentials of arrivals
/// that cannot be before the first arrival so far. If all lanes belong to one row, the first arrival so far is the
/// earliest of `first` and the arrivals of all lanes.
#[cfg_attr(not(debug_assertions), inline(always))]
fn run<L: Vector>(
    rows: TileRows,
    logits: Table<'_>,
    max: L,
    first: L,
    one_row: bool,
    rng: &mut LaneRng<L>,
) -> First<L> {
    let mut best = First::new();
    let (all, mut of_any, mut new) = (if one_row { COLUMNS } else { ALL }, first, true);
    for start in (0..logits.columns).step_by(COLUMNS) {
        let count = COLUMNS.min(logits.columns - start);
        let l: [L; MOST_LANES] = rows.block(logits.values, logits.columns, start, count);
        if start < all {
            for (k, &l) in (start as u32..).zip(&l[..count]) {
                best.see(k, arrival(l, max, rng.next_word()));
            }
            continue;
        }
        if one_row && new {
            (of_any, new) = (first.min(best.of_any()), false);
        }
        for (k, &l) in (start as u32..).zip(&l[..count]) {
            let word = rng.next_word();
            let earliest = if one_row { of_any } else { best.arrival };
            // An arrival is before the first where −ln u < first · e^{l − max}, and 1 − u ≤ −ln u.
            if rest::<L>(word).lt(earliest * above_exp(l - max)).any() {
                best.see(k, arrival(l, max, word));
                new = true;
            }
        }
    }
    best
}

#[inline(always)]
fn arrival<L: Vector>(l: L, max: L, word: L::Word) -> L {
    Uniform::<L>::neg_ln_of_word(word) * exponential_race::mean_of(l, max)
}
