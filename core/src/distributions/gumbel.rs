//! The Gumbel (type-I extreme value) distribution with location `μ` and scale `β`: the law of block maxima.
//!
//! With `z = (x − μ)/β` and `t = e^{−z}`: `F(x) = e^{−t}`, `ln p(x) = −z − t − ln β`.
//!
//! Source: E. J. Gumbel, *Statistics of extremes*, Columbia University Press, 1958.

use crate::{
    Error, Source,
    lane::{Lane, Mask},
    noise::{Uniform, gumbel},
};

/// Euler's constant.
const EULER: f32 = 0.577_215_7;

/// A Gumbel distribution.
///
/// # Example
/// ```
/// use samplegrad_core::Gumbel;
///
/// // The highest tide of a year.
/// let tide = Gumbel::new(3.9, 0.2)?;
/// assert!((tide.mean() - 4.0154).abs() < 1e-3);
/// assert!(tide.survival(4.7) < 0.02);                 // less than once in fifty years
/// let (by_location, by_scale) = tide.score(4.0);      // what a fit to a new maximum goes along
/// assert!(by_location < 1.0 / 0.2 && by_scale.is_finite());
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Gumbel<L: Lane = f32> {
    location: L,
    scale: L,
}

impl<L: Lane> Gumbel<L> {
    /// From a location from −10^6 to 10^6 and a scale from 1e−6 to 1e6.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] otherwise.
    pub fn new(location: L, scale: L) -> Result<Self, Error> {
        let check = |what, x: L, low: f32, high: f32, requirement| {
            let inside = x.lt(L::splat(low)).or(L::splat(high).lt(x)).or(x.equals(x).not()).not();
            if inside.all() {
                return Ok(());
            }
            let value = x.extract((0..L::LANES).find(|&lane| !inside.extract(lane)).unwrap_or(0));
            Err(Error::OutOfRange { what, value, requirement })
        };
        check("location", location, -1e6, 1e6, "from -1e6 to 1e6")?;
        check("scale", scale, 1e-6, 1e6, "from 1e-6 to 1e6")?;
        Ok(Self { location, scale })
    }

    /// The location `μ`, where the density is largest.
    #[inline]
    pub fn location(self) -> L {
        self.location
    }

    /// The scale `β`.
    #[inline]
    pub fn scale(self) -> L {
        self.scale
    }

    /// Draws one: one word of the source.
    #[inline]
    pub fn sample<S: Source<L> + ?Sized>(self, source: &mut S) -> L {
        self.quantile(Uniform::sample(source))
    }

    /// The number at lower-tail probability `u`: `μ + β G`.
    #[inline]
    pub fn quantile(self, u: Uniform<L>) -> L {
        self.location + self.scale * gumbel::quantile(u)
    }

    /// `ln p(x) = −z − e^{−z} − ln β`; −∞ where `e^{−z}` is beyond a float, `z < −88.7`.
    #[inline]
    pub fn log_prob(self, x: L) -> L {
        let z = self.standard(x);
        -z - (-z).exp() - self.scale.ln()
    }

    /// `P(X ≤ x) = e^{−t}`.
    #[inline]
    pub fn cdf(self, x: L) -> L {
        self.log_cdf(x).exp()
    }

    /// `ln P(X ≤ x) = −t`.
    #[inline]
    pub fn log_cdf(self, x: L) -> L {
        -self.rarity(x)
    }

    /// `P(X > x) = 1 − e^{−t}`, to full precision where it is small.
    #[inline]
    pub fn survival(self, x: L) -> L {
        let t = self.rarity(x);
        // W. Kahan's form of 1 − e^{−t}: the error of rounding e^{−t} cancels against that of its logarithm.
        let u = (-t).exp();
        let rest = -u + 1.0;
        let exact = L::select(rest.equals(L::ZERO), t, rest * (t / -u.ln()));
        L::select(L::ONE.lt(t), rest, exact)
    }

    /// `ln P(X > x)`: `ln(1 − e^{−t})`, or `−z + ln((1 − e^{−t})/t)` for `t ≤ 1`, which no underflow of `t` can spoil.
    #[inline]
    pub fn log_survival(self, x: L) -> L {
        let (z, t) = (self.standard(x), self.rarity(x));
        let ratio = L::select(t.equals(L::ZERO), L::ONE, self.survival(x) / t);
        L::select(L::ONE.lt(t), (-(-t).exp()).ln_1p(), -z + ratio.ln())
    }

    /// The score: derivatives of `ln p(x)` in `μ`, `(1 − t)/β`, and in `β`, `(z (1 − t) − 1)/β`.
    #[inline]
    pub fn score(self, x: L) -> (L, L) {
        let z = self.standard(x);
        let slope = -(-z).exp() + 1.0;
        (slope / self.scale, (z * slope - 1.0) / self.scale)
    }

    /// Derivative of `ln p(x)` in `x`: `(t − 1)/β`.
    #[inline]
    pub fn derivative(self, x: L) -> L {
        -self.score(x).0
    }

    /// `E[X] = μ + γ β` with Euler's constant `γ`.
    #[inline]
    pub fn mean(self) -> L {
        self.location + self.scale * EULER
    }

    /// `Var[X] = π² β²/6`.
    #[inline]
    pub fn variance(self) -> L {
        self.scale * self.scale * 1.644_934_1
    }

    /// Entropy in nats: `ln β + γ + 1`.
    #[inline]
    pub fn entropy(self) -> L {
        self.scale.ln() + (EULER + 1.0)
    }

    fn standard(self, x: L) -> L {
        (x - self.location) / self.scale
    }

    /// `t = e^{−z}`.
    fn rarity(self, x: L) -> L {
        (-self.standard(x)).exp()
    }
}
