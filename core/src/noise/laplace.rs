//! Laplace noise: an exponential number with a random sign.

use crate::{
    arithmetic::{lane::Lane, unit_log},
    noise::{source::Source, uniform::Uniform},
};

/// Returns the standard Laplace number at lower-tail probability `u`. With the tail `t = min(u, 1 − u)`, it is `ln(2t)`
/// for `u ≤ ½` and `−ln(2t)` for `u > ½`.
///
/// ```
/// use samplegrad_core::noise::{Uniform, laplace};
///
/// assert_eq!(laplace::quantile(Uniform::new(0.5_f32)?), 0.0);
/// assert_eq!(laplace::quantile(Uniform::new(0.75_f32)?), core::f32::consts::LN_2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline(always)]
pub fn quantile<L: Lane>(u: Uniform<L>) -> L {
    // The addition doubles the tail without rounding.
    let l = unit_log::neg_ln(u.tail() + u.tail());
    L::select(u.is_upper(), l, -l)
}

/// Draws a number from one word of the source.
#[inline(always)]
pub fn sample<L: Lane, S: Source<L> + ?Sized>(source: &mut S) -> L {
    quantile(Uniform::sample(source))
}
