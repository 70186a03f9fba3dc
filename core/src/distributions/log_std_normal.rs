//! The normal distribution with the parameters `μ` and `ln σ`. A sample is computed by reparameterization:
//! `x = μ + σ ε`.
//!
//! Source: D. P. Kingma and M. Welling, *Auto-encoding variational Bayes*, ICLR 2014.

use crate::{
    arithmetic::lane::Lane,
    check,
    distributions::{
        family::{Family, InverseCdf, Moments},
        location_scale::Standard,
        normal::StandardNormal,
    },
    error::Error,
    noise::{normal, source::Source, uniform::Uniform},
};

/// The constant `½ ln(2π)`.
const HALF_LN_2PI: f32 = 0.918_938_5;

/// A normal distribution with the mean `μ` and the logarithm `ln σ` of the standard deviation as parameters.
///
/// # Example
/// ```
/// use samplegrad_core::LogStdNormal;
///
/// let p = LogStdNormal::new(1.0, 0.0)?;
/// assert_eq!(p.reparameterize(0.5), 1.5);
/// assert_eq!(p.pathwise(0.5, 2.0), (2.0, 1.0));     // f'(x) = 2
/// assert_eq!(p.score(1.5), (0.5, -0.75));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LogStdNormal<L: Lane = f32> {
    mean: L,
    log_std: L,
    std: L,
}

impl<L: Lane> LogStdNormal<L> {
    /// Creates a distribution from a finite mean and an `ln σ` between −40 and 40. In this range, `σ`, `σ²` and `1/σ²`
    /// are normal floats.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a parameter outside its range.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    pub fn new(mean: L, log_std: L) -> Result<Self, Error> {
        check::within("mean", mean, -f32::MAX, f32::MAX, "finite")?;
        check::within("log standard deviation", log_std, -40.0, 40.0, "from -40 to 40")?;
        Ok(Self::trusted(mean, log_std))
    }

    /// Creates a distribution from numbers that are known to be in range.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    #[cfg_attr(not(target_arch = "x86_64"), inline)]
    pub(crate) fn trusted(mean: L, log_std: L) -> Self {
        Self { mean, log_std, std: log_std.exp() }
    }

    /// Returns the mean `μ`.
    #[inline]
    pub fn mean(self) -> L {
        self.mean
    }

    /// Returns the standard deviation `σ`.
    #[inline]
    pub fn std(self) -> L {
        self.std
    }

    /// Draws `(x, ε)` from one word of the source.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    #[cfg_attr(not(target_arch = "x86_64"), inline)]
    pub fn sample<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, L) {
        let noise = normal::sample(source);
        (self.reparameterize(noise), noise)
    }

    /// Returns `x = μ + σ ε`.
    #[inline]
    pub fn reparameterize(self, noise: L) -> L {
        self.mean + self.std * noise
    }

    /// Returns the pathwise gradient `(f'(x), f'(x) · σ ε)` in `μ` and `ln σ`, for the `x` that was computed from
    /// `noise`.
    #[inline]
    pub fn pathwise(self, noise: L, cotangent: L) -> (L, L) {
        (cotangent, cotangent * (self.std * noise))
    }

    /// Returns `ln p(x) = −½ ((x − μ)/σ)² − ln σ − ½ ln 2π`.
    #[inline]
    pub fn log_prob(self, x: L) -> L {
        self.log_prob_of_noise((x - self.mean) / self.std)
    }

    /// Returns `ln p(x) = −½ ε² − ln σ − ½ ln 2π` for the `x` that was computed from `noise`. Where `σ` is much smaller
    /// than `|μ|`, rounding `x` loses the digits of the noise, and [`LogStdNormal::log_prob`] is not precise.
    #[inline]
    pub fn log_prob_of_noise(self, noise: L) -> L {
        -(noise * noise * 0.5) - self.log_std - HALF_LN_2PI
    }

    /// Returns the score: the derivative `(x − μ)/σ²` of `ln p(x)` in `μ`, and its derivative `((x − μ)/σ)² − 1` in
    /// `ln σ`.
    #[inline]
    pub fn score(self, x: L) -> (L, L) {
        self.score_of_noise((x - self.mean) / self.std)
    }

    /// Returns the score `(ε/σ, ε² − 1)` at the `x` that was computed from `noise`, unaffected by the rounding of `x`.
    ///
    /// ```
    /// use samplegrad_core::LogStdNormal;
    ///
    /// let p = LogStdNormal::new(1000.0, -10.0)?;                  // σ = 4.5e-5; floats near 1000 are 6.1e-5 apart
    /// assert_eq!(p.score_of_noise(0.5).1, -0.75);
    /// assert_eq!(p.score(p.reparameterize(0.5)).1, -1.0);     // the score at 1000, to which the sample was rounded
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    #[inline]
    pub fn score_of_noise(self, noise: L) -> (L, L) {
        (noise / self.std, noise * noise - 1.0)
    }

    /// Returns the entropy in nats: `ln σ + ½ (1 + ln 2π)`.
    #[inline]
    pub fn entropy(self) -> L {
        self.log_std + (HALF_LN_2PI + 0.5)
    }

    /// Returns `KL(self ‖ N(0, 1)) = ½ (σ² + μ² − 1) − ln σ`.
    #[inline]
    pub fn kl_to_standard(self) -> L {
        (self.std * self.std + self.mean * self.mean - 1.0) * 0.5 - self.log_std
    }

    /// Returns the derivatives of [`LogStdNormal::kl_to_standard`]. The derivative in `μ` is `μ`. The derivative in
    /// `ln σ` is `σ² − 1`.
    #[inline]
    pub fn kl_to_standard_derivatives(self) -> (L, L) {
        (self.mean, self.std * self.std - 1.0)
    }

    /// Returns `KL(self ‖ other) = ln σ₂ − ln σ + ½ ((σ/σ₂)² + ((μ − μ₂)/σ₂)² − 1)`.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        let (ratio, shift) = self.relative_to(other);
        (other.log_std - self.log_std) + (ratio * ratio + shift * shift - 1.0) * 0.5
    }

    /// Returns the derivatives of `KL(self ‖ other)` in `μ` and `ln σ` of `self`, then in `μ₂` and `ln σ₂` of `other`.
    #[inline]
    pub fn kl_derivatives(self, other: Self) -> [L; 4] {
        let (ratio, shift) = self.relative_to(other);
        let by_mean = shift / other.std;
        let square = ratio * ratio;
        [by_mean, square - 1.0, -by_mean, -square - shift * shift + 1.0]
    }

    fn relative_to(self, other: Self) -> (L, L) {
        (self.std / other.std, (self.mean - other.mean) / other.std)
    }
}

