//! The leave-one-out baseline: the baseline of each sample is the mean value of the others.
//!
//! Sources: W. Kool, H. van Hoof and M. Welling, *Buy 4 REINFORCE samples, get a baseline for free!*, 2019; A. Mnih and
//! D. Rezende, *Variational inference for Monte Carlo objectives*, ICML 2016.

use crate::{Error, check, lane::Lane, reduce};

/// Writes `f_s − mean_{t≠s} f_t = (f_s − f̄) · S/(S − 1)`.
///
/// Values are taken from the first one before they are averaged, from first to last, so that a large common offset
/// cancels exactly.
///
/// ```
/// use samplegrad_core::baseline::leave_one_out;
///
/// let mut advantages = [0.0_f32; 3];
/// leave_one_out::advantages(&[1000.0, 1003.0, 1000.0], &mut advantages)?;
/// assert_eq!(advantages, [-1.5, 3.0, -1.5]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`] for fewer than two values, [`Error::Length`] unless `advantages` is as long.
pub fn advantages<L: Lane>(values: &[L], advantages: &mut [L]) -> Result<(), Error> {
    check::length("advantages", values.len(), advantages.len())?;
    let (Some(&first), true) = (values.first(), values.len() > 1) else {
        return Err(Error::Empty { what: "other samples" });
    };
    for (advantage, &value) in advantages.iter_mut().zip(values) {
        *advantage = value - first;
    }
    let count = values.len() as f32;
    let mean = reduce::sum(advantages) * (1.0 / count);
    let scale = count / (count - 1.0);
    for advantage in advantages {
        *advantage = (*advantage - mean) * scale;
    }
    Ok(())
}
