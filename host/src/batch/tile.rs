//! Tiles: as many rows as there are lanes, one column of a tile being one vector.

use samplegrad_core::lane::{Lane, Word};

use crate::{
    Block, Error, MOST_LANES, Streams, Vector,
    streams::{LaneRng, StreamsMut},
};

/// Some rows, at most one per lane. Lanes from `active` on repeat the last row; what they compute is dropped.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) first: usize,
    pub(super) active: usize,
}

impl Rows {
    #[inline(always)]
    fn row(self, lane: usize) -> usize {
        self.first + lane.min(self.active - 1)
    }

    /// One number per row.
    #[inline(always)]
    pub(super) fn column<L: Vector>(self, values: &[f32]) -> L {
        if self.active == L::LANES {
            L::load(&values[self.first..self.first + L::LANES])
        } else {
            L::from_fn(|lane| values[self.row(lane)])
        }
    }

    /// Column `k` of the rows, of words.
    #[inline(always)]
    pub(super) fn words<W: Word>(self, values: &[u32], columns: usize, k: usize) -> W {
        W::from_fn(|lane| values[self.row(lane) * columns + k])
    }

    /// All columns of the rows.
    #[inline(always)]
    pub(super) fn load<L: Vector>(self, values: &[f32], tile: &mut [L]) {
        let columns = tile.len();
        for (number, out) in tile.chunks_mut(L::LANES).enumerate() {
            let block = self.block::<L>(values, columns, number * L::LANES, out.len());
            out.copy_from_slice(&block[..out.len()]);
        }
    }

    /// `count` columns of the rows, from column `start` on, at most as many as there are lanes.
    #[inline(always)]
    pub(super) fn block<L: Vector>(self, values: &[f32], columns: usize, start: usize, count: usize) -> Block<L> {
        let mut block = [L::ZERO; MOST_LANES];
        if self.active == L::LANES && count == L::LANES {
            // Of known lengths, where they can be.
            for lane in 0..L::LANES {
                let start = (self.first + lane) * columns + start;
                block[lane] = L::load(&values[start..start + L::LANES]);
            }
        } else {
            for lane in 0..L::LANES {
                let start = self.row(lane) * columns + start;
                block[lane] = L::load(&values[start..start + count]);
            }
        }
        L::transpose(&mut block);
        block
    }

    /// Writes all columns of the rows.
    #[inline(always)]
    pub(super) fn store<L: Vector>(self, tile: &[L], values: &mut [f32]) {
        let columns = tile.len();
        for (number, columns_of_block) in tile.chunks(L::LANES).enumerate() {
            let mut block = [L::ZERO; MOST_LANES];
            for (row, &x) in block.iter_mut().zip(columns_of_block) {
                *row = x;
            }
            self.store_block(block, columns, number * L::LANES, columns_of_block.len(), values);
        }
    }

    /// Writes `count` columns of the rows, from column `start` on, that stand in a block.
    #[inline(always)]
    pub(super) fn store_block<L: Vector>(
        self,
        mut block: Block<L>,
        columns: usize,
        start: usize,
        count: usize,
        values: &mut [f32],
    ) {
        L::transpose(&mut block);
        if self.active == L::LANES && count == L::LANES {
            // Of known lengths, where they can be.
            for lane in 0..L::LANES {
                let start = (self.first + lane) * columns + start;
                block[lane].store(&mut values[start..start + L::LANES]);
            }
        } else {
            for lane in 0..self.active {
                let start = (self.first + lane) * columns + start;
                block[lane].store(&mut values[start..start + count]);
            }
        }
    }

    /// Writes one number per row.
    #[inline(always)]
    pub(super) fn store_column<L: Vector>(self, x: L, values: &mut [f32]) {
        x.store(&mut values[self.first..self.first + self.active]);
    }

    /// Writes one word per row.
    #[inline(always)]
    pub(super) fn store_words<L: Vector>(self, x: L::Word, values: &mut [u32]) {
        L::store_words(x, &mut values[self.first..self.first + self.active]);
    }
}

/// All rows, from first to last.
// A loop over these and no closure: a closure would not be compiled for the instructions of the loop it is in.
#[inline(always)]
pub(super) fn tiles<L: Lane>(rows: usize) -> Tiles {
    Tiles { first: 0, rows, lanes: L::LANES }
}

/// Rows that are left.
pub(super) struct Tiles {
    first: usize,
    rows: usize,
    lanes: usize,
}

impl Iterator for Tiles {
    type Item = Rows;

    #[inline(always)]
    fn next(&mut self) -> Option<Rows> {
        let left = self.rows - self.first;
        let rows = Rows { first: self.first, active: self.lanes.min(left) };
        self.first += rows.active;
        if left > 0 { Some(rows) } else { None }
    }
}

/// Calls `f` with all rows, from first to last.
#[inline(always)]
pub(super) fn for_each<L: Lane>(rows: usize, f: impl FnMut(Rows)) {
    tiles::<L>(rows).for_each(f);
}

/// Rounds of rows, of as many as there are streams: calls `f` with the first row and the streams of each, one a row.
pub(super) fn for_each_round(streams: &mut Streams, rows: usize, mut f: impl FnMut(usize, StreamsMut<'_>)) {
    let count = streams.count();
    for first in (0..rows).step_by(count) {
        f(first, streams.first_mut(count.min(rows - first)));
    }
}

/// Scratch of so many vectors: on the stack for a few, and on the heap once a call and thread for more.
macro_rules! scratch {
    ($vector:ident: $($name:ident[$length:expr]),*) => {
        $(
            let length: usize = $length;
            let (mut few, mut many) = ([$vector::ZERO; tile::FEW], Vec::new());
            let $name: &mut [$vector] = if length <= tile::FEW {
                &mut few[..length]
            } else {
                many.resize(length, $vector::ZERO);
                &mut many
            };
        )*
    };
}
pub(super) use scratch;

/// Vectors of scratch that are on the stack.
pub(super) const FEW: usize = 32;

pub(super) fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}

/// Checks every row, with its number in the error. No check refuses a row of finite numbers, and most rows are such: to see
/// that takes a fraction of the time of a check that can say what is wrong.
pub(super) fn check_rows(
    values: &[f32],
    columns: usize,
    check: impl Fn(&[f32]) -> Result<(), samplegrad_core::Error>,
) -> Result<(), Error> {
    for (row, values) in values.chunks_exact(columns).enumerate() {
        let finite = values.iter().fold(true, |finite, x| finite & (x.abs() < f32::INFINITY));
        if !finite {
            check(values).map_err(|source| Error::Row { row, source })?;
        }
    }
    Ok(())
}

/// All rows in vectors of one width, in the caller's thread, round after round of the streams.
pub(super) fn for_each_drawn_row<L: Vector>(
    streams: &mut Streams,
    rows: usize,
    mut f: impl FnMut(Rows, &mut LaneRng<L>),
) {
    for_each_round(streams, rows, |round, mut streams| {
        for rows in tiles::<L>(streams.count()) {
            let mut rng = streams.load::<L>(rows.first, rows.active);
            f(Rows { first: round + rows.first, ..rows }, &mut rng);
            streams.store(rows.first, rows.active, &rng);
        }
    });
}

/// A tile of zeros.
pub(super) fn zeros<L: Lane>(columns: usize) -> Vec<L> {
    vec![L::ZERO; columns]
}
