//! The gamma distribution with rate 1. Samples are drawn by inversion. The derivatives of the quantiles in the shape
//! are computed too. The gamma, beta, Dirichlet and Student's t distributions use this module.
//!
//! Each number is computed from one word, without rejection. A lane therefore takes as many words as a device. A number
//! `x` is stored as `v = ln(x/α)`. `v` does not underflow at a small shape `α`, and loses no precision at a large
//! shape.
//!
//! # Tails
//! Let `ψ₂(r) = e^r − 1 − r` and `a = e^v − 1`. The Mills ratio `M` of a tail is the probability of the tail divided by
//! `x p(x)`. Then:
//!
//! ```text
//! ln(x p(x)) = −α ψ₂(v) + α ln α − α − ln Γ(α)
//! w(r) = exp(−α (a r + (1 + a) ψ₂(r)))
//! M = ∫₀^∞ w(∓s) ds                                (− for the lower tail, + for the upper)
//! dv/dα = ±∫₀^∞ (ψ₂(v ∓ s) − (ln α − ψ(α))) w(∓s) ds
//! ```
//!
//! The formulas for `w` and `M` follow from the substitution `t = x e^{∓s}` in `∫ t^{α−1} e^{−t} dt`. The last line
//! follows from the implicit derivative `dx/dα = −(∂F/∂α)/p`. The integral `∂F/∂α` contains the factor
//! `∂ ln p(t)/∂α = ln t − ψ(α)`. Division by `x` gives `d ln x/dα`, and subtraction of `1/α` gives `dv/dα`. The term
//! `1/α` becomes part of the integral by `∫ w' ds = −1`.
//!
//! The integrand is computed with `ψ₂(v + r) = ψ₂(v) + ψ₂(r) + a (e^r − 1)`. No terms of this sum cancel, because `v`
//! and `r` have the same sign. Each integral is a Gauss–Legendre sum of [`NODES`] terms, which are added from first to
//! last. The upper limit of the integral is the `s` at which `w` is 6e-8. For `α < 2` and `x ≤ 1.5`, the power series
//! in `x` replaces the integrals:
//!
//! ```text
//! P(X ≤ x) = x^α/Γ(1 + α) · (1 + α Σ_{n≥1} (−x)^n/(n! (α + n)))
//! ```
//!
//! # Quantiles
//! The equation `ln P = ln tail(u)` is solved for `v` in the nearer tail by [`STEPS`] steps of Halley's method. The
//! start is the cubic approximation of E. B. Wilson and M. M. Hilferty. If the first term of the power series gives a
//! larger start, that start is used instead.
//!
//! Each step computes `dv/dα` at the point before the step. It then extrapolates this value linearly to the point after
//! the step. The slope follows from the continuity equation for the density of `v`, in which `dv/dα` is the velocity:
//! `d(dv/dα)/dv = ψ₂(v) − (ln α − ψ(α)) + α a dv/dα`.
//!
//! # Accuracy
//! The largest errors over shapes from 1e-3 to 1e6 and both tails down to 1e-10 (`tests/tests/implicit_families.rs`)
//! are:
//! - tail probability: 1e-5, relative;
//! - `ln x`: 2e-6 times `max(1, |ln x|)` (the absolute error of `ln x` is the relative error of `x`);
//! - `d ln x/dα`: 6e-6, relative;
//! - `dv/dα`: 5e-6 for shapes up to 1e5 and 2e-5 for larger shapes, each times the larger of `|dv/dα|` and `α^−3/2`.
//!
//! Sources: M. Figurnov, S. Mohamed and A. Mnih, *Implicit reparameterization gradients*, NeurIPS 2018; E. B. Wilson
//! and M. M. Hilferty, *The distribution of chi-square*, PNAS 17, 1931; W. H. Press et al., *Numerical recipes*, 3rd
//! edition 2007, §6.2.1 (start for `α < 1`).

use crate::{
    arithmetic::{
        lane::{Lane, Mask},
        special::{self, digamma, exp_1m, exp_less_line, ln_gamma, ln_gamma_1p, ln_less_digamma},
    },
    check,
    error::Error,
    noise::{normal, source::Source, uniform::Uniform},
};

/// Number of terms of the sum that approximates an integral.
pub const NODES: usize = 12;
/// Number of steps from the start to a quantile. A third step would change a result only by rounding errors.
pub const STEPS: usize = 2;

