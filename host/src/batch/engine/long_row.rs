//! Long rows: all lanes of a tile work on one row, one chunk per lane.
//!
//! A tile has as many rows as there are lanes. A batch of a hundred thousand classes, for example the next word of a
//! language model, often has one row only; and sixteen such rows do not stay in a cache while one is computed. So a
//! long row is divided into as many chunks as there are lanes. The chunks are the rows of a tile of their own, and each
//! lane jumps ahead in the row's stream. The result of the row is the same.

use core::ops::Range;

use samplegrad_core::lane::{Lane, Word};

use crate::{
    batch::engine::tile::TileRows,
    lanes::vector::Vector,
    streams::{jump::Chunks, lane_rng::LaneRng, streams_mut::StreamsMut},
};

/// The number of columns from which rows are divided, however many rows there are: sixteen such rows, with their
/// working memory, fill a cache.
pub(crate) const LONG: usize = 4096;

/// The number of columns from which dividing rows costs less than idle lanes, where half of the lanes or more are idle.
const LONG_FOR_A_FEW: usize = 512;

/// Returns whether it is faster to compute each of the remaining `rows` rows in all lanes, one row after the other.
#[inline(always)]
pub(crate) fn pays<L: Lane>(columns: usize, rows: usize) -> bool {
    L::LANES > 1 && (columns >= LONG || (columns >= LONG_FOR_A_FEW && 2 * rows <= L::LANES))
}

/// A tile of a long row: the range of its columns, divided into rows of `columns` columns.
pub(crate) struct Cut {
    pub(crate) of: Range<usize>,
    pub(crate) rows: TileRows,
    pub(crate) columns: usize,
}

/// The division of the long rows of a batch.
pub(crate) struct LongRows {
    chunks: Chunks,
    columns: usize,
    columns_of_chunk: usize,
}

impl LongRows {
    /// Creates the division if it pays for the remaining `rows` rows.
    #[inline(always)]
    pub(crate) fn new<L: Vector>(columns: usize, rows: usize) -> Option<Self> {
        if !pays::<L>(columns, rows) {
            return None;
        }
        let columns_of_chunk = columns / L::LANES;
        Some(Self { chunks: Chunks::new::<L>(columns_of_chunk), columns, columns_of_chunk })
    }

    /// Returns the tile of all lanes, and the tile of the remaining columns in one lane.
    #[inline(always)]
    pub(crate) fn cuts<L: Lane>(&self) -> [Cut; 2] {
        let cut = L::LANES * self.columns_of_chunk;
        [
            Cut { of: 0..cut, rows: TileRows { first: 0, active: L::LANES }, columns: self.columns_of_chunk },
            Cut { of: cut..self.columns, rows: TileRows { first: 0, active: 1 }, columns: self.columns - cut },
        ]
    }

    /// Returns the stream of a row, for the lanes of the first tile.
    #[inline(always)]
    pub(crate) fn start<L: Vector>(&self, streams: &StreamsMut<'_>, row: usize) -> LaneRng<L> {
        self.chunks.lanes(&streams.load::<f32>(row, 1))
    }
}

/// Moves all lanes to the state of the last lane: the end of the columns of a tile.
#[inline(always)]
pub(crate) fn go_on<L: Vector>(rng: &mut LaneRng<L>) {
    let state = rng.state.map(|word| Word::extract(word, L::LANES - 1));
    *rng = LaneRng { state: state.map(Word::splat) };
}

/// Stores the stream of a row.
#[inline(always)]
pub(crate) fn end<L: Vector>(streams: &mut StreamsMut<'_>, row: usize, rng: &LaneRng<L>) {
    let state = rng.state.map(|word| Word::extract(word, L::LANES - 1));
    streams.store::<f32>(row, 1, &LaneRng { state });
}
