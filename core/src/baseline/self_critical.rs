//! The self-critical baseline: the value of the greedy choice.
//!
//! Source: S. J. Rennie, E. Marcheret, Y. Mroueh, J. Ross and V. Goel, *Self-critical sequence training for image
//! captioning*, CVPR 2017.

use crate::{Error, check, lane::Lane};

/// Writes `f_s − f(mode)`, with the value of the most probable class
/// ([`Categorical::mode`](crate::Categorical::mode)) as the baseline of every sample.
///
/// ```
/// use samplegrad_core::baseline::self_critical;
///
/// let mut advantages = [0.0_f32; 2];
/// self_critical::advantages(&[1.0, 3.0], 2.0, &mut advantages)?;
/// assert_eq!(advantages, [-1.0, 1.0]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless `advantages` is as long as the values.
pub fn advantages<L: Lane>(values: &[L], of_mode: L, advantages: &mut [L]) -> Result<(), Error> {
    check::length("advantages", values.len(), advantages.len())?;
    for (advantage, &value) in advantages.iter_mut().zip(values) {
        *advantage = value - of_mode;
    }
    Ok(())
}
