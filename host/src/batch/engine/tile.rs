//! Tiles. A tile has as many rows as there are lanes, and each column of a tile is one vector.

use core::ops::Range;

use samplegrad_core::lane::{Lane, Word};

use crate::{
    lanes::{
        unrolled::UNROLLED,
        vector::{Block, MOST_LANES, Vector},
    },
    streams::lane_rng::LaneRng,
};

/// Some rows, at most one per lane. Lanes with an index of at least `active` repeat the last row, and their results are
/// discarded.
#[derive(Clone, Copy)]
pub(crate) struct TileRows {
    pub(crate) first: usize,
    pub(crate) active: usize,
}

impl TileRows {
    #[inline(always)]
    fn row(self, lane: usize) -> usize {
        self.first + lane.min(self.active - 1)
    }

    /// Returns the range of the elements of the rows in a row-major table with `columns` columns.
    #[inline(always)]
    pub(crate) fn of(self, columns: usize) -> Range<usize> {
        self.first * columns..(self.first + self.active) * columns
    }

    /// Loads one number per row.
    #[inline(always)]
    pub(crate) fn column<L: Vector>(self, values: &[f32]) -> L {
        if self.active == L::LANES {
            L::load(&values[self.first..self.first + L::LANES])
        } else {
            L::from_fn(|lane| values[self.row(lane)])
        }
    }

    /// Loads one word per row.
    #[inline(always)]
    pub(crate) fn word_column<L: Vector>(self, values: &[u32]) -> L::Word {
        if self.active == L::LANES {
            L::load_words(&values[self.first..self.first + L::LANES])
        } else {
            self.words(values, 1, 0)
        }
    }

    /// Loads column `k` of rows of words.
    #[inline(always)]
    pub(crate) fn words<W: Word>(self, values: &[u32], columns: usize, k: usize) -> W {
        W::from_fn(|lane| values[self.row(lane) * columns + k])
    }

    /// Loads all columns of the rows.
    #[inline(always)]
    pub(crate) fn load<L: Vector>(self, values: &[f32], tile: &mut [L]) {
        let columns = tile.len();
        if let (true, [even, odd]) = (self.active == L::LANES, &mut *tile) {
            let pairs = &values[2 * self.first..2 * (self.first + L::LANES)];
            (*even, *odd) = L::unzip(L::load(&pairs[..L::LANES]), L::load(&pairs[L::LANES..]));
            return;
        }
        for (number, out) in tile.chunks_mut(COLUMNS).enumerate() {
            let block = self.block::<L>(values, columns, number * COLUMNS, out.len());
            out.copy_from_slice(&block[..out.len()]);
        }
    }

    /// Loads columns `start` to `start + count − 1` of the rows. `count` is at most 16. The other columns of the block
    /// are zero.
    #[inline(always)]
    pub(crate) fn block<L: Vector>(self, values: &[f32], columns: usize, start: usize, count: usize) -> Block<L> {
        if L::LANES == COLUMNS {
            return self.square(values, columns, start, count);
        }
        let mut block = [L::ZERO; MOST_LANES];
        for part in (0..count).step_by(L::LANES) {
            let square = self.square::<L>(values, columns, start + part, L::LANES.min(count - part));
            block[part..part + L::LANES].copy_from_slice(&square[..L::LANES]);
        }
        block
    }

    /// Loads columns `start` to `start + count − 1` of the rows. `count` is at most the number of lanes.
    #[inline(always)]
    fn square<L: Vector>(self, values: &[f32], columns: usize, start: usize, count: usize) -> Block<L> {
        let mut square = [L::ZERO; MOST_LANES];
        if self.active == L::LANES && count == L::LANES {
            // Here the lengths are constants that the compiler knows.
            for lane in 0..L::LANES {
                let start = (self.first + lane) * columns + start;
                square[lane] = L::load(&values[start..start + L::LANES]);
            }
        } else {
            for lane in 0..L::LANES {
                let start = self.row(lane) * columns + start;
                square[lane] = L::load(&values[start..start + count]);
            }
        }
        L::transpose(&mut square);
        square
    }

    /// Writes all columns of the rows.
    #[inline(always)]
    pub(crate) fn store<L: Vector>(self, tile: &[L], values: &mut [f32]) {
        let columns = tile.len();
        if let (true, &[even, odd]) = (self.active == L::LANES, tile) {
            let pairs = &mut values[2 * self.first..2 * (self.first + L::LANES)];
            let (low, high) = L::zip(even, odd);
            low.store(&mut pairs[..L::LANES]);
            high.store(&mut pairs[L::LANES..]);
            return;
        }
        let mut block = [L::ZERO; MOST_LANES];
        for (number, columns_of_block) in tile.chunks(COLUMNS).enumerate() {
            for (block, &x) in block.iter_mut().zip(columns_of_block) {
                *block = x;
            }
            self.store_block(&block, columns, number * COLUMNS, columns_of_block.len(), values);
        }
    }