/// Nodes and weights of the Gauss–Legendre rule on the unit interval.
const RULE: [(f32, f32); NODES] = [
    (0.009_219_683, 0.023_587_668),
    (0.047_941_37, 0.053_469_663),
    (0.115_048_66, 0.080_039_164),
    (0.206_341_02, 0.101_583_71),
    (0.316_084_25, 0.116_746_27),
    (0.437_383_3, 0.124_573_52),
    (0.562_616_7, 0.124_573_52),
    (0.683_915_75, 0.116_746_27),
    (0.793_658_98, 0.101_583_71),
    (0.884_951_3, 0.080_039_164),
    (0.952_058_63, 0.053_469_663),
    (0.990_780_32, 0.023_587_668),
];

/// The value of `−ln w` at which integrals end.
const END: f32 = 16.6;

/// Bounds of the power series. It is used for shapes below `SMALL` and for `ln x` below `LN_SERIES`.
const SMALL: f32 = 2.0;
const LN_SERIES: f32 = 0.405_465_1;

/// A gamma variable with rate 1.
///
/// # Example
/// ```
/// use samplegrad_core::{noise::Uniform, standard_gamma::StandardGamma};
///
/// let exponential = StandardGamma::new(1.0_f32)?;
/// let point = exponential.quantile(Uniform::new(0.5)?);
/// assert!((point.value() - core::f32::consts::LN_2).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StandardGamma<L: Lane = f32> {
    shape: L,
    ln_shape: L,
    /// The difference `ln α − ψ(α)`.
    gap: L,
    /// The peak `α ln α − α − ln Γ(α)`.
    peak: L,
    ln_gamma_1p: L,
    digamma_1p: L,
    largest: L,
}

/// A gamma number and its derivative in the shape.
///
/// ```
/// use samplegrad_core::{standard_gamma::StandardGamma, stream};
///
/// let point = StandardGamma::new(0.01_f32)?.sample(&mut stream::xorshift(2026, 0));
/// assert!(point.ln().is_finite() && point.ln_derivative() > 0.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Point<L: Lane = f32> {
    shape: L,
    ln_shape: L,
    log_ratio: L,
    derivative: L,
}

impl<L: Lane> Point<L> {
    /// Returns `v = ln(x/α)`.
    #[inline]
    pub fn log_ratio(self) -> L {
        self.log_ratio
    }

    /// Returns `dv/dα` at fixed tail probability.
    #[inline]
    pub fn log_ratio_derivative(self) -> L {
        self.derivative
    }

    /// Returns `ln x`.
    #[inline]
    pub fn ln(self) -> L {
        self.log_ratio + self.ln_shape
    }

    /// Returns `d ln x/dα`, which is positive.
    #[inline]
    pub fn ln_derivative(self) -> L {
        self.derivative + self.shape.recip()
    }

    /// Returns `x`, clamped to at least the smallest normal float. Below `α/e`, `x` is computed as the exponential of
    /// `ln x`. The relative error of `x` is then the absolute error of `ln x`.
    #[inline]
    pub fn value(self) -> L {
        self.over(L::ONE)
    }

    /// Returns `x/β`, clamped to at least the smallest normal float.
    #[inline]
    pub(crate) fn over(self, rate: L) -> L {
        let small = self.log_ratio.lt(-L::ONE);
        let floor = L::splat(f32::MIN_POSITIVE);
        let near = (self.shape + self.shape * exp_1m(self.log_ratio)) / rate;
        // If no lane needs a branch, the branch is skipped. This does not change the result.
        if !small.any() {
            return near.max(floor);
        }
        // The factor e^v could underflow even if the product does not. Multiplying twice by e^{v/2} avoids this
        // underflow.
        let half = (self.log_ratio * 0.5).exp();
        L::select(small, self.shape / rate * half * half, near).max(floor)
    }
}

/// The probability of a tail and related values, at a given `v`.
struct Tail<L> {
    ln_probability: L,
    mills: L,
    derivative: L,
}

impl<L: Lane> Tail<L> {
    fn select(mask: L::Mask, yes: Self, no: Self) -> Self {
        Self {
            ln_probability: L::select(mask, yes.ln_probability, no.ln_probability),
            mills: L::select(mask, yes.mills, no.mills),
            derivative: L::select(mask, yes.derivative, no.derivative),
        }
    }
}

impl<L: Lane> StandardGamma<L> {
    /// Creates a distribution from a shape `α` between 1e-3 and 1e6.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a shape outside this range.
    pub fn new(shape: L) -> Result<Self, Error> {
        check::within("shape", shape, 1e-3, 1e6, "from 1e-3 to 1e6")?;
        Ok(Self::trusted(shape))
    }

