//! Inputs and outputs of an operation, divided by rows into chunks for several threads.
//!
//! Rows do not depend on each other, so no result depends on the division.

use crate::{
    batch::engine::{interrupt, long_row::LONG},
    lanes::vector::MOST_LANES,
    streams::{streams::Streams, streams_mut::StreamsMut},
};

/// A set of rows that can be split into the first rows and the others.
pub(crate) trait Splittable: Send + Sized {
    /// Returns the number of rows.
    fn rows(&self) -> usize;
    /// Splits into the first rows and the others.
    fn split_at(self, row: usize) -> (Self, Self);
}

/// Rows of numbers or words, read-only.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a, T = f32> {
    pub(crate) values: &'a [T],
    pub(crate) columns: usize,
}

/// Rows of numbers or words, writable.
pub(crate) struct TableMut<'a, T = f32> {
    pub(crate) values: &'a mut [T],
    pub(crate) columns: usize,
}

impl<'a, T> Table<'a, T> {
    /// Creates a table from a slice of whole rows, `columns > 0`.
    pub(crate) fn new(values: &'a [T], columns: usize) -> Self {
        Self { values, columns }
    }
}

impl<'a, T> TableMut<'a, T> {
    /// Creates a table from a slice of whole rows, `columns > 0`.
    pub(crate) fn new(values: &'a mut [T], columns: usize) -> Self {
        Self { values, columns }
    }
}

impl<T: Sync> Splittable for Table<'_, T> {
    fn rows(&self) -> usize {
        self.values.len() / self.columns
    }
    fn split_at(self, row: usize) -> (Self, Self) {
        let (first, others) = self.values.split_at(row * self.columns);
        (Table::new(first, self.columns), Table::new(others, self.columns))
    }
}

impl<T: Send> Splittable for TableMut<'_, T> {
    fn rows(&self) -> usize {
        self.values.len() / self.columns
    }
    fn split_at(self, row: usize) -> (Self, Self) {
        let (first, others) = self.values.split_at_mut(row * self.columns);
        (TableMut::new(first, self.columns), TableMut::new(others, self.columns))
    }
}

impl Splittable for StreamsMut<'_> {
    fn rows(&self) -> usize {
        self.count()
    }
    fn split_at(self, row: usize) -> (Self, Self) {
        StreamsMut::split_at(self, row)
    }
}

/// The numbers of rows.
pub(crate) struct RowNumbers(pub(crate) core::ops::Range<usize>);

impl Splittable for RowNumbers {
    fn rows(&self) -> usize {
        self.0.len()
    }
    fn split_at(self, row: usize) -> (Self, Self) {
        let middle = self.0.start + row;
        (Self(self.0.start..middle), Self(middle..self.0.end))
    }
}

macro_rules! tuples {
    ($(($first:ident $($part:ident)*))*) => {$(
        impl<$first: Splittable, $($part: Splittable),*> Splittable for ($first, $($part,)*) {
            fn rows(&self) -> usize {
                self.0.rows()
            }
            #[allow(non_snake_case)]
            fn split_at(self, row: usize) -> (Self, Self) {
                let ($first, $($part,)*) = self;
                let $first = $first.split_at(row);
                $(let $part = $part.split_at(row);)*
                (($first.0, $($part.0,)*), ($first.1, $($part.1,)*))
            }
        }
    )*};
}

tuples! { (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) }

/// The least number of elements in a chunk. For smaller chunks, another thread costs more time than it saves.
const GRAIN: usize = 1 << 13;
/// Chunks per thread. If a thread is interrupted, other threads compute some of its chunks.
const CHUNKS: usize = 4;

/// Computes chunk after chunk, on the threads of the `rayon` pool that the caller runs in, or in the caller's thread
/// outside a pool. `columns` is the amount of work per row. A batch that can be stopped is computed in runs of rows.
pub(crate) fn for_each_chunk<P: Splittable>(parts: P, columns: usize, work: impl Fn(P) + Sync) {
    let Some(rows) = interrupt::rows_of_run(columns) else { return spread(parts, columns, &work) };
    for_each_run(parts, rows.next_multiple_of(rows_of_tile(columns)), |run| {
        if !interrupt::stops_before(run.rows().saturating_mul(columns)) {
            spread(run, columns, &work);
        }
    });
}

/// Computes chunk after chunk for a batch that cannot be stopped.
pub(crate) fn spread<P: Splittable>(parts: P, columns: usize, work: &(impl Fn(P) + Sync)) {
    let threads = if rayon::current_thread_index().is_some() { rayon::current_num_threads() } else { 1 };
    let worth = parts.rows().saturating_mul(columns) / GRAIN;
    split_in_two(parts, if threads > 1 { worth.min(threads * CHUNKS) } else { 1 }, rows_of_tile(columns), work);
}

/// Computes rows that draw from streams. Each round has as many rows as there are streams, and is computed chunk after
/// chunk.
pub(crate) fn for_each_drawn_chunk<P: Splittable>(
    streams: &mut Streams,
    mut parts: P,
    columns: usize,
    work: impl Fn(P, StreamsMut<'_>) + Sync,
) {
    while parts.rows() > 0 {
        let count = streams.count().min(parts.rows());
        let (round, others) = parts.split_at(count);
        for_each_chunk((round, streams.first_mut(count)), columns, |(parts, streams)| work(parts, streams));
        parts = others;
    }
}

/// Calls `work` in the caller's thread for `rows` rows at a time.
pub(crate) fn for_each_run<P: Splittable>(mut parts: P, rows: usize, mut work: impl FnMut(P)) {
    while parts.rows() > rows {
        let (run, others) = parts.split_at(rows);
        work(run);
        parts = others;
    }
    work(parts);
}

/// Returns the number of rows that are computed together.
pub(crate) fn rows_of_tile(columns: usize) -> usize {
    if columns >= LONG { 1 } else { MOST_LANES }
}

fn split_in_two<P: Splittable>(parts: P, chunks: usize, tile: usize, work: &(impl Fn(P) + Sync)) {
    // The split is at a whole tile: idle lanes in the middle would waste work.
    let middle = (parts.rows() / 2).next_multiple_of(tile);
    if chunks < 2 || middle >= parts.rows() {
        return work(parts);
    }
    let (first, others) = parts.split_at(middle);
    rayon::join(
        || split_in_two(first, chunks / 2, tile, work),
        || split_in_two(others, chunks - chunks / 2, tile, work),
    );
}
