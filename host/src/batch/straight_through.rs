//! Straight-through Gumbel-softmax over batches.

use samplegrad_core::{Temperature, gumbel_softmax, lane::Lane, noise};

use super::{Logits, tile};
use crate::{Error, Streams};

/// Draws as [`samplegrad_core::StraightThrough::sample`] does: writes the class of each row and the relaxed sample behind
/// it, row-major. Its gradient is [`gumbel_softmax::vjp`](super::gumbel_softmax::vjp) of the relaxed sample.
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
pub fn sample<L: Lane>(
    logits: &Logits<'_, L>,
    tau: Temperature,
    streams: &mut Streams,
    classes: &mut [u32],
    soft: &mut [f32],
) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    logits.check_values("soft", soft.len())?;
    let (mut z, mut y) = (tile::zeros::<L>(logits.classes()), tile::zeros::<L>(logits.classes()));
    tile::for_each_drawn(streams, logits.rows(), |rows, rng| {
        noise::fill(noise::gumbel::quantile, rng, &mut z);
        for (k, z) in z.iter_mut().enumerate() {
            *z = rows.column::<L>(logits.as_slice(), logits.classes(), k) + *z;
        }
        let sum = gumbel_softmax::relax(&z, tau, &mut y);
        rows.store_words(sum.mode(), classes);
        rows.store(&y, soft);
    });
    Ok(())
}
