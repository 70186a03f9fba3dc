//! The relaxed race over batches.

use samplegrad_core::{
    lane::{Lane, Word},
    noise::Uniform,
    reduce::{self, STRIDES},
    relaxed_race::RelaxedRace,
};

use crate::{
    batch::engine::{
        long_row::{self, LongRows},
        row::{self, First, Strides},
        scratch::FEW,
        split::{Table, TableMut},
        tile::{self, COLUMNS, PACK, TileRows},
    },
    lanes::{
        unrolled::{UNROLLED, Unrolled},
        vector::{MOST_LANES, Vector},
    },
    streams::{lane_rng::LaneRng, streams_mut::StreamsMut},
};

/// The second output, in addition to a relaxed sample.
pub(crate) enum Also<'a> {
    Nothing,
    /// The class with the first arrival in each row.
    First(TableMut<'a, u32>),
    /// The gradient of a cost function, given its cotangent.
    Gradient {
        cotangent: Table<'a>,
        scale: f32,
        gradient: TableMut<'a>,
    },
}

/// Writes the samples of [`RelaxedRace::relax`] for each row, from the words of its stream.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn relax<L: Vector>(
    race: RelaxedRace,
    logits: Table<'_>,
    streams: &mut StreamsMut<'_>,
    mut y: TableMut<'_>,
    mut also: Also<'_>,
) {
    let (count, columns) = (streams.count(), logits.columns);
    if columns <= FEW / 2 {
        let pack = &mut Pack::<L>::new();
        for rows in tile::packs::<L>(count, columns) {
            pack.relax(race, rows, logits, streams, &mut y, &mut also);
        }
        return;
    }
    let mut largest = Strides::new();
    for rows in tile::tiles::<L>(count) {
        if let Some(long) = LongRows::new::<L>(columns, rows.active) {
            for row in rows.first..rows.first + rows.active {
                relax_long::<L>(race, &long, row, logits, streams, &mut y, &mut also);
            }
            continue;
        }
        for (lane, l) in logits.values[rows.of(columns)].chunks_exact(columns).enumerate() {
            row::max::<L>(l, largest.row(lane));
        }
        let mut max = [0.0; MOST_LANES];
        largest.largest::<L>(rows.active).store(&mut max);
        let rng = &mut streams.load::<L>(rows.first, rows.active);
        // `First` is used only with `Also::First`, and takes two kilobytes to initialize.
        let (sums, mut first) = (&mut Strides::new(), matches!(also, Also::First(_)).then(First::new));
        let ahead = &Ahead::new(rows.of(columns).end, columns, &also).from(0, rows.of(columns).start);
        weigh(race, rows, logits, &max, rng, y.values, Some(sums), first.as_mut(), ahead);
        if let (Also::First(to), Some(first)) = (&mut also, &first) {
            rows.store_words::<L>(first.columns::<L>(rows.active), to.values);
        }
        streams.store(rows.first, rows.active, rng);
        finish::<L>(rows, sums.sums(rows.active), &mut y, &mut also);
    }
}

/// Relaxes one long row.
#[cfg_attr(not(debug_assertions), inline(always))]
fn relax_long<L: Vector>(
    race: RelaxedRace,
    long: &LongRows,
    row: usize,
    logits: Table<'_>,
    streams: &mut StreamsMut<'_>,
    y: &mut TableMut<'_>,
    also: &mut Also<'_>,
) {
    let (rows, columns) = (TileRows { first: row, active: 1 }, logits.columns);
    let (logits, w) = (&logits.values[rows.of(columns)], &mut y.values[rows.of(columns)]);
    let mut strides = [0.0; STRIDES];
    row::max::<L>(logits, &mut strides);
    let max = [reduce::max(&strides); MOST_LANES];
    let rng = &mut long.start::<L>(streams, row);
    for cut in long.cuts::<L>() {
        let logits = Table::new(&logits[cut.of.clone()], cut.columns);
        let ahead = &Ahead::new(columns, columns, also).from(cut.of.start, row * columns + cut.of.start);
        weigh(race, cut.rows, logits, &max, rng, &mut w[cut.of], None, None, ahead);
        long_row::go_on(rng);
    }
    long_row::end(streams, row, rng);
    if let Also::First(first) = also {
        first.values[row] = row::arg_max::<L>(w);
    }
    row::sum::<L>(w, &mut strides);
    finish(rows, L::splat(reduce::sum(&strides)), y, also);
}

