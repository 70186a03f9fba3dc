//! The beta distribution, from two gamma numbers, each reparameterized implicitly: `x = g_a/(g_a + g_b)`.
//!
//! Source: M. Figurnov, S. Mohamed and A. Mnih, *Implicit reparameterization gradients*, NeurIPS 2018.

use crate::{
    Error, Source,
    dirichlet::{self, score},
    elementary::sigmoid,
    family::Family,
    lane::Lane,
    standard_gamma::{Point, StandardGamma},
};

/// A beta distribution with shapes `a` and `b`, mean `a/(a + b)`.
///
/// Samples lie between the smallest normal float and `1 − 2^−24`.
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
    /// From shapes from 1e-3 to 1e6.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] otherwise.
    pub fn new(a: L, b: L) -> Result<Self, Error> {
        let shapes = [StandardGamma::new(a)?, StandardGamma::new(b)?];
        Ok(Self { shapes, total: StandardGamma::trusted(a + b) })
    }

    /// The shapes `a` and `b`.
    #[inline]
    pub fn shapes(self) -> [L; 2] {
        self.shapes.map(StandardGamma::shape)
    }

    /// Draws `x` and its derivatives in `a` and `b`: two words of the source, the first for `a`.
    #[inline]
    pub fn sample<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let [a, b] = self.shapes;
        let first = a.sample(source);
        self.at([first, b.sample(source)])
    }

    /// `x` and its derivatives, `± x (1 − x) d ln g/dα`, that gamma numbers of these shapes make.
    #[inline]
    pub fn at(self, [first, other]: [Point<L>; 2]) -> (L, [L; 2]) {
        let [a, b] = self.shapes();
        let logit = (first.log_ratio() - other.log_ratio()) + (a / b).ln();
        let x = sigmoid(logit);
        let slope = x * sigmoid(-logit);
        let inside = x.max(L::splat(f32::MIN_POSITIVE)).min(L::splat(1.0 - f32::EPSILON / 2.0));
        (inside, [slope * first.ln_derivative(), -(slope * other.ln_derivative())])
    }

    /// `ln p(x)` for `0 < x < 1`.
    #[inline]
    pub fn log_prob(self, x: L) -> L {
        dirichlet::log_prob(&self.shapes, self.total, &[x.ln(), (-x).ln_1p()])
    }

    /// The score for `0 < x < 1`: derivatives of `ln p(x)` in `a`, `ln x − ψ(a) + ψ(a + b)`, and in `b`, `ln(1 − x) − ψ(b) +
    /// ψ(a + b)`.
    #[inline]
    pub fn score(self, x: L) -> [L; 2] {
        let [a, b] = self.shapes;
        [score(a, self.total, x.ln()), score(b, self.total, (-x).ln_1p())]
    }

    /// `E[X] = a/(a + b)`.
    #[inline]
    pub fn mean(self) -> L {
        let [a, _] = self.shapes();
        a / self.total.shape()
    }

    /// `Var[X] = a b/((a + b)² (a + b + 1))`.
    #[inline]
    pub fn variance(self) -> L {
        let [_, b] = self.shapes();
        self.mean() * (b / self.total.shape()) / (self.total.shape() + 1.0)
    }

    /// Entropy in nats: `ln B(a, b) − (a − 1) ψ(a) − (b − 1) ψ(b) + (a + b − 2) ψ(a + b)`.
    #[inline]
    pub fn entropy(self) -> L {
        dirichlet::entropy(&self.shapes, self.total)
    }

    /// `KL(self ‖ other)` in nats.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        dirichlet::kl((&self.shapes, self.total), (&other.shapes, other.total))
    }
}

impl<L: Lane> Family<L> for Beta<L> {
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
}
