//! Exact samples over batches without a logarithm: inverse of the distribution function, exponential race, and the
//! tables for one distribution that is drawn from many times.

use samplegrad_core::{AliasTable, Cdf, Source, exponential_race, inverse_cdf};

use super::{
    Logits, Native,
    parts::{Table, TableMut, for_each_drawn_piece, in_lanes},
    tile,
};
use crate::{Error, Streams, dispatch::Width, streams::StreamsMut};

/// Writes one class per row, drawn as [`samplegrad_core::inverse_cdf::sample`] draws it.
///
/// ```
/// use samplegrad_host::{Streams, batch::{self, Logits}};
///
/// let mut classes = [9; 1];
/// batch::inverse_cdf::sample(&Logits::new(&[0.5], 1)?, &mut Streams::new(1, 1)?, &mut classes)?;
/// assert_eq!(classes, [0]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is room for one class per row.
pub fn sample<W: Width>(logits: &Logits<'_, W>, streams: &mut Streams, classes: &mut [u32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    let k = logits.classes();
    let parts = (logits.table(), TableMut::new(classes, 1));
    for_each_drawn_piece(streams, parts, k, |(logits, classes), streams| {
        in_lanes!(W as L, (logits: Table<'a>, classes: TableMut<'a, u32>, streams: StreamsMut<'a>) {
            tile::scratch!(L: l[logits.columns]);
            tile::scratch!(words of L: weights[logits.columns]);
            for rows in tile::tiles::<L>(streams.count()) {
                let rng = &mut streams.load::<L>(rows.first, rows.active);
                rows.load(logits.values, l);
                rows.store_words::<L>(inverse_cdf::draw(l, weights, rng.next_word()), classes.values);
                streams.store(rows.first, rows.active, rng);
            }
        });
    });
    Ok(())
}

/// Writes one class per row, drawn as [`samplegrad_core::ExponentialRace`] draws it.
///
/// # Errors
/// [`Error::Length`] unless there is room for one class per row.
pub fn race<W: Width>(logits: &Logits<'_, W>, streams: &mut Streams, classes: &mut [u32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    let k = logits.classes();
    let parts = (logits.table(), TableMut::new(classes, 1));
    for_each_drawn_piece(streams, parts, k, |(logits, classes), streams| {
        in_lanes!(W as L, (logits: Table<'a>, classes: TableMut<'a, u32>, streams: StreamsMut<'a>) {
            tile::scratch!(L: l[logits.columns], means[logits.columns]);
            for rows in tile::tiles::<L>(streams.count()) {
                let rng = &mut streams.load::<L>(rows.first, rows.active);
                rows.load(logits.values, l);
                exponential_race::prepare(l, means);
                rows.store_words::<L>(exponential_race::run(means, rng), classes.values);
                streams.store(rows.first, rows.active, rng);
            }
        });
    });
    Ok(())
}

/// Fills `classes` from one distribution's thresholds, one draw per element, element `b` from stream `b mod n`.
///
pub fn from_cdf<const N: usize>(cdf: &Cdf<N>, streams: &mut Streams, classes: &mut [u32]) {
    tile::for_each_drawn_row::<Native>(streams, classes.len(), |rows, rng| {
        rows.store_words::<Native>(cdf.sample::<Native, _>(rng), classes);
    });
}

/// Fills `classes` from one distribution's alias table, one draw per element, element `b` from stream `b mod n`.
pub fn from_alias_table<const N: usize>(table: &AliasTable<N>, streams: &mut Streams, classes: &mut [u32]) {
    tile::for_each_drawn_row::<Native>(streams, classes.len(), |rows, rng| {
        rows.store_words::<Native>(table.sample::<Native, _>(rng), classes);
    });
}