/// The memory to prefetch while weights are computed. It is needed soon afterwards, and its latency is hidden by the
/// computation.
struct Ahead<'a> {
    /// The start of the logits and weights of the next rows.
    next: usize,
    /// The cotangents of the same rows; `None` without cotangents, or for rows so short that a prefetch saves no time.
    cotangent: Option<&'a [f32]>,
}

impl<'a> Ahead<'a> {
    #[inline(always)]
    fn new(next: usize, columns: usize, also: &Also<'a>) -> Self {
        const FAR: usize = 512;
        match also {
            Also::Gradient { cotangent, .. } if columns >= FAR => Self { next, cotangent: Some(cotangent.values) },
            _ => Self { next, cotangent: None },
        }
    }

    /// Returns the memory to prefetch for parts of the tables: the logits and weights begin at `place`, and the
    /// cotangents at `of_cotangents`.
    #[inline(always)]
    fn from(&self, place: usize, of_cotangents: usize) -> Self {
        Self { next: self.next - place, cotangent: self.cotangent.map(|c| &c[of_cotangents..]) }
    }
}

/// Writes the weights of a tile, block after block of columns, and updates their sums and the first arrivals.
#[allow(clippy::too_many_arguments, reason = "two lines call it, inlined")]
#[cfg_attr(not(debug_assertions), inline(always))]
fn weigh<L: Vector>(
    race: RelaxedRace,
    rows: TileRows,
    logits: Table<'_>,
    max: &[f32; MOST_LANES],
    rng: &mut LaneRng<L>,
    weights: &mut [f32],
    mut sums: Option<&mut Strides>,
    mut first: Option<&mut First>,
    ahead: &Ahead<'_>,
) {
    let (columns, mut done) = (logits.columns, 0);
    for start in (0..columns).step_by(COLUMNS) {
        // A full block has a constant length.
        let full = columns - start >= COLUMNS;
        let count = if full { COLUMNS } else { columns - start };
        let words = if full { tile::row_words(rng, COLUMNS) } else { tile::row_words(rng, count) };
        let mut arrivals = [L::ZERO; MOST_LANES];
        for half in 0..MOST_LANES / UNROLLED {
            let arrival = Uniform::<Unrolled<L>>::neg_ln_of_word(Unrolled::of_half(&words, half));
            arrival.into_half(&mut arrivals, half);
        }
        for (part, arrivals) in arrivals.chunks_exact(L::LANES).enumerate() {
            let at = part * L::LANES;
            if at >= count {
                break;
            }
            for (lane, &arrival) in arrivals.iter().enumerate().take(rows.active) {
                let place = (rows.first + lane) * columns + start + at;
                // Addresses are prefetched in sequence, although rows are far apart: a processor that detects the
                // sequence prefetches more by itself.
                L::prefetch(logits.values, ahead.next + done);
                L::prefetch(weights, ahead.next + done);
                if let Some(cotangent) = ahead.cotangent {
                    L::prefetch(cotangent, done);
                }
                done += L::LANES;
                let w = if full {
                    let w = race.weight(L::load(&logits.values[place..place + L::LANES]) - max[lane], arrival);
                    w.store(&mut weights[place..place + L::LANES]);
                    w
                } else {
                    let of = place..place + L::LANES.min(count - at);
                    let w = race.weight(L::load(&logits.values[of.clone()]) - max[lane], arrival);
                    w.store(&mut weights[of.clone()]);
                    // Zeros beyond the row.
                    L::load(&weights[of])
                };
                if let Some(sums) = &mut sums {
                    let sums = &mut sums.row(lane)[at..at + L::LANES];
                    (L::load(sums) + w).store(sums);
                }
                if let Some(first) = &mut first {
                    first.see(lane, start, at, w);
                }
            }
        }
    }
}