    /// Writes columns `start` to `start + count − 1` of the rows. `count` is at most 16.
    #[inline(always)]
    pub(crate) fn store_block<L: Vector>(
        self,
        block: &Block<L>,
        columns: usize,
        start: usize,
        count: usize,
        values: &mut [f32],
    ) {
        if L::LANES == COLUMNS {
            return self.store_square(*block, columns, start, count, values);
        }
        for part in (0..count).step_by(L::LANES) {
            let mut square = [L::ZERO; MOST_LANES];
            square[..L::LANES].copy_from_slice(&block[part..part + L::LANES]);
            self.store_square(square, columns, start + part, L::LANES.min(count - part), values);
        }
    }

    /// Writes columns `start` to `start + count − 1` of the rows. `count` is at most the number of lanes.
    #[inline(always)]
    fn store_square<L: Vector>(
        self,
        mut square: Block<L>,
        columns: usize,
        start: usize,
        count: usize,
        values: &mut [f32],
    ) {
        L::transpose(&mut square);
        if self.active == L::LANES && count == L::LANES {
            // Here the lengths are constants that the compiler knows.
            for lane in 0..L::LANES {
                let start = (self.first + lane) * columns + start;
                square[lane].store(&mut values[start..start + L::LANES]);
            }
        } else {
            for lane in 0..self.active {
                let start = (self.first + lane) * columns + start;
                square[lane].store(&mut values[start..start + count]);
            }
        }
    }

    /// Writes one number per row.
    #[inline(always)]
    pub(crate) fn store_column<L: Vector>(self, x: L, values: &mut [f32]) {
        x.store(&mut values[self.first..self.first + self.active]);
    }

    /// Writes one word per row.
    #[inline(always)]
    pub(crate) fn store_words<L: Vector>(self, x: L::Word, values: &mut [u32]) {
        L::store_words(x, &mut values[self.first..self.first + self.active]);
    }
}

/// Returns the tiles of all rows, from first to last.
// An iterator for a loop, not a function that takes a closure: a closure would not be compiled for the instructions of
// the vector.
#[inline(always)]
pub(crate) fn tiles<L: Lane>(rows: usize) -> Tiles {
    Tiles { first: 0, rows, lanes: L::LANES }
}

/// Returns the tiles of some rows, from first to last.
#[inline(always)]
pub(crate) fn tiles_of<L: Lane>(rows: &Range<usize>) -> Tiles {
    Tiles { first: rows.start, rows: rows.end, lanes: L::LANES }
}

/// The largest number of vectors in a group of tiles that are computed together.
pub(crate) const PACK: usize = 64;

/// Divides rows of at most [`PACK`] columns into runs. The tiles of a run have at most [`PACK`] vectors and are
/// computed together. If possible, their number of vectors is a multiple of [`UNROLLED`].
#[inline(always)]
pub(crate) fn packs<L: Lane>(rows: usize, columns: usize) -> impl Iterator<Item = Range<usize>> {
    let even = UNROLLED >> columns.trailing_zeros().min(UNROLLED.trailing_zeros());
    let most = PACK / columns;
    let tiles = if most < even { most } else { most / even * even };
    (0..rows).step_by(tiles * L::LANES).map(move |first| first..rows.min(first + tiles * L::LANES))
}

/// The number of columns of a block, one vector each.
pub(crate) const COLUMNS: usize = 16;

/// Draws the next `count` words of each stream. `count` is at most 16; the remaining words are zero. Stream `i` belongs
/// to row `i`. Let `n` be a multiple of `LANES`. Vector `n + i` of the result holds the words `n` to `n + LANES − 1` of
/// row `i`.
#[inline(always)]
pub(crate) fn row_words<L: Vector>(rng: &mut LaneRng<L>, count: usize) -> [L::Word; MOST_LANES] {
    let mut words = [L::Word::splat(0); MOST_LANES];
    rng.next_words(&mut words[..count]);
    for part in (0..MOST_LANES).step_by(L::LANES) {
        let mut square = [L::ZERO; MOST_LANES];
        for lane in 0..L::LANES {
            square[lane] = L::from_bits(words[part + lane]);
        }
        L::transpose(&mut square);
        for lane in 0..L::LANES {
            words[part + lane] = square[lane].to_bits();
        }
    }
    words
}

/// An iterator over the tiles of the remaining rows.
pub(crate) struct Tiles {
    first: usize,
    rows: usize,
    lanes: usize,
}

impl Iterator for Tiles {
    type Item = TileRows;

    #[inline(always)]
    fn next(&mut self) -> Option<TileRows> {
        let left = self.rows - self.first;
        let rows = TileRows { first: self.first, active: self.lanes.min(left) };
        self.first += rows.active;
        if left > 0 { Some(rows) } else { None }
    }
}
