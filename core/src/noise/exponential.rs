//! Exponential noise: `E = −ln(1 − u)`, standard exponential, mean 1.

use super::Uniform;
use crate::{Source, lane::Lane};

/// The standard exponential number at lower-tail probability `u`: `−ln(1 − u)`, increasing in `u`.
///
/// ```
/// use samplegrad_core::noise::{Uniform, exponential};
///
/// let e = exponential::quantile(Uniform::new(0.5_f32)?);
/// assert!((e - core::f32::consts::LN_2).abs() < 1e-7);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline(always)]
pub fn quantile<L: Lane>(u: Uniform<L>) -> L {
    u.complement().neg_ln()
}

/// Draws one: one word of the source.
#[inline(always)]
pub fn sample<L: Lane, S: Source<L> + ?Sized>(source: &mut S) -> L {
    quantile(Uniform::sample(source))
}