/// Computes samples from weights and their sums, and the gradient if requested.
#[cfg_attr(not(debug_assertions), inline(always))]
fn finish<L: Vector>(rows: TileRows, sums: L, y: &mut TableMut<'_>, also: &mut Also<'_>) {
    let columns = y.columns;
    let of = rows.of(columns);
    let y = &mut y.values[of.clone()];
    let mut recip = [0.0; MOST_LANES];
    sums.recip().store(&mut recip);
    let Also::Gradient { cotangent, scale, gradient } = also else {
        for (w, &recip) in y.chunks_exact_mut(columns).zip(&recip) {
            row::scale::<L>(recip, w);
        }
        return;
    };
    let (c, g) = (&cotangent.values[of.clone()], &mut gradient.values[of]);
    let mut dots = Strides::new();
    let of_rows = y.chunks_exact_mut(columns).zip(c.chunks_exact(columns)).zip(g.chunks_exact(columns));
    for (lane, ((w, c), g)) in of_rows.enumerate() {
        row::scale_and_dot::<L>(recip[lane], w, c, g, dots.row(lane));
    }
    let mut means = [0.0; MOST_LANES];
    dots.sums::<L>(rows.active).store(&mut means);
    let of_rows = y.chunks_exact(columns).zip(c.chunks_exact(columns)).zip(g.chunks_exact_mut(columns));
    for (((y, c), g), &mean) in of_rows.zip(&means) {
        row::centre::<L>(y, Some(c), mean, *scale, g);
    }
}

/// A pack of rows with few classes. It has enough tiles for unrolled operations.
struct Pack<L: Lane> {
    w: [L; PACK],
    arrivals: [L; PACK],
    words: [L::Word; PACK],
}

impl<L: Vector> Pack<L> {
    #[inline(always)]
    fn new() -> Self {
        Self { w: [L::ZERO; PACK], arrivals: [L::ZERO; PACK], words: [L::Word::splat(0); PACK] }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn relax(
        &mut self,
        race: RelaxedRace,
        rows: core::ops::Range<usize>,
        logits: Table<'_>,
        streams: &mut StreamsMut<'_>,
        y: &mut TableMut<'_>,
        also: &mut Also<'_>,
    ) {
        let k = logits.columns;
        let columns = streams.words::<L>(&rows, k, &mut self.words);
        for (tile, w) in tile::tiles_of::<L>(&rows).zip(self.w.chunks_exact_mut(k)) {
            tile.load(logits.values, w);
            let max = reduce::max(w);
            for w in w {
                *w = *w - max;
            }
        }
        // Elements beyond the columns are not used.
        let (arrivals, _) = self.arrivals.as_chunks_mut::<UNROLLED>();
        let (words, _) = self.words.as_chunks::<UNROLLED>();
        for i in 0..columns.div_ceil(UNROLLED) {
            arrivals[i] = Uniform::<Unrolled<L>>::neg_ln_of_word(Unrolled(words[i])).0;
        }
        for (w, &arrival) in self.w.iter_mut().zip(&self.arrivals).take(columns) {
            *w = race.weight(*w, arrival);
        }
        let of_tiles = self.w.chunks_exact_mut(k).zip(self.arrivals.chunks_exact_mut(k));
        for (tile, (w, arrivals)) in tile::tiles_of::<L>(&rows).zip(of_tiles) {
            if let Also::First(first) = also {
                tile.store_words::<L>(reduce::arg_max(w).0, first.values);
            }
            let recip = reduce::sum(w).recip();
            for w in &mut *w {
                *w = *w * recip;
            }
            tile.store(w, y.values);
            if let Also::Gradient { cotangent, scale, gradient } = also {
                tile.load(cotangent.values, arrivals);
                let mean = reduce::dot(w, arrivals);
                for (w, &c) in w.iter_mut().zip(&*arrivals) {
                    *w = (*w * (c - mean)) * *scale;
                }
                tile.store(w, gradient.values);
            }
        }
    }
}
