//! The Kumaraswamy distribution with shapes `a` and `b`. Like the beta distribution, it is a distribution on the unit
//! interval. Unlike the beta distribution, it has an elementary quantile function. Its divergences have no closed form
//! in general.
//!
//! Samples are floats between 0 and 1. A sample above `1 − 2^{−24}` is replaced by `1 − 2^{−24}`. For `b = ¼`, one
//! sample in a hundred is replaced. The derivatives of a sample, and the scores that estimators use, are computed from
//! the uniform number `u` behind the sample and not from the rounded sample. They lose no precision near 1.
//! [`Kumaraswamy::sample_logit`] returns the logit of the unrounded number.
//!
//! Sources: P. Kumaraswamy, *A generalized probability density function for double-bounded random processes*, Journal
//! of Hydrology 46, 1980; M. C. Jones, *Kumaraswamy's distribution*, Statistical Methodology 6, 2009.

use crate::{
    arithmetic::{
        elementary::{sigmoid, softplus},
        gamma_function::{harmonic, ln_gamma_bend, ln_gamma_ratio},
        lane::Lane,
        powers::{exp_minus_one, exp_of_quotient, ln_one_minus_exp, one_minus_exp},
    },
    check,
    distributions::family::{Family, InverseCdf, Moments},
    error::Error,
    noise::{exponential, source::Source, uniform::Uniform},
};

/// A Kumaraswamy distribution: `P(X > x) = (1 − x^a)^b` for `0 < x < 1`.
///
/// ```
/// use samplegrad_core::{family::{Family, InverseCdf, Moments}, kumaraswamy::Kumaraswamy};
///
/// let p = Kumaraswamy::new(2.0, 3.0)?;
/// assert!((p.cdf(0.5) - 0.578_125).abs() < 1e-6);      // 1 − ¾³
/// assert!((p.log_prob(0.5) - 1.687_5_f32.ln()).abs() < 1e-6);
/// assert!((p.mean() - 16.0 / 35.0).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Kumaraswamy<L: Lane = f32> {
    a: L,
    b: L,
}

/// Quantities of a point `x` that several functions use. In these definitions, `s = −a ln x` and `y = x^a = e^{−s}`.
struct Point<L> {
    /// The point, inside the interval.
    x: L,
    /// The logarithm `ln x`.
    ln: L,
    /// The product `s · y/(1 − y)`.
    odds: L,
    /// The logarithm `ln(1 − y)`.
    rest: L,
}

impl<L: Lane> Kumaraswamy<L> {
    /// Creates a distribution from two shapes between ¼ and 100.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a shape outside this range.
    pub fn new(a: L, b: L) -> Result<Self, Error> {
        check::within("shape a", a, 0.25, 100.0, "from 0.25 to 100")?;
        check::within("shape b", b, 0.25, 100.0, "from 0.25 to 100")?;
        Ok(Self { a, b })
    }

    /// Returns the shape `a`. Near 0, the density is proportional to `x^{a − 1}`.
    #[inline]
    pub fn a(self) -> L {
        self.a
    }

    /// Returns the shape `b`. Near 1, the density is proportional to `(1 − x)^{b − 1}`.
    #[inline]
    pub fn b(self) -> L {
        self.b
    }

    /// Returns the float inside the interval that is nearest to `x`.
    #[inline]
    fn inside(x: L) -> L {
        x.max(L::splat(f32::MIN_POSITIVE)).min(L::splat(1.0 - f32::EPSILON / 2.0))
    }

    #[inline]
    fn at(self, x: L) -> Point<L> {
        let x = Self::inside(x);
        self.at_ln(x, x.ln())
    }

    #[inline]
    fn at_ln(self, x: L, ln: L) -> Point<L> {
        let s = -(self.a * ln);
        Point { x, ln, odds: (-s).exp() * (s / one_minus_exp(s)), rest: ln_one_minus_exp(s) }
    }

    /// Returns the point at the logit of `x`. `ln x` is clamped to at most `−NEAREST`, so that `ln x` is not a
    /// subnormal float.
    #[inline]
    fn at_logit(self, logit: L) -> Point<L> {
        let ln = -softplus(-logit).max(L::splat(NEAREST));
        let at = self.at_ln(Self::inside(ln.exp()), ln);
        // For a logit above FAR, 1 − x^a is a · (1 − x) to full precision.
        let near_one = L::splat(FAR).lt(logit);
        Point { rest: L::select(near_one, self.a.ln() - logit, at.rest), ..at }
    }