    /// Creates a distribution from a shape that has been checked, or from a sum of checked shapes.
    pub(crate) fn trusted(shape: L) -> Self {
        let ln_shape = shape.ln();
        Self {
            shape,
            ln_shape,
            gap: ln_less_digamma(shape),
            peak: stirling_peak(shape, ln_shape),
            ln_gamma_1p: L::select(shape.lt(L::ONE), ln_gamma_1p(shape.min(L::ONE)), ln_gamma(shape) + ln_shape),
            digamma_1p: digamma(shape + 1.0),
            // At this `v`, `x` exceeds the mean by 8 √α + 30. It is far above the largest quantile.
            largest: (L::splat(8.0) / shape.sqrt() + L::splat(30.0) / shape).ln_1p(),
        }
    }

    /// Returns the shape `α`.
    #[inline]
    pub fn shape(self) -> L {
        self.shape
    }

    /// Returns `ln α`.
    #[inline]
    pub fn ln_shape(self) -> L {
        self.ln_shape
    }

    /// Returns `ln α − ψ(α)`. This difference equals `−E[v]`, and also equals `E[ψ₂(v)]`.
    #[inline]
    pub(crate) fn gap(self) -> L {
        self.gap
    }

    /// Returns `α ln α − α − ln Γ(α)`. This is the largest value of `ln(x p(x))`.
    #[inline]
    pub(crate) fn peak(self) -> L {
        self.peak
    }

    /// Draws a number from one word of the source.
    #[inline]
    pub fn sample<S: Source<L> + ?Sized>(self, source: &mut S) -> Point<L> {
        self.quantile(Uniform::sample(source))
    }

    /// Returns the number at lower-tail probability `u`.
    pub fn quantile(self, u: Uniform<L>) -> Point<L> {
        let (target, upper) = (u.tail().ln(), u.is_upper());
        let below = self.smallest(u);
        let mut log_ratio = self.start(u, below);
        let mut derivative = L::ZERO;
        for _ in 0..STEPS {
            let tail = self.tail(log_ratio, upper);
            let excess = tail.ln_probability - target;
            // The quotients f/f' and f''/f' of f(v) = ln P − ln tail(u). Their signs depend on the tail.
            let newton = L::select(upper, -excess, excess) * tail.mills;
            let hazard = tail.mills.recip();
            let bend = -(self.shape * exp_1m(log_ratio)) - L::select(upper, -hazard, hazard);
            let halley = (-(newton * bend * 0.5) + 1.0).max(L::splat(0.5)).min(L::splat(2.0));
            let next = (log_ratio - newton / halley).max(below).min(self.largest);
            // Extrapolate the derivative to the new point by the differential equation in the documentation of the
            // module.
            let bend = exp_less_line(log_ratio) - self.gap + self.shape * exp_1m(log_ratio) * tail.derivative;
            derivative = tail.derivative + bend * (next - log_ratio);
            log_ratio = next;
        }
        Point { shape: self.shape, ln_shape: self.ln_shape, log_ratio, derivative }
    }

    /// Returns a lower bound of `v`. The bound is `ln(x/α)` for the `x` that solves `u = x^α/Γ(1 + α)`.
    fn smallest(self, u: Uniform<L>) -> L {
        let ln_u = L::select(u.is_upper(), (-u.tail()).ln_1p(), u.tail().ln());
        (ln_u + self.ln_gamma_1p) / self.shape - self.ln_shape
    }

    fn start(self, u: Uniform<L>, below: L) -> L {
        let cube_root = (self.shape * 9.0).recip();
        let cube_root = -cube_root + 1.0 + normal::quantile(u) * cube_root.sqrt();
        let of_large = (cube_root.max(L::splat(1e-3)).ln() * 3.0).max(below);
        let beyond_one = self.shape * (self.shape * 0.12 + 0.253);
        let far = u.is_upper().and(u.tail().lt(beyond_one));
        let of_far = (-(u.tail() / beyond_one).ln() + 1.0).ln() - self.ln_shape;
        let ln_u = below + self.ln_shape;
        let of_near = ln_u - (self.ln_gamma_1p + (-beyond_one).ln_1p()) / self.shape - self.ln_shape;
        let of_small = L::select(far, of_far, of_near);
        L::select(self.shape.lt(L::ONE), of_small, of_large)
    }

    fn tail(self, v: L, upper: L::Mask) -> Tail<L> {
        let small = self.shape.lt(L::splat(SMALL)).and((v + self.ln_shape).lt(L::splat(LN_SERIES)));
        // If all lanes use the same method, the other method is skipped. This does not change the result.
        if small.all() {
            return self.by_series(v, upper);
        }
        let integral = self.by_integral(v, upper);
        if small.any() { Tail::select(small, self.by_series(v, upper), integral) } else { integral }
    }

