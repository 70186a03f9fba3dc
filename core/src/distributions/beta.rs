//! The beta distribution: `x = g_a/(g_a + g_b)` with two gamma numbers, which are reparameterized implicitly.
//!
//! Source: M. Figurnov, S. Mohamed and A. Mnih, *Implicit reparameterization gradients*, NeurIPS 2018.

use crate::{
    arithmetic::{
        elementary::{sigmoid, softplus},
        lane::{Lane, Mask},
    },
    distributions::{
        dirichlet::{self, score},
        family::Family,
        standard_gamma::{Point, StandardGamma},
    },
    error::Error,
    noise::source::Source,
};

/// A beta distribution with shapes `a` and `b`, mean `a/(a + b)`.
///
/// Samples lie between the smallest normal float and `1 − 2^−24`; numbers nearer to an end are replaced by these
/// bounds. [`Beta::sample_logit`] returns the logit of a sample to full precision. [`Beta::log_prob_at_logit`] and
/// [`Beta::score_at_logit`] take this logit, and estimators compute the score from it.
///
/// # Example
/// ```
/// use samplegrad_core::{Beta, stream};
///
/// let p = Beta::new(2.0, 1.0)?;
/// assert!((p.log_prob(0.5)).abs() < 1e-6);             // density 2 x
/// let (x, [by_a, by_b]) = p.sample(&mut stream::xorshift(2026, 0));
/// assert!(0.0 < x && x < 1.0 && by_a > 0.0 && by_b < 0.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Beta<L: Lane = f32> {
    shapes: [StandardGamma<L>; 2],
    total: StandardGamma<L>,
}

impl<L: Lane> Beta<L> {
    /// Creates a distribution from two shapes between 1e-3 and 1e6.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a shape outside its range.
    pub fn new(a: L, b: L) -> Result<Self, Error> {
        let shapes = [StandardGamma::new(a)?, StandardGamma::new(b)?];
        Ok(Self { shapes, total: StandardGamma::trusted(a + b) })
    }

    /// Creates a distribution from two shapes in their range.
    #[inline]
    pub(crate) fn trusted([a, b]: [L; 2]) -> Self {
        Self { shapes: [StandardGamma::trusted(a), StandardGamma::trusted(b)], total: StandardGamma::trusted(a + b) }
    }

    /// Returns the shapes `a` and `b`.
    #[inline]
    pub fn shapes(self) -> [L; 2] {
        self.shapes.map(StandardGamma::shape)
    }

