//! The normal distribution with location `μ` and scale `σ`. [`LogStdNormal`](crate::LogStdNormal) is the same
//! distribution with the parameter `ln σ`, which has no sign constraint. A learner can therefore change it by
//! unconstrained gradient steps.
//!
//! The distribution function is `Φ(−z) = e^{−z²/2} R(z)`. `R` is Mills' ratio divided by `√(2π)` (J. P. Mills,
//! Biometrika 18, 1926). It is computed as a polynomial in `1/(1 + z/4)`, fitted at Chebyshev's points and accurate to
//! 2e−8 from 0 to 15.

use crate::{
    arithmetic::{lane::Lane, powers::exp_of_product},
    distributions::location_scale::{LocationScale, Standard, StandardMoments},
    noise::{normal, uniform::Uniform},
};

/// The constant `½ ln(2π)`.
pub(crate) const HALF_LN_2PI: f32 = 0.918_938_5;

/// Coefficients of `R(z)/t` in powers of `t = 1/(1 + z/4)`, the highest first.
const MILLS: [f32; 10] = [
    0.016_071_473,
    -0.060_225_853,
    0.046_119_937,
    0.035_075_154,
    0.007_866_203,
    0.088_859_36,
    0.071_388_57,
    0.095_611_575,
    0.099_485_57,
    0.099_748_01,
];

/// The standard normal distribution, with distribution function `Φ`. It has mean 0 and variance 1.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StandardNormal;

/// A normal distribution.
///
/// ```
/// use samplegrad_core::normal::Normal;
///
/// let (p, q) = (Normal::new(1.0, 2.0)?, Normal::new(0.0, 1.0)?);
/// assert_eq!((p.mean(), p.variance()), (1.0, 4.0));
/// assert_eq!(p.score(2.0), (0.25, -0.375));
/// assert!((p.cdf(1.0) - 0.5).abs() < 1e-7 && (p.kl(q) - 1.306_853).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub type Normal<L = f32> = LocationScale<StandardNormal, L>;

impl<L: Lane> Normal<L> {
    /// Returns `KL(self ‖ other) = ½ (r² + d² − 1) − ln r` with `r = σ₁/σ₂` and `d = (μ₁ − μ₂)/σ₂`.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        let (shift, ratio) = self.relative_to(other);
        (ratio * ratio + shift * shift - 1.0) * 0.5 - ratio.ln()
    }
}

impl Standard for StandardNormal {
    const ENTROPY: f32 = HALF_LN_2PI + 0.5;

    #[inline]
    fn quantile<L: Lane>(u: Uniform<L>) -> L {
        normal::quantile(u)
    }
    #[inline]
    fn log_density<L: Lane>(z: L) -> L {
        -(z * z * 0.5) - HALF_LN_2PI
    }
    #[inline]
    fn slope<L: Lane>(z: L) -> L {
        -z
    }
    /// Returns `P(Z ≤ z)`, to full relative precision in the lower tail.
    #[inline]
    fn cdf<L: Lane>(z: L) -> L {
        let distance = z.abs();
        let t = (distance * 0.25 + 1.0).recip();
        let ratio = MILLS.iter().fold(L::ZERO, |sum, &c| sum * t + c) * t;
        let tail = exp_of_product(distance, distance * -0.5) * ratio;
        L::select(z.lt(L::ZERO), tail, -tail + 1.0)
    }
}

impl StandardMoments for StandardNormal {
    const MEAN: f32 = 0.0;
    const VARIANCE: f32 = 1.0;
}
