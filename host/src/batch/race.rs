//! The relaxed race over batches.

use samplegrad_core::{Source, lane::Word, noise::Uniform, reduce, relaxed_race::RelaxedRace};

use super::{
    parts::{Table, TableMut},
    tile::{self, ArgMax, FEW, Rows},
};
use crate::{
    Vector,
    several::{self, SEVERAL, Several},
    streams::StreamsMut,
};

/// Writes what [`RelaxedRace::relax`] makes of rows and the words of their streams, and to `first` the class that is first in
/// each, if that is asked for.
#[inline(always)]
pub(super) fn relax<L: Vector>(
    race: RelaxedRace,
    logits: Table<'_>,
    streams: &mut StreamsMut<'_>,
    mut y: TableMut<'_>,
    mut first: Option<TableMut<'_, u32>>,
) {
    let count = streams.count();
    if logits.columns > FEW / 2 {
        for rows in tile::tiles::<L>(count) {
            let class = relax_tile::<L>(race, rows, logits, streams, y.values);
            if let Some(first) = &mut first {
                rows.store_words::<L>(class, first.values);
            }
        }
        return;
    }
    // So many tiles that there is something to do side by side.
    let lanes = FEW / logits.columns * L::LANES;
    for start in (0..count).step_by(lanes) {
        relax_pack::<L>(race, start..count.min(start + lanes), logits, streams, &mut y, &mut first);
    }
}

/// Rows of a few classes.
#[inline(always)]
fn relax_pack<L: Vector>(
    race: RelaxedRace,
    rows: core::ops::Range<usize>,
    logits: Table<'_>,
    streams: &mut StreamsMut<'_>,
    y: &mut TableMut<'_>,
    first: &mut Option<TableMut<'_, u32>>,
) {
    let k = logits.columns;
    let (mut w, mut words) = ([L::ZERO; FEW], [L::Word::splat(0); FEW]);
    let columns = streams.words::<L>(&rows, k, &mut words);
    for (tile, w) in tile::tiles_of::<L>(&rows).zip(w.chunks_exact_mut(k)) {
        tile.load(logits.values, w);
        let max = reduce::max(w);
        for w in w {
            *w = *w - max;
        }
    }
    let (w_of_several, last) = w[..columns].as_chunks_mut::<SEVERAL>();
    let (words_of_several, last_words) = words[..columns].as_chunks::<SEVERAL>();
    for (w, &words) in w_of_several.iter_mut().zip(words_of_several) {
        *w = race.weight(Several(*w), Uniform::<Several<L>>::neg_ln_of_word(Several(words))).0;
    }
    for (w, &word) in last.iter_mut().zip(last_words) {
        *w = race.weight(*w, Uniform::neg_ln_of_word(word));
    }
    for (tile, w) in tile::tiles_of::<L>(&rows).zip(w.chunks_exact_mut(k)) {
        let (class, _) = reduce::arg_max(w);
        let recip = reduce::sum(w).recip();
        for w in &mut *w {
            *w = *w * recip;
        }
        tile.store(w, y.values);
        if let Some(first) = first {
            tile.store_words::<L>(class, first.values);
        }
    }
}

/// Rows of more classes, in blocks that stay near; what concerns single rows is done where they lie.
#[inline(always)]
fn relax_tile<L: Vector>(
    race: RelaxedRace,
    rows: Rows,
    logits: Table<'_>,
    streams: &mut StreamsMut<'_>,
    y: &mut [f32],
) -> L::Word {
    let columns = logits.columns;
    let rng = &mut streams.load::<L>(rows.first, rows.active);
    let max = rows.max::<L>(logits.values, columns);
    let (mut sum, mut first) = (L::ZERO, ArgMax::new());
    for start in (0..columns).step_by(L::LANES) {
        let count = L::LANES.min(columns - start);
        rows.prefetch::<L>(logits.values, columns, start);
        let mut block = rows.block::<L>(logits.values, columns, start, count);
        let (of_several, last) = block[..count].as_chunks_mut::<SEVERAL>();
        for l in of_several {
            let arrival = Uniform::<Several<L>>::neg_ln_of_word(several::words(rng));
            *l = race.weight(Several(*l) - Several([max; SEVERAL]), arrival).0;
        }
        for l in last {
            *l = race.weight(*l - max, Uniform::neg_ln_of_word(rng.next_word()));
        }
        for (k, &w) in (start as u32..).zip(&block[..count]) {
            first.see(k, w);
            sum = sum + w;
        }
        rows.store_block(block, columns, start, count, y);
    }
    rows.scale(sum.recip(), columns, y);
    streams.store(rows.first, rows.active, rng);
    first.class
}
