//! Straight-through Gumbel-softmax over batches.

use samplegrad_core::{Temperature, relaxed_race::RelaxedRace};

use super::{
    Logits, gumbel_softmax,
    parts::{Table, TableMut, for_each_drawn_piece, in_lanes},
    race::{self, Also},
    tile,
};
use crate::{Error, Streams, dispatch::Width, streams::StreamsMut};

/// Draws as [`samplegrad_core::StraightThrough::sample`] does: writes the class of each row and the relaxed sample behind
/// it, row-major. Its gradient is [`gumbel_softmax::vjp`] of the relaxed sample.
///
/// ```
/// use samplegrad_core::Temperature;
/// use samplegrad_host::{Streams, batch::{self, Logits}};
///
/// let (mut classes, mut soft) = ([0; 2], [0.0; 4]);
/// let logits = Logits::new(&[0.0, 1.0, 1.0, 0.0], 2)?;
/// batch::straight_through::sample(&logits, Temperature::ONE, &mut Streams::new(7, 2)?, &mut classes, &mut soft)?;
/// assert_eq!(classes[0] == 1, soft[1] > soft[0]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is room for one class per row and one number per class.
pub fn sample<W: Width>(
    logits: &Logits<'_, W>,
    tau: Temperature,
    streams: &mut Streams,
    classes: &mut [u32],
    soft: &mut [f32],
) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    logits.check_values("soft", soft.len())?;
    let k = logits.classes();
    let parts = (logits.table(), TableMut::new(classes, 1), TableMut::new(soft, k));
    if let Some(race) = RelaxedRace::at(tau) {
        for_each_drawn_piece(streams, parts, k, |(logits, classes, soft), streams| {
            in_lanes!(W as L, (
                race: RelaxedRace,
                logits: Table<'a>,
                classes: TableMut<'a, u32>,
                soft: TableMut<'a>,
                streams: StreamsMut<'a>,
            ) {
                race::relax::<L>(race, logits, &mut streams, soft, Also::First(classes));
            });
        });
        return Ok(());
    }
    for_each_drawn_piece(streams, parts, k, |(logits, classes, soft), streams| {
        in_lanes!(W as L, (
            tau: Temperature, logits: Table<'a>, classes: TableMut<'a, u32>, soft: TableMut<'a>, streams: StreamsMut<'a>,
        ) {
            tile::scratch!(L: z[soft.columns], y[soft.columns]);
            for rows in tile::tiles::<L>(streams.count()) {
                let class = gumbel_softmax::relax_drawn(rows, logits, tau, &mut streams, z, y);
                rows.store_words::<L>(class, classes.values);
                rows.store(y, soft.values);
            }
        });
    });
    Ok(())
}
