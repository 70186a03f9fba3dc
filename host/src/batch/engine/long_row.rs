//! Long rows: where all lanes of a tile work on one of them, a chunk each.
//!
//! A tile is as many rows as there are lanes. Of a row of a hundred thousand classes, a language model's next word for example,
//! there is often but one; and sixteen such rows do not stay in a cache while one is worked on. So a long row is cut in as many
//! chunks as there are lanes, which are the rows of a tile of their own, and each lane is sent ahead in the row's stream. What a
//! row gets is the same.

use core::ops::Range;

use samplegrad_core::lane::{Lane, Word};

use crate::{
    batch::engine::tile::TileRows,
    lanes::vector::Vector,
    streams::{jump::Chunks, lane_rng::LaneRng, streams_mut::StreamsMut},
};

/// Rows from here on are cut however many there are: sixteen of them, with what belongs to them, fill a cache.
pub(crate) const LONG: usize = 4096;

/// From here on, a cut costs less than the lanes that would be idle where half of them are.
const LONG_FOR_A_FEW: usize = 512;

/// Whether rows, of which so many are left, are better worked on in all lanes, one after the other.
#[inline(always)]
pub(crate) fn pays<L: Lane>(columns: usize, rows: usize) -> bool {
    L::LANES > 1 && (columns >= LONG || (columns >= LONG_FOR_A_FEW && 2 * rows <= L::LANES))
}

/// A tile of a row: so many of its columns, as rows of so many columns.
pub(crate) struct Cut {
    pub(crate) of: Range<usize>,
    pub(crate) rows: TileRows,
    pub(crate) columns: usize,
}

/// How rows of a batch are cut.
pub(crate) struct LongRows {
    chunks: Chunks,
    columns: usize,
    columns_of_chunk: usize,
}

impl LongRows {
    /// Where it is worth it for the rows that are left.
    #[inline(always)]
    pub(crate) fn new<L: Vector>(columns: usize, rows: usize) -> Option<Self> {
        if !pays::<L>(columns, rows) {
            return None;
        }
        let columns_of_chunk = columns / L::LANES;
        Some(Self { chunks: Chunks::new::<L>(columns_of_chunk), columns, columns_of_chunk })
    }

    /// The tile of all lanes, and that of the columns left over in one.
    #[inline(always)]
    pub(crate) fn cuts<L: Lane>(&self) -> [Cut; 2] {
        let cut = L::LANES * self.columns_of_chunk;
        [
            Cut { of: 0..cut, rows: TileRows { first: 0, active: L::LANES }, columns: self.columns_of_chunk },
            Cut { of: cut..self.columns, rows: TileRows { first: 0, active: 1 }, columns: self.columns - cut },
        ]
    }

    /// The stream of a row, for the lanes of the first tile.
    #[inline(always)]
    pub(crate) fn start<L: Vector>(&self, streams: &StreamsMut<'_>, row: usize) -> LaneRng<L> {
        self.chunks.lanes(&streams.load::<f32>(row, 1))
    }
}

/// Goes on in all lanes where the last one is: at the end of a tile's columns.
#[inline(always)]
pub(crate) fn go_on<L: Vector>(rng: &mut LaneRng<L>) {
    let state = rng.state.map(|word| Word::extract(word, L::LANES - 1));
    *rng = LaneRng { state: state.map(Word::splat) };
}

/// Puts the stream of a row back.
#[inline(always)]
pub(crate) fn end<L: Vector>(streams: &mut StreamsMut<'_>, row: usize, rng: &LaneRng<L>) {
    let state = rng.state.map(|word| Word::extract(word, L::LANES - 1));
    streams.store::<f32>(row, 1, &LaneRng { state });
}