    /// Returns two numbers: the logit of the quantile `x(u)`, and `t = e(u)/b` with the exponential quantile `e(u)`.
    ///
    /// With `w = −ln x = −ln(1 − e^{−t})/a`, the logit is `−ln(e^w − 1)`. For `t` above `FAR` the logit is computed as
    /// `t + ln a`.
    #[inline]
    fn logit_of(self, u: Uniform<L>) -> (L, L) {
        let t = exponential::quantile(u) / self.b;
        let w = -(ln_one_minus_exp(t) / self.a);
        let near_one = L::splat(FAR).lt(t);
        // ln(e^w − 1) = w + ln(1 − e^{−w}).
        let w = L::select(near_one, L::ONE, w);
        let logit = L::select(near_one, t + self.a.ln(), -(w + ln_one_minus_exp(w)));
        (logit, t)
    }

    /// Draws the logit of `x`. Takes the same word of the source as [`Family::sample_path`]. Returns the logit and its
    /// derivatives in `a` and in `b`.
    ///
    /// ```
    /// use samplegrad_core::{kumaraswamy::Kumaraswamy, stream};
    ///
    /// let p = Kumaraswamy::new(2.0, 0.25)?;
    /// let (logit, [by_a, by_b]) = p.sample_logit(&mut stream::xorshift(2026, 0));
    /// assert!(logit.is_finite() && by_a > 0.0 && by_b < 0.0);
    /// assert!(p.log_prob_at_logit(logit).is_finite() && p.score_at_logit(logit)[1].is_finite());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    #[inline]
    pub fn sample_logit<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let (logit, t) = self.logit_of(Uniform::sample(source));
        // The chain rule: d logit/d ln x = 1/(1 − x), ∂ ln x/∂a = −ln x/a, ∂ ln x/∂b = −t/(e^t − 1)/(a b).
        let near_one = L::splat(FAR).lt(t);
        let rest = L::select(near_one, L::ONE, sigmoid(-logit));
        let odds = (-t).exp() * (t / one_minus_exp(t));
        let by_a = L::select(near_one, L::ONE, softplus(-logit) / rest) / self.a;
        let by_b = -(L::select(near_one, t * self.a, odds / rest) / (self.a * self.b));
        (logit, [by_a, by_b])
    }

    /// Returns `ln p(x)` at the logit `ln x − ln(1 − x)`. `p` is the density of `x`, not of the logit.
    #[inline]
    pub fn log_prob_at_logit(self, logit: L) -> L {
        self.log_prob_at(&self.at_logit(logit))
    }

    #[inline]
    fn log_prob_at(self, at: &Point<L>) -> L {
        (self.a * self.b).ln() + (self.a - 1.0) * at.ln + (self.b - 1.0) * at.rest
    }

    /// Returns the score at the logit of `x`.
    #[inline]
    pub fn score_at_logit(self, logit: L) -> [L; 2] {
        self.score_at(&self.at_logit(logit))
    }

    #[inline]
    fn score_at(self, at: &Point<L>) -> [L; 2] {
        [self.a.recip() + at.ln + (self.b - 1.0) * (at.odds / self.a), self.b.recip() + at.rest]
    }
}

/// The smallest `−ln x` used in computations at a logit.
const NEAREST: f32 = 1e-36;

/// Threshold of the logit and of `t`. Above this threshold, terms that are negligible relative to 1 are left out.
const FAR: f32 = 40.0;

impl<L: Lane> Family for Kumaraswamy<L> {
    type Lane = L;
    type Gradient = [L; 2];
    const PARAMETERS: usize = 2;

