//! The Gumbel (type-I extreme value) distribution with location `μ` and scale `β`, the distribution of block maxima.
//!
//! Let `z = (x − μ)/β` and `t = e^{−z}`. Then `F(x) = e^{−t}` and `ln p(x) = −z − t − ln β`.
//!
//! Source: E. J. Gumbel, *Statistics of extremes*, Columbia University Press, 1958; the divergence is derived from
//! `E[X] = μ + γβ` and `E[e^{−sZ}] = Γ(1 + s)`.

use crate::{
    arithmetic::{
        gamma_function::ln_gamma_ratio,
        lane::Lane,
        powers::{ln_one_minus_exp, one_minus_exp},
    },
    distributions::location_scale::{LocationScale, Standard, StandardMoments},
    noise::{gumbel, uniform::Uniform},
};

/// Euler's constant.
pub(crate) const EULER: f32 = 0.577_215_7;

/// The standard Gumbel distribution, the limit distribution of the largest of many numbers. It has mean `γ` and
/// variance `π²/6`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StandardGumbel;

/// A Gumbel distribution.
///
/// The lower tail falls as `e^{−e^{−z}}`. Therefore, results at points far below the location overflow. The
/// log-probability is −∞ for `z < −88.7`. The score in the scale is +∞ for about `z < −84 − ln β`, and the score in the
/// location is +∞ for `z < −88.7 − ln β`. Every sample has `z ≥ −3.14`. The divergence from another distribution is +∞
/// if the mean of `e^{−z}` overflows. This `z` is computed from the location and scale of the other distribution.
///
/// # Example
/// ```
/// use samplegrad_core::Gumbel;
///
/// // The highest tide of a year.
/// let tide = Gumbel::new(3.9, 0.2)?;
/// assert!((tide.mean() - 4.0154).abs() < 1e-3);
/// assert!(tide.survival(4.7) < 0.02);                 // less than once in fifty years
/// let (by_location, by_scale) = tide.score(4.0);      // the direction of a fit to a new maximum
/// assert!(by_location < 1.0 / 0.2 && by_scale.is_finite());
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub type Gumbel<L = f32> = LocationScale<StandardGumbel, L>;

impl<L: Lane> Gumbel<L> {
    /// Returns `ln P(X ≤ x) = −t`.
    #[inline]
    pub fn log_cdf(self, x: L) -> L {
        -self.rarity(x)
    }

    /// Returns `P(X > x) = 1 − e^{−t}`. Small probabilities have full relative precision.
    #[inline]
    pub fn survival(self, x: L) -> L {
        one_minus_exp(self.rarity(x))
    }

    /// Returns `ln P(X > x) = ln(1 − e^{−t})`. For `t ≤ 1` the logarithm is computed as `−z + ln((1 − e^{−t})/t)`. This
    /// form remains accurate if `t` underflows.
    #[inline]
    pub fn log_survival(self, x: L) -> L {
        let (z, t) = (self.standard(x), self.rarity(x));
        let ratio = L::select(t.equals(L::ZERO), L::ONE, self.survival(x) / t);
        L::select(L::ONE.lt(t), ln_one_minus_exp(t), -z + ratio.ln())
    }

    /// Returns `KL(self ‖ other) = γ (r − 1) − ln r + d + e^{−d} Γ(1 + r) − 1` with `r = β₁/β₂` and `d = (μ₁ − μ₂)/β₂`.
    /// The result is +∞ if it overflows.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        let (shift, ratio) = self.relative_to(other);
        divergence(shift, ratio)
    }

    /// Returns `t = e^{−z}`.
    fn rarity(self, x: L) -> L {
        (-self.standard(x)).exp()
    }
}

/// Returns the divergence of two distributions. The locations, divided by the second scale, differ by `d`. The ratio of
/// the scales is `r`.
pub(crate) fn divergence<L: Lane>(d: L, r: L) -> L {
    (r - 1.0) * EULER - r.ln() + d + (ln_gamma_ratio(L::ONE, r) - d).exp() - 1.0
}

impl Standard for StandardGumbel {
    const ENTROPY: f32 = EULER + 1.0;

    #[inline]
    fn quantile<L: Lane>(u: Uniform<L>) -> L {
        gumbel::quantile(u)
    }
    /// Returns `−z − e^{−z}`. The result is −∞ for `z < −88.7`, because `e^{−z}` then overflows.
    #[inline]
    fn log_density<L: Lane>(z: L) -> L {
        -z - (-z).exp()
    }
    /// Returns `e^{−z} − 1`.
    #[inline]
    fn slope<L: Lane>(z: L) -> L {
        (-z).exp() - 1.0
    }
    #[inline]
    fn cdf<L: Lane>(z: L) -> L {
        (-(-z).exp()).exp()
    }
}

impl StandardMoments for StandardGumbel {
    const MEAN: f32 = EULER;
    const VARIANCE: f32 = 1.644_934_1;
}
