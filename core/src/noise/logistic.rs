//! Logistic noise: `ln u − ln(1 − u)`. The difference of two independent Gumbel numbers has the same distribution.

use crate::{
    arithmetic::lane::Lane,
    noise::{source::Source, uniform::Uniform},
};

/// Returns the standard logistic number at lower-tail probability `u`: `ln u − ln(1 − u)`.
///
/// ```
/// use samplegrad_core::noise::{Uniform, logistic};
///
/// assert_eq!(logistic::quantile(Uniform::new(0.5_f32)?), 0.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline(always)]
pub fn quantile<L: Lane>(u: Uniform<L>) -> L {
    u.logit()
}

/// Draws a number from one word of the source.
#[inline(always)]
pub fn sample<L: Lane, S: Source<L> + ?Sized>(source: &mut S) -> L {
    quantile(Uniform::sample(source))
}
