//! The exponential distribution with rate `r`, for example of waiting times.
//!
//! Source: N. L. Johnson, S. Kotz and N. Balakrishnan, *Continuous univariate distributions 1*, Wiley, 1994,
//! chapter 19.

use crate::{
    arithmetic::{lane::Lane, powers::one_minus_exp},
    check,
    distributions::family::{Family, InverseCdf, Moments},
    error::Error,
    noise::{exponential, source::Source, uniform::Uniform},
};

/// An exponential distribution: density `r e^{−rx}` for `x ≥ 0`.
///
/// ```
/// use samplegrad_core::{exponential::Exponential, family::{Family, InverseCdf, Moments}};
///
/// let p = Exponential::new(2.0)?;
/// assert_eq!((p.mean(), p.variance(), p.score(0.25)), (0.5, 0.25, [0.25]));
/// assert_eq!((p.log_prob(-1.0), p.derivative(1.0), p.implicit(1.0)), (f32::NEG_INFINITY, -2.0, [-0.5]));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Exponential<L: Lane = f32> {
    rate: L,
}

impl<L: Lane> Exponential<L> {
    /// Creates a distribution from a rate between 1e−6 and 1e6.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a rate outside this range.
    pub fn new(rate: L) -> Result<Self, Error> {
        check::within("rate", rate, 1e-6, 1e6, "from 1e-6 to 1e6")?;
        Ok(Self { rate })
    }

    /// Returns the rate `r`.
    #[inline]
    pub fn rate(self) -> L {
        self.rate
    }

    /// Returns `KL(self ‖ other) = q − 1 − ln q` with `q = r₂/r₁`.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        let ratio = other.rate / self.rate;
        ratio - 1.0 - ratio.ln()
    }
}

impl<L: Lane> Family for Exponential<L> {
    type Lane = L;
    type Gradient = [L; 1];
    const PARAMETERS: usize = 1;

    #[inline]
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 1]) {
        self.path(Uniform::sample(source))
    }
    #[inline]
    fn log_prob(self, x: L) -> L {
        L::select(x.lt(L::ZERO), L::NEG_INFINITY, self.rate.ln() - self.rate * x)
    }
    /// Returns `1/r − x`.
    #[inline]
    fn score(self, x: L) -> [L; 1] {
        [self.rate.recip() - x]
    }
}

impl<L: Lane> InverseCdf for Exponential<L> {
    /// Returns `x = −ln(1 − u)/r` and its derivative, `−x/r`.
    #[inline]
    fn path(self, u: Uniform<L>) -> (L, [L; 1]) {
        let x = exponential::quantile(u) / self.rate;
        (x, [-(x / self.rate)])
    }
    #[inline]
    fn cdf(self, x: L) -> L {
        one_minus_exp(x.max(L::ZERO) * self.rate)
    }
    #[inline]
    fn derivative(self, _: L) -> L {
        -self.rate
    }
    #[inline]
    fn implicit(self, x: L) -> [L; 1] {
        [-(x / self.rate)]
    }
    /// Returns `1 − ln r`.
    #[inline]
    fn entropy(self) -> L {
        -self.rate.ln() + 1.0
    }
}

impl<L: Lane> Moments for Exponential<L> {
    #[inline]
    fn mean(self) -> L {
        self.rate.recip()
    }
    #[inline]
    fn variance(self) -> L {
        (self.rate * self.rate).recip()
    }
}
