//! The Laplace distribution with location `μ` and scale `b`: two exponential tails.
//!
//! Source: S. Kotz, T. J. Kozubowski and K. Podgórski, *The Laplace distribution and generalizations*,
//! Birkhäuser, 2001.

use core::f32::consts::LN_2;

use crate::{
    arithmetic::lane::Lane,
    distributions::location_scale::{LocationScale, Standard, StandardMoments},
    noise::{laplace, uniform::Uniform},
};

/// The distribution with density `½ e^{−|z|}`. It has mean 0 and variance 2.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StandardLaplace;

/// A Laplace distribution.
///
/// ```
/// use samplegrad_core::laplace::Laplace;
///
/// let p = Laplace::new(1.0, 2.0)?;
/// assert_eq!((p.cdf(1.0), p.variance(), p.kl(p)), (0.5, 8.0, 0.0));
/// assert_eq!(p.score(4.0), (0.5, 0.25));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub type Laplace<L = f32> = LocationScale<StandardLaplace, L>;

impl<L: Lane> Laplace<L> {
    /// Returns `KL(self ‖ other) = |d| + r e^{−|d|/r} − 1 − ln r` with `r = b₁/b₂` and `d = (μ₁ − μ₂)/b₂`.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        let (shift, ratio) = self.relative_to(other);
        let distance = shift.abs();
        distance + ratio * (-(distance / ratio)).exp() - 1.0 - ratio.ln()
    }
}

impl Standard for StandardLaplace {
    const ENTROPY: f32 = 1.0 + LN_2;

    #[inline]
    fn quantile<L: Lane>(u: Uniform<L>) -> L {
        laplace::quantile(u)
    }
    #[inline]
    fn log_density<L: Lane>(z: L) -> L {
        -z.abs() - LN_2
    }
    /// Returns `∓1`; 0 at 0, where there is no derivative.
    #[inline]
    fn slope<L: Lane>(z: L) -> L {
        let below = L::select(z.lt(L::ZERO), L::ONE, L::ZERO);
        L::select(L::ZERO.lt(z), -L::ONE, below)
    }
    #[inline]
    fn cdf<L: Lane>(z: L) -> L {
        let tail = (-z.abs()).exp() * 0.5;
        L::select(z.lt(L::ZERO), tail, -tail + 1.0)
    }
}

impl StandardMoments for StandardLaplace {
    const MEAN: f32 = 0.0;
    const VARIANCE: f32 = 2.0;
}