    fn by_integral(self, v: L, upper: L::Mask) -> Tail<L> {
        let alpha = self.shape;
        let (a, line) = (exp_1m(v), exp_less_line(v));
        let end = self.end(a, upper);
        let (mut mills, mut moment) = (L::ZERO, L::ZERO);
        for &(place, weight) in &RULE {
            let s = end * place;
            let r = L::select(upper, s, -s);
            let line_of_r = exp_less_line(r);
            let w = (-(alpha * (a * r + (a + 1.0) * line_of_r))).exp() * weight;
            mills = mills + w;
            moment = moment + (line + line_of_r + a * (line_of_r + r) - self.gap) * w;
        }
        let (mills, moment) = (mills * end, moment * end);
        let ln_probability = mills.ln() + (self.peak - alpha * line);
        Tail { ln_probability, mills, derivative: L::select(upper, -moment, moment) }
    }

    /// Returns the `s` at which `w` is `e^{−16.6}`, or a slightly larger number.
    fn end(self, a: L, upper: L::Mask) -> L {
        let slope = self.shape * a;
        let x = self.shape + slope;
        // In the upper tail, −ln w = slope · s + x ψ₂(s) is at least slope · s + x s²/2. The solution of
        // slope · s + x s²/2 = END is therefore too large. One fixed-point step for x (e^s − 1) − α s = END improves it.
        let gaussian = L::splat(2.0 * END) / (slope + (slope * slope + x * (2.0 * END)).sqrt());
        let of_upper = gaussian.min(((self.shape * gaussian + END) / x).ln_1p());
        // In the lower tail, ψ₂(−s) is at least s²/(2 + s).
        let half = slope * 2.0 + END;
        let root = (half * half + self.shape * (8.0 * END)).sqrt();
        let of_lower =
            L::select(half.lt(L::ZERO), L::splat(4.0 * END) / (root - half), (half + root) / (self.shape * 2.0));
        L::select(upper, of_upper, of_lower)
    }

    fn by_series(self, v: L, upper: L::Mask) -> Tail<L> {
        let alpha = self.shape;
        let ln_x = v + self.ln_shape;
        let x = ln_x.min(L::splat(LN_SERIES)).exp();
        // `sum` is Σ (−x)^n/(n! (α + n)), and `by_shape` is the negative of the derivative of this sum in α. The terms
        // are added from first to last.
        let (mut sum, mut by_shape) = (L::ZERO, L::ZERO);
        let mut term = L::ONE;
        for &(n, recip) in &FACTORS {
            term = -(term * x * recip);
            let part = term / (alpha + n);
            sum = sum + part;
            by_shape = by_shape + part / (alpha + n);
        }
        let inner = alpha * sum;
        let of_lower = alpha * ln_x - self.ln_gamma_1p + inner.ln_1p();
        // 1 − P is computed by W. Kahan's form of e^y − 1. This form keeps the relative precision at a small shape,
        // where 1 − P is small.
        let of_upper = (-exp_1m(of_lower)).ln();
        let lower_mills = (inner + 1.0) * x.exp() / alpha;
        let ratio = (of_upper - of_lower).exp();
        let slope = ln_x - self.digamma_1p + (sum - alpha * by_shape) / (inner + 1.0);
        Tail {
            ln_probability: L::select(upper, of_upper, of_lower),
            mills: L::select(upper, lower_mills * ratio, lower_mills),
            derivative: -(lower_mills * slope) - alpha.recip(),
        }
    }
}

/// Factors `n` and `1/n` of the terms of the power series. The last term is below 3e-9.
const FACTORS: [(f32, f32); 14] = [
    (1.0, 1.0),
    (2.0, 1.0 / 2.0),
    (3.0, 1.0 / 3.0),
    (4.0, 1.0 / 4.0),
    (5.0, 1.0 / 5.0),
    (6.0, 1.0 / 6.0),
    (7.0, 1.0 / 7.0),
    (8.0, 1.0 / 8.0),
    (9.0, 1.0 / 9.0),
    (10.0, 1.0 / 10.0),
    (11.0, 1.0 / 11.0),
    (12.0, 1.0 / 12.0),
    (13.0, 1.0 / 13.0),
    (14.0, 1.0 / 14.0),
];

/// Returns `α ln α − α − ln Γ(α)`. Stirling's formula avoids the cancellation of the large terms in this difference.
fn stirling_peak<L: Lane>(shape: L, ln_shape: L) -> L {
    let large = shape.lt(L::splat(special::LARGE)).not();
    let of_large = ln_shape * 0.5 - special::HALF_LN_2PI - special::stirling(L::select(large, shape, L::ONE));
    L::select(large, of_large, shape * (ln_shape - 1.0) - ln_gamma(shape))
}
