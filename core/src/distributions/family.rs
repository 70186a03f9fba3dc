//! Families of continuous distributions on the real line. Estimators use this interface, and so do lists of independent variables.

use core::fmt::Debug;

use crate::{
    arithmetic::lane::Lane,
    noise::{source::Source, uniform::Uniform},
};

/// A distribution of one real number, with one to three parameters.
///
/// Derivatives are in the order of the parameters of the constructor.
///
/// ```
/// use samplegrad_core::{LogStdNormal, family::Family, stream};
///
/// let p = LogStdNormal::new(1.0, 0.0)?;
/// let (x, by_parameter) = Family::sample_path(p, &mut stream::xorshift(2026, 0));
/// assert_eq!(by_parameter, [1.0, x - 1.0]);           // ∂x/∂μ and ∂x/∂ln σ of x = μ + σ ε
/// assert_eq!(Family::score(p, 1.5), [0.5, -0.75]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Family: Copy + Debug + PartialEq + 'static {
    /// The number type: `f32`, or a vector of lanes.
    type Lane: Lane;
    /// A number per parameter: `[L; 1]` to `[L; 3]`.
    type Gradient: AsRef<[Self::Lane]> + Copy + Debug + PartialEq;

    /// Number of parameters, the length of [`Family::Gradient`].
    const PARAMETERS: usize;

    /// Draws a value and returns it with its derivative in each parameter at fixed noise.
    fn sample_path<S: Source<Self::Lane> + ?Sized>(self, source: &mut S) -> (Self::Lane, Self::Gradient);
    /// Returns `ln p(x)`.
    fn log_prob(self, x: Self::Lane) -> Self::Lane;
    /// Returns the score `∂ ln p(x)/∂φ`.
    fn score(self, x: Self::Lane) -> Self::Gradient;
    /// Draws a value and returns it with its score. Takes the same words of the source as [`Family::sample_path`]. The
    /// estimators of this crate use these scores.
    ///
    /// The default implementation computes the score at the value. It suits families whose values are precise enough.
    /// Other families compute the score from the noise. Their score belongs to the exact value, even if the returned
    /// value is rounded or clamped.
    #[inline]
    fn sample_score<S: Source<Self::Lane> + ?Sized>(self, source: &mut S) -> (Self::Lane, Self::Gradient) {
        let (x, _) = self.sample_path(source);
        (x, self.score(x))
    }
}

/// A family that is sampled by the inverse of its distribution function: `x = F^{−1}(u)` for uniform `u`.
///
/// [`Uniform`] is precise near 0 and near 1, so the tails of every family are precise too. Outside the support of a
/// family, the log-probability is −∞ and the distribution function is 0 or 1. An end of the support is the
/// exception: there, the log-probability is its limit from inside, which may be +∞. The other functions of a point require a point inside the support.
///
/// | family | parameters | support | undefined or infinite moments |
/// |---|---|---|---|
/// | [`LogStdNormal`](crate::LogStdNormal) | mean, `ln σ` | all | |
/// | [`Normal`](crate::normal::Normal), [`Logistic`](crate::logistic::Logistic), [`Laplace`](crate::laplace::Laplace), [`Gumbel`](crate::Gumbel) | location, scale | all | |
/// | [`Cauchy`](crate::cauchy::Cauchy) | location, scale | all | mean and variance undefined: [`Moments`] is not implemented |
/// | [`UniformInterval`](crate::uniform_interval::UniformInterval) | low, high | from low to high | |
/// | [`Exponential`](crate::exponential::Exponential) | rate | `x ≥ 0` | |
/// | [`Weibull`](crate::weibull::Weibull) | scale, shape | `x > 0` | |
/// | [`Pareto`](crate::pareto::Pareto) | scale, shape | `x ≥ scale` | mean infinite for shape ≤ 1, variance infinite for shape ≤ 2 |
/// | [`LogNormal`](crate::log_normal::LogNormal) | `μ`, `σ` of `ln x` | `x > 0` | |
/// | [`Kumaraswamy`](crate::kumaraswamy::Kumaraswamy) | `a`, `b` | `0 < x < 1` | |
///
/// The support depends on both parameters of the uniform distribution and on the scale of the Pareto distribution. In
/// these parameters the mean of the score is not zero, and the score-function estimator is biased. The pathwise
/// estimator is unbiased.
///
/// ```
/// use samplegrad_core::{family::InverseCdf, noise::Uniform, weibull::Weibull};
///
/// let p = Weibull::new(2.0, 1.5)?;
/// let u = Uniform::new(0.25)?;
/// let x = p.quantile(u);
/// assert!((p.cdf(x) - 0.25).abs() < 1e-6);
/// let (path, implicit) = (p.pathwise(u), p.implicit(x));
/// assert!((path[0] - implicit[0]).abs() < 1e-6 && (path[1] - implicit[1]).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait InverseCdf: Family {
    /// Returns the number at lower-tail probability `u`, and the derivative of the number in each parameter at fixed
    /// `u`.
    fn path(self, u: Uniform<Self::Lane>) -> (Self::Lane, Self::Gradient);
    /// Returns `P(X ≤ x)`.
    fn cdf(self, x: Self::Lane) -> Self::Lane;
    /// Returns `∂ ln p(x)/∂x`.
    fn derivative(self, x: Self::Lane) -> Self::Lane;
    /// Returns the implicit reparameterization derivative `−(∂F(x)/∂φ)/p(x)`. It is the pathwise derivative as a
    /// function of the point alone (M. Figurnov, S. Mohamed and A. Mnih, *Implicit reparameterization gradients*,
    /// NeurIPS 2018).
    fn implicit(self, x: Self::Lane) -> Self::Gradient;
    /// Returns the entropy in nats.
    fn entropy(self) -> Self::Lane;

    /// Returns the number at lower-tail probability `u`.
    #[inline]
    fn quantile(self, u: Uniform<Self::Lane>) -> Self::Lane {
        self.path(u).0
    }
    /// Returns the derivative of the quantile in each parameter at fixed `u`.
    #[inline]
    fn pathwise(self, u: Uniform<Self::Lane>) -> Self::Gradient {
        self.path(u).1
    }
}

/// A family with a mean and a variance.
///
/// ```
/// use samplegrad_core::{family::Moments, pareto::Pareto};
///
/// assert_eq!(Pareto::new(1.0, 3.0)?.mean(), 1.5);
/// assert_eq!(Pareto::new(1.0, 2.0)?.variance(), f32::INFINITY);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Moments: Family {
    /// Returns the mean `E[X]`; +∞ where the mean diverges or overflows.
    fn mean(self) -> Self::Lane;
    /// Returns the variance `Var[X]`; +∞ where the variance diverges or overflows.
    fn variance(self) -> Self::Lane;
}
