//! The gamma distribution, by implicit reparameterization: `x = F^{−1}(u; α)/β` and `dx/dα = −(∂F/∂α)/p`.
//!
//! With `v = ln(β x/α)` and `ψ₂(v) = e^v − 1 − v`, `ln p(x) = −α ψ₂(v) + (α ln α − α − ln Γ(α)) − ln x`: no large terms
//! cancel at a large shape.
//!
//! Source: M. Figurnov, S. Mohamed and A. Mnih, *Implicit reparameterization gradients*, NeurIPS 2018.

use crate::{
    Error, Source, check,
    family::Family,
    lane::Lane,
    special::{exp_less_line, trigamma},
    standard_gamma::{Point, StandardGamma},
};

/// A gamma distribution with shape `α` and rate `β`, mean `α/β`.
///
/// A sample below the smallest normal float is given as that float, which is common for `α` below 0.1:
/// [`Gamma::sample_ln`] has its logarithm to full precision.
///
/// # Example
/// ```
/// use samplegrad_core::{Gamma, stream};
///
/// let p = Gamma::new(2.0, 0.5)?;
/// assert_eq!(p.mean(), 4.0);
/// let (x, [by_shape, by_rate]) = p.sample(&mut stream::xorshift(2026, 0));
/// assert!(by_shape > 0.0 && by_rate == -x / 0.5);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Gamma<L: Lane = f32> {
    standard: StandardGamma<L>,
    rate: L,
    ln_rate: L,
}

impl<L: Lane> Gamma<L> {
    /// From a shape from 1e-3 to 1e6 and a rate from 1e-6 to 1e6.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] otherwise.
    pub fn new(shape: L, rate: L) -> Result<Self, Error> {
        let standard = StandardGamma::new(shape)?;
        check::within("rate", rate, 1e-6, 1e6, "from 1e-6 to 1e6")?;
        Ok(Self { standard, rate, ln_rate: rate.ln() })
    }

    /// The shape `α`.
    #[inline]
    pub fn shape(self) -> L {
        self.standard.shape()
    }

    /// The rate `β`.
    #[inline]
    pub fn rate(self) -> L {
        self.rate
    }

    /// Draws `x` and its derivatives in `α` and in `β`, `−x/β`: one word of the source.
    #[inline]
    pub fn sample<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        self.at(self.standard.sample(source))
    }

    /// `x` and its derivatives that a standard gamma number of this shape makes.
    #[inline]
    pub fn at(self, point: Point<L>) -> (L, [L; 2]) {
        let x = (point.value() / self.rate).max(L::splat(f32::MIN_POSITIVE));
        (x, [x * point.ln_derivative(), -(x / self.rate)])
    }

    /// Draws `ln x` and its derivatives in `α` and in `β`, `−1/β`, from the word that [`Gamma::sample`] takes.
    #[inline]
    pub fn sample_ln<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let point = self.standard.sample(source);
        (point.ln() - self.ln_rate, [point.ln_derivative(), -self.rate.recip()])
    }

    /// `v = ln(β x/α)`.
    fn log_ratio(self, x: L) -> L {
        (x * self.rate / self.shape()).ln()
    }

    /// `ln p(x)`; −∞ where `x ≤ 0`.
    #[inline]
    pub fn log_prob(self, x: L) -> L {
        let positive = L::ZERO.lt(x);
        let x = L::select(positive, x, L::ONE);
        let v = self.log_ratio(x.max(L::splat(f32::MIN_POSITIVE)));
        let inside = self.standard.peak() - self.shape() * exp_less_line(v) - x.ln();
        L::select(positive, inside, L::NEG_INFINITY)
    }

    /// The score at `x > 0`: derivatives of `ln p(x)` in `α`, `ln(β x) − ψ(α)`, and in `β`, `α/β − x`.
    #[inline]
    pub fn score(self, x: L) -> [L; 2] {
        [self.log_ratio(x) + self.standard.gap(), self.shape() / self.rate - x]
    }

    /// `E[X] = α/β`.
    #[inline]
    pub fn mean(self) -> L {
        self.shape() / self.rate
    }

    /// `Var[X] = α/β²`.
    #[inline]
    pub fn variance(self) -> L {
        self.mean() / self.rate
    }

    /// Entropy in nats: `α − ln β + ln Γ(α) + (1 − α) ψ(α)`.
    #[inline]
    pub fn entropy(self) -> L {
        let standard = self.standard;
        (standard.ln_shape() - self.ln_rate) - standard.peak() + (self.shape() - 1.0) * standard.gap()
    }

    /// Derivatives of the entropy in `α`, `1 + (1 − α) ψ'(α)`, and in `β`, `−1/β`.
    #[inline]
    pub fn entropy_derivatives(self) -> [L; 2] {
        [(-self.shape() + 1.0) * trigamma(self.shape()) + 1.0, -self.rate.recip()]
    }

    /// `KL(self ‖ other)` in nats: `(α − α₂) ψ(α) − ln Γ(α) + ln Γ(α₂) + α₂ ln(β/β₂) + α (β₂/β − 1)`.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        let (p, q) = (self.standard, other.standard);
        let shift = self.shift(other);
        (p.peak() - q.peak()) + (q.shape() - p.shape()) * p.gap() + q.shape() * exp_less_line(shift)
    }

    /// Derivatives of `KL(self ‖ other)`: in `α` and `β` of `self`, then in `α₂` and `β₂` of `other`.
    #[inline]
    pub fn kl_derivatives(self, other: Self) -> [L; 4] {
        let (p, q) = (self.standard, other.standard);
        let ratio = other.rate / self.rate;
        [
            (p.shape() - q.shape()) * trigamma(p.shape()) + (ratio - 1.0),
            (q.shape() - p.shape() * ratio) / self.rate,
            (p.gap() - q.gap()) - self.shift(other),
            self.mean() - other.mean(),
        ]
    }

    /// `ln(α β₂/(α₂ β))`, the difference of the two `v`.
    fn shift(self, other: Self) -> L {
        ((self.shape() / other.shape()) * (other.rate / self.rate)).ln()
    }
}

impl<L: Lane> Family<L> for Gamma<L> {
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
