//! Normal noise by the inverse of the distribution function: one word makes one number, without sine or cosine.
//!
//! Source: M. J. Wichura, *Algorithm AS 241: The percentage points of the normal distribution*, Applied Statistics
//! 37(3), 1988, routine PPND7 (accurate to about 1 part in 10^7).

use crate::{
    arithmetic::lane::{Lane, Mask},
    noise::{source::Source, uniform::Uniform},
};

/// Numerator and denominator coefficients, constant term first.
struct Rational {
    p: [f32; 4],
    q: [f32; 4],
}

const CENTRE: Rational =
    Rational { p: [3.387_132_7, 50.434_27, 159.291_13, 59.109_375], q: [1.0, 17.895_17, 78.757_76, 67.187_56] };
const TAIL: Rational =
    Rational { p: [1.423_437_3, 2.756_815_4, 1.306_728_5, 0.170_238_21], q: [1.0, 0.737_001_64, 0.120_211_33, 0.0] };
const FAR_TAIL: Rational =
    Rational { p: [6.657_905, 3.081_226_4, 0.428_682_94, 0.017_337_203], q: [1.0, 0.241_978_94, 0.012_258_203, 0.0] };

/// Evaluates a polynomial by Horner's rule from the highest power down. Each lane selects one of three sets of
/// coefficients.
#[inline(always)]
fn horner<L: Lane>(r: L, centre: L::Mask, far: L::Mask, c: &[f32; 4], t: &[f32; 4], f: &[f32; 4]) -> L {
    let mut sum = L::ZERO;
    for i in (0..4).rev() {
        let tail = L::select(far, L::splat(f[i]), L::splat(t[i]));
        let coefficient = L::select(centre, L::splat(c[i]), tail);
        sum = if i == 3 { coefficient } else { sum * r + coefficient };
    }
    sum
}

/// Returns the standard normal number at lower-tail probability `u`: `Φ^{−1}(u)`.
///
/// ```
/// use samplegrad_core::noise::{Uniform, normal};
///
/// assert_eq!(normal::quantile(Uniform::new(0.5_f32)?), 0.0);
/// assert!((normal::quantile(Uniform::new(0.975_f32)?) - 1.959964_f32).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline(always)]
pub fn quantile<L: Lane>(u: Uniform<L>) -> L {
    let tail = u.tail();
    let distance = -tail + 0.5;
    let centre = L::splat(0.425).lt(distance).not();
    let in_centre = -(distance * distance) + 0.180_625;
    // Seventeen of twenty draws need no logarithm. Skipping it does not change the bits.
    let (r, far) = if centre.all() {
        (in_centre, L::Mask::splat(false))
    } else {
        let depth = (-tail.ln()).sqrt();
        let far = L::splat(5.0).lt(depth);
        (L::select(centre, in_centre, depth - L::select(far, L::splat(5.0), L::splat(1.6))), far)
    };
    let p = horner(r, centre, far, &CENTRE.p, &TAIL.p, &FAR_TAIL.p);
    let q = horner(r, centre, far, &CENTRE.q, &TAIL.q, &FAR_TAIL.q);
    let magnitude = L::select(centre, distance, L::ONE) * p / q;
    L::select(u.is_upper(), magnitude, -magnitude)
}

/// Draws a number from one word of the source.
#[inline(always)]
pub fn sample<L: Lane, S: Source<L> + ?Sized>(source: &mut S) -> L {
    quantile(Uniform::sample(source))
}
