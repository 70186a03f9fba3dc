//! Long rows. All lanes of a tile compute the same row. Each lane computes one chunk of it.
//!
//! An ordinary tile has one row per lane. A batch with a hundred thousand classes, for example to draw the next word of
//! a language model, often has only one row. In an ordinary tile, most lanes would then be idle. A tile of sixteen such
//! rows would not fit into a cache. Therefore a long row is divided into one chunk per lane, and the chunks become the
//! rows of a tile. Each lane jumps ahead in the row's stream to the start of its chunk. The division does not change
//! the result of the row.

use core::ops::Range;

use samplegrad_core::lane::{Lane, Word};

use crate::{
    batch::engine::tile::TileRows,
    lanes::vector::Vector,
    streams::{jump::Chunks, lane_rng::LaneRng, streams_mut::StreamsMut},
};

/// Minimum number of columns for which rows are divided in all batches, also in batches of many rows. Sixteen rows of this length and their working
/// memory fill a cache.
pub(crate) const LONG: usize = 4096;

/// Minimum number of columns for which rows are divided if at least half of the lanes would otherwise be idle. For
/// fewer columns, dividing the rows takes more time than it saves.
const LONG_FOR_A_FEW: usize = 512;

/// Returns whether dividing the remaining `rows` rows is faster. Divided rows are computed one after the other, each in
/// all lanes.
#[inline(always)]
pub(crate) fn pays<L: Lane>(columns: usize, rows: usize) -> bool {
    L::LANES > 1 && (columns >= LONG || (columns >= LONG_FOR_A_FEW && 2 * rows <= L::LANES))
}

/// A tile made from one long row. The range `of` holds the numbers of its columns. This range is
/// divided into chunks of `columns` columns. Each chunk is one row of the tile.
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
    /// Creates the division, or returns `None` if it is faster not to divide the remaining `rows` rows.
    #[inline(always)]
    pub(crate) fn new<L: Vector>(columns: usize, rows: usize) -> Option<Self> {
        if !pays::<L>(columns, rows) {
            return None;
        }
        let columns_of_chunk = columns / L::LANES;
        Some(Self { chunks: Chunks::new::<L>(columns_of_chunk), columns, columns_of_chunk })
    }

    /// Returns two tiles. The first tile uses all lanes. The second tile contains the remaining columns and uses one
    /// lane.
    #[inline(always)]
    pub(crate) fn cuts<L: Lane>(&self) -> [Cut; 2] {
        let cut = L::LANES * self.columns_of_chunk;
        [
            Cut { of: 0..cut, rows: TileRows { first: 0, active: L::LANES }, columns: self.columns_of_chunk },
            Cut { of: cut..self.columns, rows: TileRows { first: 0, active: 1 }, columns: self.columns - cut },
        ]
    }

    /// Returns the generators of the first tile. Each lane starts from the stream of the row and jumps ahead to the
    /// start of its chunk.
    #[inline(always)]
    pub(crate) fn start<L: Vector>(&self, streams: &StreamsMut<'_>, row: usize) -> LaneRng<L> {
        self.chunks.lanes(&streams.load::<f32>(row, 1))
    }
}

/// Sets all lanes to the state of the last lane. After a tile has been drawn, the last lane has the state of the row's
/// stream after all columns of the tile.
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
