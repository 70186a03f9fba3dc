//! The uniform distribution on an interval.
//!
//! The parameters are the ends of the interval, so the mean of the score is not zero and the score-function estimator
//! is biased. It misses the contribution of the values that a moving end adds. The pathwise estimator includes this
//! contribution. Uniform noise is in [`noise::Uniform`](crate::noise::Uniform).

use crate::{
    arithmetic::lane::{Lane, Mask},
    check,
    distributions::family::{Family, InverseCdf, Moments},
    error::Error,
    noise::{source::Source, uniform::Uniform},
};

/// The uniform distribution from `low` to `high`.
///
/// ```
/// use samplegrad_core::{family::{Family, InverseCdf, Moments}, noise::Uniform, uniform_interval::UniformInterval};
///
/// let p = UniformInterval::new(-1.0, 3.0)?;
/// assert_eq!(p.path(Uniform::new(0.25)?), (0.0, [0.75, 0.25]));
/// assert_eq!((p.mean(), p.cdf(0.0), p.log_prob(4.0)), (1.0, 0.25, f32::NEG_INFINITY));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UniformInterval<L: Lane = f32> {
    low: L,
    high: L,
    width: L,
}

impl<L: Lane> UniformInterval<L> {
    /// Creates a distribution from two ends between −10^6 and 10^6. `high` must be above `low` by at least 1e−6.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for `low`, for `high`, or for the `width` between them.
    pub fn new(low: L, high: L) -> Result<Self, Error> {
        check::within("low", low, -1e6, 1e6, "from -1e6 to 1e6")?;
        check::within("high", high, -1e6, 1e6, "from -1e6 to 1e6")?;
        check::within("width", high - low, 1e-6, f32::MAX, "at least 1e-6")?;
        Ok(Self { low, high, width: high - low })
    }

    /// Returns the lower end.
    #[inline]
    pub fn low(self) -> L {
        self.low
    }

    /// Returns the upper end.
    #[inline]
    pub fn high(self) -> L {
        self.high
    }

    /// Returns `KL(self ‖ other) = ln(width₂/width₁)` where the other interval contains this one, +∞ elsewhere.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        let outside = self.low.lt(other.low).or(other.high.lt(self.high));
        L::select(outside, L::splat(f32::INFINITY), (other.width / self.width).ln())
    }
}

impl<L: Lane> Family for UniformInterval<L> {
    type Lane = L;
    type Gradient = [L; 2];
    const PARAMETERS: usize = 2;

    #[inline]
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        self.path(Uniform::sample(source))
    }
    #[inline]
    fn log_prob(self, x: L) -> L {
        let outside = x.lt(self.low).or(self.high.lt(x));
        L::select(outside, L::NEG_INFINITY, -self.width.ln())
    }
    /// Returns the score `(1, −1)/width`, whose mean is not zero.
    #[inline]
    fn score(self, _: L) -> [L; 2] {
        let r = self.width.recip();
        [r, -r]
    }
}

impl<L: Lane> InverseCdf for UniformInterval<L> {
    /// Returns `x = low + width · u` and the derivatives `1 − u` in `low` and `u` in `high`. Nearer to the upper end,
    /// `x` is computed as `high − width · (1 − u)`.
    #[inline]
    fn path(self, u: Uniform<L>) -> (L, [L; 2]) {
        let (tail, upper) = (u.tail(), u.is_upper());
        let distance = self.width * tail;
        let x = L::select(upper, self.high - distance, self.low + distance);
        let rest = -tail + 1.0;
        (x.max(self.low).min(self.high), [L::select(upper, tail, rest), L::select(upper, rest, tail)])
    }
    #[inline]
    fn cdf(self, x: L) -> L {
        self.implicit(x)[1].max(L::ZERO).min(L::ONE)
    }
    /// Returns zero.
    #[inline]
    fn derivative(self, _: L) -> L {
        L::ZERO
    }
    #[inline]
    fn implicit(self, x: L) -> [L; 2] {
        [(self.high - x) / self.width, (x - self.low) / self.width]
    }
    /// Returns `ln width`.
    #[inline]
    fn entropy(self) -> L {
        self.width.ln()
    }
}

impl<L: Lane> Moments for UniformInterval<L> {
    #[inline]
    fn mean(self) -> L {
        (self.low + self.high) * 0.5
    }
    /// Returns `width²/12`.
    #[inline]
    fn variance(self) -> L {
        self.width * self.width * (1.0 / 12.0)
    }
}
