//! Cauchy noise: the tangent of a uniform angle, `tan(π (u − ½))`. The ratio of two independent normal numbers has the
//! same distribution.
//!
//! Source: the tangent is J. H. Lambert's continued fraction (1761), truncated after its fifth term and multiplied out.

use crate::{
    arithmetic::lane::{Lane, Mask},
    noise::{source::Source, uniform::Uniform},
};

/// Returns the standard Cauchy number at lower-tail probability `u`: `± cot(π t)` with the tail `t = min(u, 1 − u)`.
/// Both ends have full relative precision.
///
/// The angle is reduced to at most `π/4`, where the continued fraction is accurate to 2e−8. Up to `t = ¼`, `cot(π t)`
/// is computed as `1/tan(π t)`; for larger `t` it is computed as `tan(π (½ − t))`.
///
/// ```
/// use samplegrad_core::noise::{Uniform, cauchy};
///
/// assert_eq!(cauchy::quantile(Uniform::new(0.5_f32)?), 0.0);
/// let far = cauchy::quantile(Uniform::<f32>::from_word(u32::MAX));
/// assert!((far / 2.734_261e9 - 1.0).abs() < 3e-7);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline(always)]
pub fn quantile<L: Lane>(u: Uniform<L>) -> L {
    let tail = u.tail();
    let far = L::splat(0.25).lt(tail).not();
    // The difference ½ − t is exact for t > ¼.
    let x = L::select(far, tail, -tail + 0.5) * core::f32::consts::PI;
    let square = x * x;
    let numerator = x * ((square - 105.0) * square + 945.0);
    let denominator = (square * 15.0 - 420.0) * square + 945.0;
    let magnitude = L::select(far, denominator, numerator) / L::select(far, numerator, denominator);
    L::select(u.is_upper(), magnitude, -magnitude)
}

/// Draws a number from one word of the source.
#[inline(always)]
pub fn sample<L: Lane, S: Source<L> + ?Sized>(source: &mut S) -> L {
    quantile(Uniform::sample(source))
}