impl<L: Lane> Family for LogStdNormal<L> {
    type Lane = L;
    type Gradient = [L; 2];
    const PARAMETERS: usize = 2;

    #[inline]
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let (x, noise) = self.sample(source);
        let (by_mean, by_log_std) = self.pathwise(noise, L::ONE);
        (x, [by_mean, by_log_std])
    }
    #[inline]
    fn log_prob(self, x: L) -> L {
        self.log_prob(x)
    }
    #[inline]
    fn score(self, x: L) -> [L; 2] {
        let (by_mean, by_log_std) = self.score(x);
        [by_mean, by_log_std]
    }
    #[inline]
    fn sample_score<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let (x, noise) = self.sample(source);
        (x, self.score_of_noise(noise).into())
    }
}

impl<L: Lane> InverseCdf for LogStdNormal<L> {
    #[inline]
    fn path(self, u: Uniform<L>) -> (L, [L; 2]) {
        let noise = normal::quantile(u);
        (self.reparameterize(noise), self.pathwise(noise, L::ONE).into())
    }
    #[inline]
    fn cdf(self, x: L) -> L {
        StandardNormal::cdf((x - self.mean()) / self.std())
    }
    #[inline]
    fn derivative(self, x: L) -> L {
        -self.score(x).0
    }
    #[inline]
    fn implicit(self, x: L) -> [L; 2] {
        [L::ONE, x - self.mean()]
    }
    #[inline]
    fn entropy(self) -> L {
        self.entropy()
    }
}

impl<L: Lane> Moments for LogStdNormal<L> {
    #[inline]
    fn mean(self) -> L {
        self.mean()
    }
    #[inline]
    fn variance(self) -> L {
        self.std() * self.std()
    }
}
