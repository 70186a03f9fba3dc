//! Tiles: as many rows as there are lanes, one column of a tile being one vector.

use samplegrad_core::lane::{Lane, Word};

use crate::{Error, Streams, streams::LaneRng};

/// Some rows, at most one per lane. Lanes from `active` on repeat the last row; what they compute is dropped.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) first: usize,
    pub(super) active: usize,
}

impl Rows {
    fn row(self, lane: usize) -> usize {
        self.first + lane.min(self.active - 1)
    }

    /// Column `k` of the rows.
    #[inline(always)]
    pub(super) fn column<L: Lane>(self, values: &[f32], columns: usize, k: usize) -> L {
        L::from_fn(|lane| values[self.row(lane) * columns + k])
    }

    /// Column `k` of the rows, of words.
    #[inline(always)]
    pub(super) fn words<W: Word>(self, values: &[u32], columns: usize, k: usize) -> W {
        W::from_fn(|lane| values[self.row(lane) * columns + k])
    }

    /// All columns of the rows.
    #[inline(always)]
    pub(super) fn load<L: Lane>(self, values: &[f32], tile: &mut [L]) {
        let columns = tile.len();
        for (k, x) in tile.iter_mut().enumerate() {
            *x = self.column(values, columns, k);
        }
    }

    /// Writes all columns of the rows.
    #[inline(always)]
    pub(super) fn store<L: Lane>(self, tile: &[L], values: &mut [f32]) {
        let rows = values[self.first * tile.len()..].chunks_exact_mut(tile.len());
        for (lane, row) in rows.take(self.active).enumerate() {
            for (value, x) in row.iter_mut().zip(tile) {
                *value = x.extract(lane);
            }
        }
    }

    /// Writes one number per row.
    #[inline(always)]
    pub(super) fn store_column<L: Lane>(self, x: L, values: &mut [f32]) {
        for (lane, value) in values[self.first..self.first + self.active].iter_mut().enumerate() {
            *value = x.extract(lane);
        }
    }

    /// Writes one word per row.
    #[inline(always)]
    pub(super) fn store_words<W: Word>(self, x: W, values: &mut [u32]) {
        for (lane, value) in values[self.first..self.first + self.active].iter_mut().enumerate() {
            *value = x.extract(lane);
        }
    }
}

/// All rows, from first to last.
#[inline(always)]
pub(super) fn for_each<L: Lane>(rows: usize, mut f: impl FnMut(Rows)) {
    for first in (0..rows).step_by(L::LANES) {
        f(Rows { first, active: L::LANES.min(rows - first) });
    }
}

/// All rows, from first to last, with the streams they draw from.
#[inline(always)]
pub(super) fn for_each_drawn<L: Lane>(streams: &mut Streams, rows: usize, mut f: impl FnMut(Rows, &mut LaneRng<L>)) {
    let mut first = 0;
    while first < rows {
        let active = streams.run(first, rows, L::LANES);
        let mut rng = streams.load::<L>(first, active);
        f(Rows { first, active }, &mut rng);
        streams.store(first, active, &rng);
        first += active;
    }
}

/// A tile of zeros.
pub(super) fn zeros<L: Lane>(columns: usize) -> Vec<L> {
    vec![L::ZERO; columns]
}

pub(super) fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}

/// Checks every number with its own row number in the error.
pub(super) fn check_rows(
    values: &[f32],
    columns: usize,
    check: impl Fn(&[f32]) -> Result<(), samplegrad_core::Error>,
) -> Result<(), Error> {
    for (row, values) in values.chunks_exact(columns).enumerate() {
        check(values).map_err(|source| Error::Row { row, source })?;
    }
    Ok(())
}
