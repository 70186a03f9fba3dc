//! The Gumbel-max trick over batches.

use samplegrad_core::{gumbel_max, lane::Lane};

use super::{Logits, tile};
use crate::{Error, Streams};

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
pub fn sample<L: Lane>(logits: &Logits<'_, L>, streams: &mut Streams, classes: &mut [u32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    let mut l = tile::zeros::<L>(logits.classes());
    tile::for_each_drawn(streams, logits.rows(), |rows, rng| {
        rows.load(logits.as_slice(), &mut l);
        rows.store_words(gumbel_max::draw(&l, rng).0, classes);
    });
    Ok(())
}