    /// Draws `x` and its derivatives in `a` and `b` from two words of the source. The first word is for `a`.
    #[inline]
    pub fn sample<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let [a, b] = self.shapes;
        let first = a.sample(source);
        self.at([first, b.sample(source)])
    }

    /// Returns `x` and its derivatives `± x (1 − x) d ln g/dα` for two gamma numbers with the shapes `a` and `b`.
    #[inline]
    pub fn at(self, points: [Point<L>; 2]) -> (L, [L; 2]) {
        let logit = self.logit_at(points);
        let [first, other] = points;
        let x = sigmoid(logit);
        let slope = x * sigmoid(-logit);
        (inside(x), [slope * first.ln_derivative(), -(slope * other.ln_derivative())])
    }

    /// Returns the logit `ln(g_a/g_b)` of `x` for two gamma numbers with the shapes `a` and `b`.
    #[inline]
    pub fn logit_at(self, [first, other]: [Point<L>; 2]) -> L {
        let [a, b] = self.shapes();
        (first.log_ratio() - other.log_ratio()) + (a / b).ln()
    }

    /// Draws the logit of `x` and its derivatives in `a` and in `b`. Takes the same words of the source as
    /// [`Beta::sample`].
    ///
    /// ```
    /// use samplegrad_core::{Beta, stream};
    ///
    /// let p = Beta::new(2.0, 0.05)?;                       // 46 % of its numbers are above 1 − 2^−24
    /// let (logit, [by_a, by_b]) = p.sample_logit(&mut stream::xorshift(2026, 0));
    /// assert!(logit.is_finite() && by_a > 0.0 && by_b < 0.0);
    /// assert!(p.log_prob_at_logit(logit).is_finite() && p.score_at_logit(logit)[1].is_finite());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    #[inline]
    pub fn sample_logit<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let [a, b] = self.shapes;
        let first = a.sample(source);
        let other = b.sample(source);
        (self.logit_at([first, other]), [first.ln_derivative(), -other.ln_derivative()])
    }

    /// Returns `ln p(x)`; −∞ outside the unit interval. At 0 and 1 the result is the limit: `+∞` for a shape below 1,
    /// finite for a shape of 1, `−∞` for a shape above 1.
    #[inline]
    pub fn log_prob(self, x: L) -> L {
        let outside = x.lt(L::ZERO).or(L::ONE.lt(x));
        let x = L::select(outside, L::splat(0.5), x);
        L::select(outside, L::NEG_INFINITY, dirichlet::log_prob(&self.shapes, self.total, &[x.ln(), (-x).ln_1p()]))
    }

    /// Returns `ln p(x)` at the logit `ln x − ln(1 − x)`. `p` is the density of `x`, not of the logit.
    #[inline]
    pub fn log_prob_at_logit(self, logit: L) -> L {
        dirichlet::log_prob(&self.shapes, self.total, &[-softplus(-logit), -softplus(logit)])
    }

    /// Returns the score for `0 < x < 1`: the derivative `ln x − ψ(a) + ψ(a + b)` of `ln p(x)` in `a`, and its
    /// derivative `ln(1 − x) − ψ(b) + ψ(a + b)` in `b`.
    #[inline]
    pub fn score(self, x: L) -> [L; 2] {
        let [a, b] = self.shapes();
        [score(a, b, x.ln()), score(b, a, (-x).ln_1p())]
    }

    /// Returns the score at the logit of `x`.
    #[inline]
    pub fn score_at_logit(self, logit: L) -> [L; 2] {
        let [a, b] = self.shapes();
        [score(a, b, -softplus(-logit)), score(b, a, -softplus(logit))]
    }

    /// Returns the mean `E[X] = a/(a + b)`.
    #[inline]
    pub fn mean(self) -> L {
        let [a, _] = self.shapes();
        a / self.total.shape()
    }

    /// Returns the variance `Var[X] = a b/((a + b)² (a + b + 1))`.
    #[inline]
    pub fn variance(self) -> L {
        let [_, b] = self.shapes();
        self.mean() * (b / self.total.shape()) / (self.total.shape() + 1.0)
    }

    /// Returns the entropy in nats: `ln B(a, b) − (a − 1) ψ(a) − (b − 1) ψ(b) + (a + b − 2) ψ(a + b)`.
    #[inline]
    pub fn entropy(self) -> L {
        dirichlet::entropy(&self.shapes, self.total)
    }

    /// Returns `KL(self ‖ other)` in nats.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        dirichlet::kl((&self.shapes, self.total), (&other.shapes, other.total))
    }
}

/// Returns the nearest float inside the unit interval.
#[inline]
pub(crate) fn inside<L: Lane>(x: L) -> L {
    x.max(L::splat(f32::MIN_POSITIVE)).min(L::splat(1.0 - f32::EPSILON / 2.0))
}

impl<L: Lane> Family for Beta<L> {
    type Lane = L;
    type Gradient = [L; 2];
    const PARAMETERS: usize = 2;

    #[inline]
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        self.sample(source)
    }
    #[inline]
    fn log_prob(self, x: L) -> L {
        self.log_prob(x)
    }
    #[inline]
    fn score(self, x: L) -> [L; 2] {
        self.score(x)
    }
    #[inline]
    fn sample_score<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let (logit, _) = self.sample_logit(source);
        (inside(sigmoid(logit)), self.score_at_logit(logit))
    }
}