    #[inline]
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        self.path(Uniform::sample(source))
    }
    /// Returns `ln a + ln b + (a − 1) ln x + (b − 1) ln(1 − x^a)`. At 0 the result is a limit that depends on the shape
    /// `a`, and at 1 it is a limit that depends on the shape `b`. The limit is `+∞` for a shape below 1, finite for a
    /// shape of 1, and `−∞` for a shape above 1.
    #[inline]
    fn log_prob(self, x: L) -> L {
        let inside = self.log_prob_at(&self.at(x));
        let at_end = |shape: L| {
            let above = L::select(L::ONE.lt(shape), L::NEG_INFINITY, (self.a * self.b).ln());
            L::select(shape.lt(L::ONE), L::splat(f32::INFINITY), above)
        };
        let below = L::select(x.equals(L::ZERO), at_end(self.a), L::NEG_INFINITY);
        let above = L::select(x.equals(L::ONE), at_end(self.b), L::NEG_INFINITY);
        let inside = L::select(x.lt(L::ONE), inside, above);
        L::select(L::ZERO.lt(x), inside, below)
    }
    /// Returns `1/a + ln x − (b − 1) x^a ln x/(1 − x^a)` and `1/b + ln(1 − x^a)`.
    #[inline]
    fn score(self, x: L) -> [L; 2] {
        self.score_at(&self.at(x))
    }
    #[inline]
    fn sample_score<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let u = Uniform::sample(source);
        let t = exponential::quantile(u) / self.b;
        let (l, q) = (ln_one_minus_exp(t), (-t).exp());
        let x = Self::inside(exp_of_quotient(l, self.a));
        // −(1 − q) ln(1 − q)/q tends to 1 as q = 1 − x^a tends to 0.
        let far = q.lt(L::splat(1e-8));
        let odds = L::select(far, L::ONE, -((-q + 1.0) * (l / L::select(far, L::ONE, q))));
        (x, self.score_at(&Point { x, ln: l / self.a, odds, rest: -t }))
    }
}

impl<L: Lane> InverseCdf for Kumaraswamy<L> {
    /// Returns `x = (1 − e^{−t})^{1/a}`, where `t = E/b` and `E` is an exponential number. The derivatives are `−x ln
    /// x/a` in `a` and `−(x/(a b)) t e^{−t}/(1 − e^{−t})` in `b`.
    #[inline]
    fn path(self, u: Uniform<L>) -> (L, [L; 2]) {
        let t = exponential::quantile(u) / self.b;
        let l = ln_one_minus_exp(t);
        let x = Self::inside(exp_of_quotient(l, self.a));
        let odds = (-t).exp() * (t / one_minus_exp(t));
        (x, [-(x * (l / self.a) / self.a), -(x * odds / (self.a * self.b))])
    }
    #[inline]
    fn cdf(self, x: L) -> L {
        let inside = one_minus_exp(-(self.b * self.at(x).rest));
        let inside = L::select(x.lt(L::ONE), inside, L::ONE);
        L::select(L::ZERO.lt(x), inside, L::ZERO)
    }
    /// Returns `((a − 1) − (b − 1) a x^a/(1 − x^a))/x`.
    #[inline]
    fn derivative(self, x: L) -> L {
        let at = self.at(x);
        (self.a - 1.0 + (self.b - 1.0) * (at.odds / at.ln)) / at.x
    }
    #[inline]
    fn implicit(self, x: L) -> [L; 2] {
        let at = self.at(x);
        // (1 − y) ln(1 − y)/y tends to −1 as y tends to 0.
        let s = -(self.a * at.ln);
        let y = (-s).exp();
        let slope = L::select(y.lt(L::splat(1e-8)), -L::ONE, one_minus_exp(s) * (at.rest / y));
        [-(at.x * at.ln / self.a), at.x * slope / (self.a * self.b)]
    }
    /// Returns `1 − 1/b + (1 − 1/a) H_b − ln a − ln b` with the harmonic number `H_b`.
    #[inline]
    fn entropy(self) -> L {
        let of_a = (-self.a.recip() + 1.0) * harmonic(self.b);
        -self.b.recip() + 1.0 + of_a - (self.a * self.b).ln()
    }
}

impl<L: Lane> Moments for Kumaraswamy<L> {
    /// Returns `Γ(1 + 1/a) Γ(1 + b)/Γ(1 + 1/a + b)`.
    #[inline]
    fn mean(self) -> L {
        let s = self.a.recip();
        (ln_gamma_ratio(L::ONE, s) - ln_gamma_ratio(self.b + 1.0, s)).exp()
    }
    /// Returns the variance `E[X²] − E[X]²`. It is computed without cancellation.
    #[inline]
    fn variance(self) -> L {
        let (mean, s) = (self.mean(), self.a.recip());
        mean * mean * exp_minus_one(ln_gamma_bend(L::ONE, s) - ln_gamma_bend(self.b + 1.0, s))
    }
}
