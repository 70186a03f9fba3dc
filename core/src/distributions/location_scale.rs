//! Location–scale families: `x = μ + σ z`, where the noise `z` has a standard distribution. This file contains the code
//! that all families share. Each standard distribution has a separate file.
//!
//! | family | standard density | file |
//! |---|---|---|
//! | [`Normal`](crate::normal::Normal) | `e^{−z²/2}/√(2π)` | [`normal`](crate::normal) |
//! | [`Logistic`](crate::logistic::Logistic) | `e^{−z}/(1 + e^{−z})²` | [`logistic`](crate::logistic) |
//! | [`Laplace`](crate::laplace::Laplace) | `½ e^{−|z|}` | [`laplace`](crate::laplace) |
//! | [`Gumbel`](crate::Gumbel) | `e^{−z − e^{−z}}` | [`gumbel`](crate::gumbel) |
//! | [`Cauchy`](crate::cauchy::Cauchy) | `1/(π (1 + z²))` | [`cauchy`](crate::cauchy) |
//!
//! Source: D. P. Kingma and M. Welling, *Auto-encoding variational Bayes*, ICLR 2014, section 2.4.

use core::{fmt::Debug, marker::PhantomData};

use crate::{
    arithmetic::lane::Lane,
    check,
    distributions::family::{Family, InverseCdf, Moments},
    error::Error,
    noise::{source::Source, uniform::Uniform},
};

/// A standard distribution, the noise of a location–scale family.
///
/// ```
/// use samplegrad_core::{logistic::StandardLogistic, location_scale::Standard};
///
/// assert_eq!(StandardLogistic::cdf(0.0_f32), 0.5);
/// assert_eq!(StandardLogistic::slope(0.0_f32), 0.0);
/// ```
pub trait Standard: Copy + Debug + PartialEq + 'static {
    /// Entropy in nats.
    const ENTROPY: f32;

    /// Returns the number at lower-tail probability `u`.
    fn quantile<L: Lane>(u: Uniform<L>) -> L;
    /// Returns `ln p(z)`.
    fn log_density<L: Lane>(z: L) -> L;
    /// Returns the slope `∂ ln p(z)/∂z`.
    fn slope<L: Lane>(z: L) -> L;
    /// Returns `P(Z ≤ z)`.
    fn cdf<L: Lane>(z: L) -> L;
}

/// A standard distribution that has a mean and a variance.
///
/// ```
/// use samplegrad_core::{location_scale::StandardMoments, normal::StandardNormal};
///
/// assert_eq!((StandardNormal::MEAN, StandardNormal::VARIANCE), (0.0, 1.0));
/// ```
pub trait StandardMoments: Standard {
    /// The mean `E[Z]`.
    const MEAN: f32;
    /// The variance `Var[Z]`.
    const VARIANCE: f32;
}

/// The distribution of `μ + σ Z`, where `Z` has a standard distribution. The parameters are the location `μ` and the
/// scale `σ`.
///
/// ```
/// use samplegrad_core::{cauchy::Cauchy, family::InverseCdf, logistic::Logistic, noise::Uniform};
///
/// let p = Logistic::new(1.0, 2.0)?;
/// assert_eq!(p.quantile(Uniform::new(0.5)?), 1.0);
/// assert_eq!(p.implicit(4.0), [1.0, 1.5]);            // ∂x/∂μ = 1, ∂x/∂σ = z
/// assert_eq!(p.mean(), 1.0);
/// assert_eq!(Cauchy::new(1.0, 2.0)?.score(1.0), (0.0, -0.5));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LocationScale<Z, L: Lane = f32> {
    location: L,
    scale: L,
    noise: PhantomData<Z>,
}

impl<Z: Standard, L: Lane> LocationScale<Z, L> {
    /// Creates a distribution from a location between −10^6 and 10^6 and a scale between 1e−6 and 1e6.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a parameter outside its range.
    pub fn new(location: L, scale: L) -> Result<Self, Error> {
        check::within("location", location, -1e6, 1e6, "from -1e6 to 1e6")?;
        check::within("scale", scale, 1e-6, 1e6, "from 1e-6 to 1e6")?;
        Ok(Self { location, scale, noise: PhantomData })
    }

    /// Returns the location `μ`.
    #[inline]
    pub fn location(self) -> L {
        self.location
    }

    /// Returns the scale `σ`.
    #[inline]
    pub fn scale(self) -> L {
        self.scale
    }

    /// Draws a number from one word of the source.
    #[inline]
    pub fn sample<S: Source<L> + ?Sized>(self, source: &mut S) -> L {
        self.quantile(Uniform::sample(source))
    }

    /// Returns the number at lower-tail probability `u`: `μ + σ z`.
    #[inline]
    pub fn quantile(self, u: Uniform<L>) -> L {
        self.path(u).0
    }

