//! The Kumaraswamy distribution with shapes `a` and `b`: the beta distribution's neighbour on the unit interval, with an
//! inverse that is elementary. Its divergences have no closed form in general.
//!
//! Samples are floats between 0 and 1, so those above `1 − 2^{−24}` are that number: of `b = ¼` one in a hundred.
//! Derivatives at fixed `u` are computed from `u` and keep their digits there.
//!
//! Sources: P. Kumaraswamy, *A generalized probability density function for double-bounded random processes*, Journal of
//! Hydrology 46, 1980; M. C. Jones, *Kumaraswamy's distribution*, Statistical Methodology 6, 2009.

use crate::{
    Error, Source,
    arithmetic::{
        gamma_function::{harmonic, ln_gamma_bend, ln_gamma_ratio},
        powers::{exp_minus_one, exp_of_quotient, ln_one_minus_exp, one_minus_exp},
    },
    check,
    family::{Family, InverseCdf, Moments},
    lane::Lane,
    noise::{Uniform, exponential},
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

/// What the functions of a point are made of, with `s = −a ln x`, `y = x^a = e^{−s}`.
struct Point<L> {
    /// The point, inside of the interval.
    x: L,
    /// `ln x`.
    ln: L,
    /// `y/(1 − y)`, times `s`.
    odds: L,
    /// `ln(1 − y)`.
    rest: L,
}

impl<L: Lane> Kumaraswamy<L> {
    /// From shapes from ¼ to 100.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] otherwise.
    pub fn new(a: L, b: L) -> Result<Self, Error> {
        check::within("shape a", a, 0.25, 100.0, "from 0.25 to 100")?;
        check::within("shape b", b, 0.25, 100.0, "from 0.25 to 100")?;
        Ok(Self { a, b })
    }

    /// The shape `a`: the law near 0 is that of `x^{a − 1}`.
    #[inline]
    pub fn a(self) -> L {
        self.a
    }

    /// The shape `b`: the law near 1 is that of `(1 − x)^{b − 1}`.
    #[inline]
    pub fn b(self) -> L {
        self.b
    }

    /// The nearest float inside of the interval.
    #[inline]
    fn inside(x: L) -> L {
        x.max(L::splat(f32::MIN_POSITIVE)).min(L::splat(1.0 - f32::EPSILON / 2.0))
    }

    #[inline]
    fn at(self, x: L) -> Point<L> {
        let x = Self::inside(x);
        let ln = x.ln();
        let s = -(self.a * ln);
        Point { x, ln, odds: (-s).exp() * (s / one_minus_exp(s)), rest: ln_one_minus_exp(s) }
    }
}

impl<L: Lane> Family<L> for Kumaraswamy<L> {
    type Gradient = [L; 2];
    const PARAMETERS: usize = 2;

    #[inline]
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        self.path(Uniform::sample(source))
    }
    /// `ln a + ln b + (a − 1) ln x + (b − 1) ln(1 − x^a)`.
    #[inline]
    fn log_prob(self, x: L) -> L {
        let at = self.at(x);
        let inside = (self.a * self.b).ln() + (self.a - 1.0) * at.ln + (self.b - 1.0) * at.rest;
        let inside = L::select(x.lt(L::ONE), inside, L::NEG_INFINITY);
        L::select(L::ZERO.lt(x), inside, L::NEG_INFINITY)
    }
    /// `1/a + ln x − (b − 1) x^a ln x/(1 − x^a)` and `1/b + ln(1 − x^a)`.
    #[inline]
    fn score(self, x: L) -> [L; 2] {
        let at = self.at(x);
        [self.a.recip() + at.ln + (self.b - 1.0) * (at.odds / self.a), self.b.recip() + at.rest]
    }
}

impl<L: Lane> InverseCdf<L> for Kumaraswamy<L> {
    /// `x = (1 − e^{−t})^{1/a}` with `t = E/b` and exponential `E`; the derivatives are `−x ln x/a` and
    /// `−(x/(a b)) t e^{−t}/(1 − e^{−t})`.
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
    /// `((a − 1) − (b − 1) a x^a/(1 − x^a))/x`.
    #[inline]
    fn derivative(self, x: L) -> L {
        let at = self.at(x);
        (self.a - 1.0 + (self.b - 1.0) * (at.odds / at.ln)) / at.x
    }
    #[inline]
    fn implicit(self, x: L) -> [L; 2] {
        let at = self.at(x);
        // (1 − y) ln(1 − y)/y tends to −1 as y vanishes.
        let s = -(self.a * at.ln);
        let y = (-s).exp();
        let slope = L::select(y.lt(L::splat(1e-8)), -L::ONE, one_minus_exp(s) * (at.rest / y));
        [-(at.x * at.ln / self.a), at.x * slope / (self.a * self.b)]
    }
    /// `1 − 1/b + (1 − 1/a) H_b − ln a − ln b` with the harmonic number `H_b`.
    #[inline]
    fn entropy(self) -> L {
        let of_a = (-self.a.recip() + 1.0) * harmonic(self.b);
        -self.b.recip() + 1.0 + of_a - (self.a * self.b).ln()
    }
}

impl<L: Lane> Moments<L> for Kumaraswamy<L> {
    /// `Γ(1 + 1/a) Γ(1 + b)/Γ(1 + 1/a + b)`.
    #[inline]
    fn mean(self) -> L {
        let s = self.a.recip();
        (ln_gamma_ratio(L::ONE, s) - ln_gamma_ratio(self.b + 1.0, s)).exp()
    }
    /// `E[X²] − E[X]²`, without cancelling.
    #[inline]
    fn variance(self) -> L {
        let (mean, s) = (self.mean(), self.a.recip());
        mean * mean * exp_minus_one(ln_gamma_bend(L::ONE, s) - ln_gamma_bend(self.b + 1.0, s))
    }
}
