//! The gamma distribution, by implicit reparameterization: `x = F^{−1}(u; α)/β` and `dx/dα = −(∂F/∂α)/p`.
//!
//! Let `v = ln(β x/α)` and `ψ₂(v) = e^v − 1 − v`. Then `ln p(x) = −α ψ₂(v) + (α ln α − α − ln Γ(α)) − ln x`. In this
//! form no large terms cancel at a large shape.
//!
//! Source: M. Figurnov, S. Mohamed and A. Mnih, *Implicit reparameterization gradients*, NeurIPS 2018.

use crate::{
    arithmetic::{
        lane::{Lane, Mask},
        special::{exp_1m, exp_less_line, trigamma},
    },
    check,
    distributions::{
        family::Family,
        standard_gamma::{Point, StandardGamma},
    },
    error::Error,
    noise::source::Source,
};

/// A gamma distribution with shape `α` and rate `β`, mean `α/β`.
///
/// A sample below the smallest normal float is replaced by the smallest normal float. This is common for `α` below
/// 0.05. [`Gamma::sample_ln`] returns the logarithm of a sample to full precision. [`Gamma::log_prob_at_ln`] and
/// [`Gamma::score_at_ln`] take this logarithm. Estimators compute the score from the unrounded number
/// ([`Gamma::score_of`]).
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
    /// Creates a distribution from a shape between 1e-3 and 1e6 and a rate between 1e-6 and 1e6.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a parameter outside its range.
    pub fn new(shape: L, rate: L) -> Result<Self, Error> {
        let standard = StandardGamma::new(shape)?;
        check::within("rate", rate, 1e-6, 1e6, "from 1e-6 to 1e6")?;
        Ok(Self { standard, rate, ln_rate: rate.ln() })
    }

    /// Returns the shape `α`.
    #[inline]
    pub fn shape(self) -> L {
        self.standard.shape()
    }

    /// Returns the rate `β`.
    #[inline]
    pub fn rate(self) -> L {
        self.rate
    }

    /// Draws `x` from one word of the source. Returns `x`, its derivative in `α`, and its derivative `−x/β` in `β`.
    #[inline]
    pub fn sample<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        self.at(self.standard.sample(source))
    }

    /// Returns `x` and its derivatives for a standard gamma number with the shape `α`.
    #[inline]
    pub fn at(self, point: Point<L>) -> (L, [L; 2]) {
        let x = point.over(self.rate);
        (x, [x * point.ln_derivative(), -(x / self.rate)])
    }

    /// Draws `ln x`. Takes the same word of the source as [`Gamma::sample`]. Returns `ln x`, its derivative in `α`, and
    /// its derivative `−1/β` in `β`.
    #[inline]
    pub fn sample_ln<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let point = self.standard.sample(source);
        (point.ln() - self.ln_rate, [point.ln_derivative(), -self.rate.recip()])
    }

    /// Returns `v = ln(β x/α)`, finite for `x > 0`.
    fn log_ratio(self, x: L) -> L {
        let ratio = (x * self.rate / self.shape()).min(L::splat(f32::MAX));
        let lost = ratio.lt(L::splat(f32::MIN_POSITIVE));
        let near = L::select(lost, L::ONE, ratio).ln();
        if lost.any() { L::select(lost, self.log_ratio_at_ln(x.ln()), near) } else { near }
    }

    /// Returns `v` at `ln x`.
    fn log_ratio_at_ln(self, ln_x: L) -> L {
        ln_x + (self.ln_rate - self.standard.ln_shape())
    }

    /// Returns `ln p(x)` at `v` and a finite `ln x`.
    fn log_prob_at(self, v: L, ln_x: L) -> L {
        self.standard.peak() - self.shape() * exp_less_line(v) - ln_x
    }

    /// Returns `ln p(0)`: `+∞` for a shape below 1, `ln β` for a shape of 1, `−∞` for a shape above 1.
    fn log_prob_at_zero(self) -> L {
        let above = L::select(L::ONE.lt(self.shape()), L::NEG_INFINITY, self.ln_rate);
        L::select(self.shape().lt(L::ONE), L::splat(f32::INFINITY), above)
    }

    /// Returns `ln p(x)`; −∞ outside the support. At 0 the result is the limit: `+∞` for `α < 1`, `ln β` for `α = 1`,
    /// −∞ for `α > 1`.
    #[inline]
    pub fn log_prob(self, x: L) -> L {
        let positive = L::ZERO.lt(x);
        let x_inside = L::select(positive, x, L::ONE);
        let v = self.log_ratio(x_inside.max(L::splat(f32::MIN_POSITIVE)));
        let inside = self.log_prob_at(v, x_inside.ln());
        L::select(positive, inside, L::select(x.equals(L::ZERO), self.log_prob_at_zero(), L::NEG_INFINITY))
    }

    /// Returns `ln p(x)` at `ln x`. `p` is the density of `x`, not of `ln x`.
    ///
    /// ```
    /// use samplegrad_core::{Gamma, stream};
    ///
    /// let p = Gamma::new(0.01, 1.0)?;
    /// let (ln_x, _) = p.sample_ln(&mut stream::xorshift(2026, 0));
    /// assert!(p.log_prob_at_ln(ln_x).is_finite() && p.score_at_ln(ln_x)[0].is_finite());
    /// assert!((p.log_prob_at_ln(-1000.0) - (0.99 * 1000.0 - 4.59948)).abs() < 1e-3);     // (α − 1) ln x − ln Γ(α)
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    #[inline]
    pub fn log_prob_at_ln(self, ln_x: L) -> L {
        let zero = ln_x.equals(L::NEG_INFINITY);
        let ln_x = L::select(zero, L::ZERO, ln_x);
        L::select(zero, self.log_prob_at_zero(), self.log_prob_at(self.log_ratio_at_ln(ln_x), ln_x))
    }

    /// Returns `ln p(x)` at a standard gamma number with the shape `α`, without rounding `x`.
    #[inline]
    pub fn log_prob_of(self, point: Point<L>) -> L {
        self.log_prob_at(point.log_ratio(), point.ln() - self.ln_rate)
    }

    /// Returns the score at `x > 0`: the derivative `ln(β x) − ψ(α)` of `ln p(x)` in `α`, and its derivative `α/β − x`
    /// in `β`.
    #[inline]
    pub fn score(self, x: L) -> [L; 2] {
        [self.log_ratio(x) + self.standard.gap(), self.shape() / self.rate - x]
    }

    /// Returns the score at `ln x`.
    #[inline]
    pub fn score_at_ln(self, ln_x: L) -> [L; 2] {
        self.score_at(self.log_ratio_at_ln(ln_x))
    }

    /// Returns the score at a standard gamma number with the shape `α`, without rounding `x`.
    #[inline]
    pub fn score_of(self, point: Point<L>) -> [L; 2] {
        self.score_at(point.log_ratio())
    }

    /// Returns the score at `v`: `v + ln α − ψ(α)` and `−(α/β) (e^v − 1)`.
    fn score_at(self, v: L) -> [L; 2] {
        [v + self.standard.gap(), -(self.mean() * exp_1m(v))]
    }

    /// Returns the mean `E[X] = α/β`.
    #[inline]
    pub fn mean(self) -> L {
        self.shape() / self.rate
    }

    /// Returns the variance `Var[X] = α/β²`.
    #[inline]
    pub fn variance(self) -> L {
        self.mean() / self.rate
    }

    /// Returns the entropy in nats: `α − ln β + ln Γ(α) + (1 − α) ψ(α)`.
    #[inline]
    pub fn entropy(self) -> L {
        let standard = self.standard;
        (standard.ln_shape() - self.ln_rate) - standard.peak() + (self.shape() - 1.0) * standard.gap()
    }

    /// Returns the derivatives of the entropy: `1 + (1 − α) ψ'(α)` in `α`, and `−1/β` in `β`.
    #[inline]
    pub fn entropy_derivatives(self) -> [L; 2] {
        [(-self.shape() + 1.0) * trigamma(self.shape()) + 1.0, -self.rate.recip()]
    }

    /// Returns `KL(self ‖ other)` in nats: `(α − α₂) ψ(α) − ln Γ(α) + ln Γ(α₂) + α₂ ln(β/β₂) + α (β₂/β − 1)`.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        let (p, q) = (self.standard, other.standard);
        let shift = self.shift(other);
        (p.peak() - q.peak()) + (q.shape() - p.shape()) * p.gap() + q.shape() * exp_less_line(shift)
    }

    /// Returns the derivatives of `KL(self ‖ other)` in `α` and `β` of `self`, then in `α₂` and `β₂` of `other`.
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

    /// Returns `ln(α β₂/(α₂ β))`, the difference of the two `v`.
    fn shift(self, other: Self) -> L {
        ((self.shape() / other.shape()) * (other.rate / self.rate)).ln()
    }
}

impl<L: Lane> Family for Gamma<L> {
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
        let point = self.standard.sample(source);
        (point.over(self.rate), self.score_of(point))
    }
}
