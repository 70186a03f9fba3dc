//! The Weibull distribution with scale `λ` and shape `k`, used for lifetimes. The number `−ln X` has a Gumbel
//! distribution with location `−ln λ` and scale `1/k`.
//!
//! Sources: W. Weibull, *A statistical distribution function of wide applicability*, Journal of Applied Mechanics 18,
//! 1951; divergence: C. Bauckhage, *Computing the Kullback–Leibler divergence between two Weibull distributions*, 2013.

use crate::{
    arithmetic::{
        gamma_function::{ln_gamma_bend, ln_gamma_ratio},
        lane::Lane,
        powers::{exp_minus_one, exp_of_product, exp_of_quotient, one_minus_exp},
    },
    check,
    distributions::{
        family::{Family, InverseCdf, Moments},
        gumbel::{self, EULER},
    },
    error::Error,
    noise::{exponential, source::Source, uniform::Uniform},
};

/// A Weibull distribution: `P(X > x) = e^{−(x/λ)^k}` for `x > 0`.
///
/// ```
/// use samplegrad_core::{family::{Family, InverseCdf, Moments}, weibull::Weibull};
///
/// let p = Weibull::new(2.0, 1.0)?;                     // exponential with mean 2
/// assert_eq!((p.log_prob(2.0), p.score(2.0)), (-core::f32::consts::LN_2 - 1.0, [0.0, 1.0]));
/// assert!((p.mean() - 2.0).abs() < 1e-6 && (p.variance() - 4.0).abs() < 1e-5);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Weibull<L: Lane = f32> {
    scale: L,
    shape: L,
}

impl<L: Lane> Weibull<L> {
    /// Creates a distribution from a scale between 1e−6 and 1e6 and a shape between ¼ and 100. With these limits,
    /// samples are normal floats.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a parameter outside its range.
    pub fn new(scale: L, shape: L) -> Result<Self, Error> {
        check::within("scale", scale, 1e-6, 1e6, "from 1e-6 to 1e6")?;
        check::within("shape", shape, 0.25, 100.0, "from 0.25 to 100")?;
        Ok(Self { scale, shape })
    }

    /// Returns the scale `λ`.
    #[inline]
    pub fn scale(self) -> L {
        self.scale
    }

    /// Returns the shape `k`.
    #[inline]
    pub fn shape(self) -> L {
        self.shape
    }

    /// Returns `KL(self ‖ other)`, the divergence of the Gumbel laws of `−ln X`; +∞ where it overflows.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        let shift = (other.scale / self.scale).ln() * other.shape;
        gumbel::divergence(shift, other.shape / self.shape)
    }

    /// Returns `ln(x/λ)` and `(x/λ)^k`.
    #[inline]
    fn hazard(self, x: L) -> (L, L) {
        let positive = x.max(L::splat(f32::MIN_POSITIVE));
        let l = (positive / self.scale).max(L::splat(f32::MIN_POSITIVE)).min(L::splat(f32::MAX)).ln();
        (l, exp_of_product(l, self.shape))
    }

    /// Returns the score at `ln(x/λ)` and `(x/λ)^k`.
    #[inline]
    fn score_at(self, (l, w): (L, L)) -> [L; 2] {
        let excess = w - 1.0;
        [self.shape / self.scale * excess, self.shape.recip() - excess * l]
    }
}

impl<L: Lane> Family for Weibull<L> {
    type Lane = L;
    type Gradient = [L; 2];
    const PARAMETERS: usize = 2;

    #[inline]
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        self.path(Uniform::sample(source))
    }
    /// Returns `ln k − ln λ + (k − 1) ln(x/λ) − (x/λ)^k`; at 0 the result is the limit, `+∞` for `k < 1` and `−∞` for
    /// `k > 1`.
    #[inline]
    fn log_prob(self, x: L) -> L {
        let (l, w) = self.hazard(x);
        let constant = (self.shape / self.scale).ln();
        let inside = constant + (self.shape - 1.0) * l - w;
        let above = L::select(L::ONE.lt(self.shape), L::NEG_INFINITY, constant);
        let at_zero = L::select(self.shape.lt(L::ONE), L::splat(f32::INFINITY), above);
        L::select(L::ZERO.lt(x), inside, L::select(x.equals(L::ZERO), at_zero, L::NEG_INFINITY))
    }
    /// Returns `(k/λ) (w − 1)` and `1/k − (w − 1) ln(x/λ)` with `w = (x/λ)^k`.
    #[inline]
    fn score(self, x: L) -> [L; 2] {
        self.score_at(self.hazard(x))
    }
    #[inline]
    fn sample_score<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let w = exponential::quantile(Uniform::sample(source));
        let l = w.ln();
        let x = (self.scale * exp_of_quotient(l, self.shape)).max(L::splat(f32::MIN_POSITIVE));
        (x, self.score_at((l / self.shape, w)))
    }
}

impl<L: Lane> InverseCdf for Weibull<L> {
    /// Returns `x = λ E^{1/k}` with an exponential number `E`, and the derivatives `x/λ` in `λ` and `−x ln E/k²` in
    /// `k`.
    #[inline]
    fn path(self, u: Uniform<L>) -> (L, [L; 2]) {
        let l = exponential::quantile(u).ln();
        let power = exp_of_quotient(l, self.shape);
        let x = (self.scale * power).max(L::splat(f32::MIN_POSITIVE));
        (x, [power, -(x * (l / self.shape) / self.shape)])
    }
    #[inline]
    fn cdf(self, x: L) -> L {
        L::select(L::ZERO.lt(x), one_minus_exp(self.hazard(x).1), L::ZERO)
    }
    /// Returns `(k − 1 − k (x/λ)^k)/x`.
    #[inline]
    fn derivative(self, x: L) -> L {
        let (_, w) = self.hazard(x);
        (self.shape - 1.0 - self.shape * w) / x
    }
    #[inline]
    fn implicit(self, x: L) -> [L; 2] {
        let (l, _) = self.hazard(x);
        [x / self.scale, -(x * l / self.shape)]
    }
    /// Returns `γ (1 − 1/k) + ln(λ/k) + 1`.
    #[inline]
    fn entropy(self) -> L {
        (-self.shape.recip() + 1.0) * EULER + (self.scale / self.shape).ln() + 1.0
    }
}

impl<L: Lane> Moments for Weibull<L> {
    /// Returns `λ Γ(1 + 1/k)`.
    #[inline]
    fn mean(self) -> L {
        self.scale * ln_gamma_ratio(L::ONE, self.shape.recip()).exp()
    }
    /// Returns `λ² (Γ(1 + 2/k) − Γ(1 + 1/k)²)`, without cancellation.
    #[inline]
    fn variance(self) -> L {
        let mean = self.mean();
        mean * mean * exp_minus_one(ln_gamma_bend(L::ONE, self.shape.recip()))
    }
}
