//! The Pareto distribution with scale `m` and shape `α`, a distribution without a typical size. The number `ln(X/m)` is
//! exponential with rate `α`.
//!
//! It has a mean for `α > 1` and a variance for `α > 2`. Its support begins at `m`, so the mean of the score in `m` is
//! not zero. The score-function estimator is biased in `m` and unbiased in `α`. The pathwise estimator is unbiased in
//! both parameters.
//!
//! Source: N. L. Johnson, S. Kotz and N. Balakrishnan, *Continuous univariate distributions 1*, Wiley, 1994,
//! chapter 20.

use crate::{
    arithmetic::{
        lane::Lane,
        powers::{exp_of_quotient, one_minus_exp},
    },
    check,
    distributions::family::{Family, InverseCdf, Moments},
    error::Error,
    noise::{exponential, source::Source, uniform::Uniform},
};

/// A Pareto distribution: `P(X > x) = (m/x)^α` for `x ≥ m`.
///
/// ```
/// use samplegrad_core::{family::{Family, InverseCdf, Moments}, pareto::Pareto};
///
/// let p = Pareto::new(1.0, 3.0)?;
/// assert_eq!((p.mean(), p.variance(), p.cdf(0.5)), (1.5, 0.75, 0.0));
/// assert_eq!((p.score(1.0), p.derivative(2.0)), ([3.0, 1.0 / 3.0], -2.0));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pareto<L: Lane = f32> {
    scale: L,
    shape: L,
}

impl<L: Lane> Pareto<L> {
    /// Creates a distribution from a scale between 1e−6 and 1e6 and a shape between ½ and 1000. With these limits,
    /// samples are finite.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a parameter outside its range.
    pub fn new(scale: L, shape: L) -> Result<Self, Error> {
        check::within("scale", scale, 1e-6, 1e6, "from 1e-6 to 1e6")?;
        check::within("shape", shape, 0.5, 1000.0, "from 0.5 to 1000")?;
        Ok(Self { scale, shape })
    }

    /// Returns the scale `m`, where the support begins.
    #[inline]
    pub fn scale(self) -> L {
        self.scale
    }

    /// Returns the shape `α`.
    #[inline]
    pub fn shape(self) -> L {
        self.shape
    }

    /// Returns `KL(self ‖ other) = q − 1 − ln q + α₂ ln(m₁/m₂)` with `q = α₂/α₁`; +∞ where the support of `other`
    /// begins later.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        let ratio = other.shape / self.shape;
        let finite = ratio - 1.0 - ratio.ln() + other.shape * (self.scale / other.scale).ln();
        L::select(self.scale.lt(other.scale), L::splat(f32::INFINITY), finite)
    }

    /// Returns `ln(x/m)`, exact near `m`; 0 below `m`.
    #[inline]
    fn depth(self, x: L) -> L {
        ((x - self.scale) / self.scale).max(L::ZERO).min(L::splat(f32::MAX)).ln_1p()
    }
}

impl<L: Lane> Family for Pareto<L> {
    type Lane = L;
    type Gradient = [L; 2];
    const PARAMETERS: usize = 2;

    #[inline]
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        self.path(Uniform::sample(source))
    }
    /// Returns `ln α − ln m − (α + 1) ln(x/m)`.
    #[inline]
    fn log_prob(self, x: L) -> L {
        let inside = (self.shape / self.scale).ln() - (self.shape + 1.0) * self.depth(x);
        L::select(x.lt(self.scale), L::NEG_INFINITY, inside)
    }
    /// Returns `α/m` and `1/α − ln(x/m)`. The mean of `α/m` is not zero.
    #[inline]
    fn score(self, x: L) -> [L; 2] {
        [self.shape / self.scale, self.shape.recip() - self.depth(x)]
    }
    #[inline]
    fn sample_score<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let u = Uniform::sample(source);
        let depth = exponential::quantile(u) / self.shape;
        (self.quantile(u), [self.shape / self.scale, self.shape.recip() - depth])
    }
}

impl<L: Lane> InverseCdf for Pareto<L> {
    /// Returns `x = m e^{E/α}` with an exponential number `E`, and the derivatives `x/m` in `m` and `−x E/α²` in `α`.
    #[inline]
    fn path(self, u: Uniform<L>) -> (L, [L; 2]) {
        let e = exponential::quantile(u);
        let power = exp_of_quotient(e, self.shape);
        let x = (self.scale * power).max(self.scale);
        (x, [power, -(x * (e / self.shape) / self.shape)])
    }
    #[inline]
    fn cdf(self, x: L) -> L {
        one_minus_exp(self.depth(x) * self.shape)
    }
    /// Returns `−(α + 1)/x`.
    #[inline]
    fn derivative(self, x: L) -> L {
        -(self.shape + 1.0) / x
    }
    #[inline]
    fn implicit(self, x: L) -> [L; 2] {
        [x / self.scale, -(x * self.depth(x) / self.shape)]
    }
    /// Returns `ln(m/α) + 1 + 1/α`.
    #[inline]
    fn entropy(self) -> L {
        (self.scale / self.shape).ln() + self.shape.recip() + 1.0
    }
}

impl<L: Lane> Moments for Pareto<L> {
    /// Returns `α m/(α − 1)`; +∞ for `α ≤ 1`.
    #[inline]
    fn mean(self) -> L {
        let finite = self.shape * self.scale / (self.shape - 1.0);
        L::select(L::ONE.lt(self.shape), finite, L::splat(f32::INFINITY))
    }
    /// Returns `α m²/((α − 1)² (α − 2))`; +∞ for `α ≤ 2`.
    #[inline]
    fn variance(self) -> L {
        let ratio = self.scale / (self.shape - 1.0);
        let finite = self.shape * ratio * ratio / (self.shape - 2.0);
        L::select(L::splat(2.0).lt(self.shape), finite, L::splat(f32::INFINITY))
    }
}
