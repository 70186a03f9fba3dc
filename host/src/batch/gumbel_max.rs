//! The Gumbel-max trick over batches.

use samplegrad_core::gumbel_max;

use super::{
    Logits,
    parts::{Table, TableMut, for_each_piece, in_lanes},
    tile,
};
use crate::{Error, Streams, dispatch::Width, streams::StreamsMut};

/// Writes one class per row, drawn as [`samplegrad_core::gumbel_max::sample`] draws it.
///
/// ```
/// use samplegrad_host::{Streams, batch::{self, Logits}};
///
/// let mut classes = [0; 2];
/// let logits = Logits::new(&[0.0, f32::NEG_INFINITY, f32::NEG_INFINITY, 0.0], 2)?;
/// batch::gumbel_max::sample(&logits, &mut Streams::new(1, 2)?, &mut classes)?;
/// assert_eq!(classes, [0, 1]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is room for one class per row.
pub fn sample<W: Width>(logits: &Logits<'_, W>, streams: &mut Streams, classes: &mut [u32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    let k = logits.classes();
    let mut classes = TableMut::new(classes, 1);
    tile::for_each_round(streams, logits.rows(), |round, streams| {
        let count = streams.count();
        let parts = (logits.table().of_rows(round, count), classes.of_rows(round, count), streams);
        for_each_piece(parts, k, |(logits, classes, streams)| {
            in_lanes!(W as L, (logits: Table<'a>, classes: TableMut<'a, u32>, streams: StreamsMut<'a>) {
                            tile::scratch!(L: l[logits.columns]);
                            for rows in tile::tiles::<L>(streams.count()) {
             let rng = &mut streams.load::<L>(rows.first, rows.active);
                                rows.load(logits.values, l);
                                rows.store_words::<L>(gumbel_max::draw(l, rng).0, classes.values);
                            streams.store(rows.first, rows.active, rng);
            }
                        });
        });
    });
    Ok(())
}
