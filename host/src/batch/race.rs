//! The relaxed race over the rows of a tile.

use samplegrad_core::{Source, lane::Word, noise::Uniform, reduce, relaxed_race::RelaxedRace};

use super::{
    parts::Table,
    tile::{FEW, Rows},
};
use crate::{
    LaneRng, Vector,
    several::{self, SEVERAL, Several},
};

/// Writes what [`RelaxedRace::relax`] makes of the rows and the words of their streams, and returns who is first in each.
#[inline(always)]
pub(super) fn relax<L: Vector>(
    race: RelaxedRace,
    rows: Rows,
    logits: Table<'_>,
    rng: &mut LaneRng<L>,
    y: &mut [f32],
) -> L::Word {
    let columns = logits.columns;
    if columns <= FEW {
        let mut columns_of_tile = [L::ZERO; FEW];
        let w = &mut columns_of_tile[..columns];
        rows.load(logits.values, w);
        let mut sums = Sums::new(reduce::max(w));
        sums.add(race, w, 0, rng);
        let recip = sums.sum.recip();
        for w in &mut *w {
            *w = *w * recip;
        }
        rows.store(w, y);
        return sums.first;
    }
    // In blocks that stay near, and where rows lie where nothing but a row matters.
    let mut sums = Sums::new(rows.max::<L>(logits.values, columns));
    for start in (0..columns).step_by(L::LANES) {
        let count = L::LANES.min(columns - start);
        for lane in 0..L::LANES {
            let at = if columns <= 256 { (rows.first + L::LANES + lane) * columns + start } else { (rows.first + lane) * columns + start + 2 * L::LANES };
            #[allow(unsafe_code)]
            unsafe { core::arch::x86_64::_mm_prefetch::<{core::arch::x86_64::_MM_HINT_T0}>(logits.values.as_ptr().wrapping_add(at).cast()) };
        }
        let mut block = rows.block::<L>(logits.values, columns, start, count);
        sums.add(race, &mut block[..count], start as u32, rng);
        rows.store_block(block, columns, start, count, y);
    }
    rows.scale(sums.sum.recip(), columns, y);
    sums.first
}

/// What is known of the columns so far.
struct Sums<L: Vector> {
    max: L,
    sum: L,
    largest: L,
    first: L::Word,
}

impl<L: Vector> Sums<L> {
    #[inline(always)]
    fn new(max: L) -> Self {
        Self { max, sum: L::ZERO, largest: L::NEG_INFINITY, first: L::Word::splat(0) }
    }

    /// Logits of columns from number `start` on become weights.
    #[inline(always)]
    fn add(&mut self, race: RelaxedRace, columns: &mut [L], start: u32, rng: &mut LaneRng<L>) {
        let (of_several, last) = columns.as_chunks_mut::<SEVERAL>();
        for l in of_several {
            let arrival = Uniform::<Several<L>>::neg_ln_of_word(several::words(rng));
            *l = race.weight(Several(*l), Several([self.max; SEVERAL]), arrival).0;
        }
        for l in last {
            *l = race.weight(*l, self.max, Uniform::neg_ln_of_word(rng.next_word()));
        }
        for (k, &w) in (start..).zip(&*columns) {
            let larger = self.largest.lt(w);
            self.first = L::Word::select(larger, L::Word::splat(k), self.first);
            self.largest = L::select(larger, w, self.largest);
            self.sum = self.sum + w;
        }
    }
}