    /// Returns `ln p(x)`, which is the standard log-density at `z` minus `ln σ`. The result is −∞ where it overflows.
    #[inline]
    pub fn log_prob(self, x: L) -> L {
        self.log_prob_of_noise(self.standard(x))
    }

    /// Returns `ln p(x)` at `x = μ + σ z`, unaffected by the rounding of `x`. Where `σ` is much smaller than `|μ|`,
    /// rounding `x` loses the digits of `z`.
    #[inline]
    pub fn log_prob_of_noise(self, z: L) -> L {
        Z::log_density(z) - self.scale.ln()
    }

    /// Returns `P(X ≤ x)`.
    #[inline]
    pub fn cdf(self, x: L) -> L {
        Z::cdf(self.standard(x))
    }

    /// Returns the score: the derivative `−s/σ` of `ln p(x)` in `μ`, and its derivative `−(z s + 1)/σ` in `σ`. Here `s`
    /// is the slope of the standard log-density at `z`. The score is ±∞ where it overflows. This happens at
    /// `z² > 3.4e38 σ` for the normal distribution, and at about `z < −84 − ln σ` for the Gumbel distribution.
    #[inline]
    pub fn score(self, x: L) -> (L, L) {
        self.score_of_noise(self.standard(x))
    }

    /// Returns the score at `x = μ + σ z`, unaffected by the rounding of `x`.
    ///
    /// ```
    /// use samplegrad_core::normal::Normal;
    ///
    /// let p = Normal::new(1000.0, 1e-5)?;
    /// assert_eq!(p.score_of_noise(2.0), (2.0 / 1e-5, 3.0 / 1e-5));
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    #[inline]
    pub fn score_of_noise(self, z: L) -> (L, L) {
        let slope = Z::slope(z);
        (-slope / self.scale, -(z * slope + 1.0) / self.scale)
    }

    /// Returns the derivative of `ln p(x)` in `x`: `s/σ`.
    #[inline]
    pub fn derivative(self, x: L) -> L {
        Z::slope(self.standard(x)) / self.scale
    }

    /// Returns the entropy in nats: `ln σ` plus the standard entropy.
    #[inline]
    pub fn entropy(self) -> L {
        self.scale.ln() + Z::ENTROPY
    }

    /// Returns `z = (x − μ)/σ`, at most the largest float.
    #[inline]
    pub(crate) fn standard(self, x: L) -> L {
        let z = (x - self.location) / self.scale;
        z.max(L::splat(f32::MIN)).min(L::splat(f32::MAX))
    }

    /// Returns `(μ₁ − μ₂)/σ₂` and `σ₁/σ₂`. Divergences are functions of these two numbers.
    #[inline]
    pub(crate) fn relative_to(self, other: Self) -> (L, L) {
        ((self.location - other.location) / other.scale, self.scale / other.scale)
    }
}

impl<Z: StandardMoments, L: Lane> LocationScale<Z, L> {
    /// Returns the mean `E[X]`: `μ` plus `σ` times the standard mean.
    #[inline]
    pub fn mean(self) -> L {
        self.location + self.scale * Z::MEAN
    }

    /// Returns the variance `Var[X]`: `σ²` times the standard variance.
    #[inline]
    pub fn variance(self) -> L {
        self.scale * self.scale * Z::VARIANCE
    }
}

impl<Z: Standard, L: Lane> Family for LocationScale<Z, L> {
    type Lane = L;
    type Gradient = [L; 2];
    const PARAMETERS: usize = 2;

    #[inline]
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        self.path(Uniform::sample(source))
    }
    #[inline]
    fn log_prob(self, x: L) -> L {
        self.log_prob(x)
    }
    #[inline]
    fn score(self, x: L) -> [L; 2] {
        self.score(x).into()
    }
    #[inline]
    fn sample_score<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let z = Z::quantile(Uniform::sample(source));
        (self.location + self.scale * z, self.score_of_noise(z).into())
    }
}

impl<Z: Standard, L: Lane> InverseCdf for LocationScale<Z, L> {
    #[inline]
    fn path(self, u: Uniform<L>) -> (L, [L; 2]) {
        let z = Z::quantile(u);
        (self.location + self.scale * z, [L::ONE, z])
    }
    #[inline]
    fn cdf(self, x: L) -> L {
        self.cdf(x)
    }
    #[inline]
    fn derivative(self, x: L) -> L {
        self.derivative(x)
    }
    #[inline]
    fn implicit(self, x: L) -> [L; 2] {
        [L::ONE, self.standard(x)]
    }
    #[inline]
    fn entropy(self) -> L {
        self.entropy()
    }
}

impl<Z: StandardMoments, L: Lane> Moments for LocationScale<Z, L> {
    #[inline]
    fn mean(self) -> L {
        self.mean()
    }
    #[inline]
    fn variance(self) -> L {
        self.variance()
    }
}
