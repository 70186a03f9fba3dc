//! Tiles: as many rows as there are lanes, one column of a tile being one vector.

use core::ops::Range;

use samplegrad_core::{
    check,
    lane::{Lane, Mask, Word},
};

use super::scratch::Scratch;
use crate::{
    Block, Error, MOST_LANES, Streams, Vector,
    dispatch::{Detected, Kernel, Width},
    several::{self, SEVERAL},
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

    /// Their numbers among all, for so many columns.
    #[inline(always)]
    pub(super) fn of(self, columns: usize) -> Range<usize> {
        self.first * columns..(self.first + self.active) * columns
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

    /// `count` columns of the rows, from column `start` on, at most sixteen; then zeros.
    #[inline(always)]
    pub(super) fn block<L: Vector>(self, values: &[f32], columns: usize, start: usize, count: usize) -> Block<L> {
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

    /// `count` columns of the rows, from column `start` on, at most as many as there are lanes.
    #[inline(always)]
    fn square<L: Vector>(self, values: &[f32], columns: usize, start: usize, count: usize) -> Block<L> {
        let mut square = [L::ZERO; MOST_LANES];
        if self.active == L::LANES && count == L::LANES {
            // Of known lengths, where they can be.
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
    pub(super) fn store<L: Vector>(self, tile: &[L], values: &mut [f32]) {
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

    /// Writes `count` columns of the rows, from column `start` on, at most sixteen.
    #[inline(always)]
    pub(super) fn store_block<L: Vector>(
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

    /// Writes `count` columns of the rows, from column `start` on, at most as many as there are lanes.
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
            // Of known lengths, where they can be.
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

/// Some of the rows, from first to last.
#[inline(always)]
pub(super) fn tiles_of<L: Lane>(rows: &Range<usize>) -> Tiles {
    Tiles { first: rows.start, rows: rows.end, lanes: L::LANES }
}

/// Vectors of tiles that are worked on side by side.
pub(super) const PACK: usize = 64;

/// All rows, in runs of as many tiles of so few columns as are worked on side by side: at best so many that no vectors are left
/// over.
#[inline(always)]
pub(super) fn packs<L: Lane>(rows: usize, columns: usize) -> impl Iterator<Item = Range<usize>> {
    let even = SEVERAL >> columns.trailing_zeros().min(SEVERAL.trailing_zeros());
    let most = PACK / columns;
    let tiles = if most < even { most } else { most / even * even };
    (0..rows).step_by(tiles * L::LANES).map(move |first| first..rows.min(first + tiles * L::LANES))
}

/// Columns of a block, a vector each.
pub(super) const COLUMNS: usize = 16;

/// The next `count` words of each stream, at most sixteen, then zeros: the first of each row, as many as there are lanes, row after
/// row, then the next of each.
#[inline(always)]
pub(super) fn row_words<L: Vector>(rng: &mut LaneRng<L>, count: usize) -> [L::Word; MOST_LANES] {
    let mut words = [L::Word::splat(0); MOST_LANES];
    several::next_words(rng, &mut words[..count]);
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

/// Scratch of so many vectors, or vectors of words: on the stack for a few, and for more kept by the thread.
macro_rules! scratch {
    (words of $vector:ident: $($name:ident[$length:expr]),*) => {
        tile::scratch!(<$vector as samplegrad_core::lane::Lane>::Word, samplegrad_core::lane::Word::splat(0); $($name[$length]),*);
    };
    ($vector:ident: $($name:ident[$length:expr]),*) => {
        tile::scratch!($vector, $vector::ZERO; $($name[$length]),*);
    };
    ($type:ty, $zero:expr; $($name:ident[$length:expr]),*) => {
        $(
            let length: usize = $length;
            let (mut few, mut many): ([$type; tile::FEW], Option<$crate::batch::scratch::Scratch<$type>>) =
                ([$zero; tile::FEW], None);
            let $name: &mut [$type] = if length <= tile::FEW {
                &mut few[..length]
            } else {
                many.insert($crate::batch::scratch::Scratch::new(length, $zero))
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

/// Checks every row, with its number in the error. No check refuses a row of finite numbers, and most batches are such: to see
/// that takes a fraction of the time of a check that can say what is wrong.
pub(super) fn check_rows(
    values: &[f32],
    columns: usize,
    check: impl Fn(&[f32]) -> Result<(), samplegrad_core::Error>,
) -> Result<(), Error> {
    check_numbered_rows(values, columns, |_, row| check(row))
}

/// As [`check_rows`], for a check that needs the row's number.
pub(super) fn check_numbered_rows(
    values: &[f32],
    columns: usize,
    check: impl Fn(usize, &[f32]) -> Result<(), samplegrad_core::Error>,
) -> Result<(), Error> {
    if Detected::run(AreFinite(values)) {
        return Ok(());
    }
    for (row, values) in values.chunks_exact(columns).enumerate() {
        check(row, values).map_err(|source| Error::Row { row, source })?;
    }
    Ok(())
}

/// Checks that rows of `columns` numbers are finite; `what` is what the error calls them.
///
/// ```
/// use samplegrad_host::batch;
///
/// let error = batch::check_finite("cotangent", &[0.0, 1.0, 2.0, f32::NAN], 2).unwrap_err();
/// assert_eq!(error.to_string(), "row 1: cotangent[1]: not a number (NaN)");
/// ```
///
/// # Errors
/// [`Error::Empty`] for no columns; [`Error::NotRows`] if the numbers are no whole number of rows; [`Error::Row`] with the
/// first number that is not finite.
pub fn check_finite(what: &'static str, values: &[f32], columns: usize) -> Result<(), Error> {
    if columns == 0 {
        return Err(Error::Empty { what });
    }
    if !values.len().is_multiple_of(columns) {
        return Err(Error::NotRows { what, columns, found: values.len() });
    }
    check_rows(values, columns, |row| check::finite(what, row))
}

/// Whether all numbers are finite.
struct AreFinite<'a>(&'a [f32]);

impl Kernel for AreFinite<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<V: Vector>(self) -> bool {
        let infinity = V::splat(f32::INFINITY);
        let mut finite = V::Mask::splat(true);
        let mut whole = self.0.chunks_exact(V::LANES);
        for x in &mut whole {
            finite = finite.and(V::load(x).abs().lt(infinity));
        }
        finite.and(V::load(whole.remainder()).abs().lt(infinity)).all()
    }
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
pub(super) fn zeros<L: Lane>(columns: usize) -> Scratch<L> {
    let mut zeros = Scratch::new(columns, L::ZERO);
    zeros.fill(L::ZERO);
    zeros
}
