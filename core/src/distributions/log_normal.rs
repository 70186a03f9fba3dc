//! The log-normal distribution: `ln X` is normal with location `μ` and scale `σ`.
//!
//! Source: N. L. Johnson, S. Kotz and N. Balakrishnan, *Continuous univariate distributions 1*, Wiley, 1994,
//! chapter 14.

use crate::{
    arithmetic::{
        lane::{Lane, Mask},
        powers::{exp_minus_one, exp_of_linear, exp_of_linear_pair},
    },
    check,
    distributions::{
        family::{Family, InverseCdf, Moments},
        location_scale::Standard,
        normal::{HALF_LN_2PI, StandardNormal},
    },
    error::Error,
    noise::{fine_normal, normal, source::Source, uniform::Uniform},
};

/// The largest scale for which a normal number of one float is precise enough.
const STEEP: f32 = 0.25;

/// A log-normal distribution with location `μ` and scale `σ` of the logarithm.
///
/// ```
/// use samplegrad_core::{family::{Family, InverseCdf, Moments}, log_normal::LogNormal, noise::Uniform};
///
/// let p = LogNormal::new(0.0, 0.5)?;
/// assert_eq!(p.path(Uniform::new(0.5)?), (1.0, [1.0, 0.0]));
/// assert_eq!((p.score(1.0), p.derivative(1.0)), ([0.0, -2.0], -1.0));
/// assert!((p.mean() - 1.133_148_5).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LogNormal<L: Lane = f32> {
    location: L,
    scale: L,
}

impl<L: Lane> LogNormal<L> {
    /// Creates a distribution from a location between −40 and 40 and a scale between 1e−6 and 6. With these limits,
    /// samples are normal floats.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a parameter outside its range.
    pub fn new(location: L, scale: L) -> Result<Self, Error> {
        check::within("location", location, -40.0, 40.0, "from -40 to 40")?;
        check::within("scale", scale, 1e-6, 6.0, "from 1e-6 to 6")?;
        Ok(Self { location, scale })
    }

    /// Returns the location `μ` of the logarithm.
    #[inline]
    pub fn location(self) -> L {
        self.location
    }

    /// Returns the scale `σ` of the logarithm.
    #[inline]
    pub fn scale(self) -> L {
        self.scale
    }

    /// Returns `KL(self ‖ other)`, the divergence of the two normal distributions of `ln X`.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        let (shift, ratio) = ((self.location - other.location) / other.scale, self.scale / other.scale);
        (ratio * ratio + shift * shift - 1.0) * 0.5 - ratio.ln()
    }

    /// Returns the score `z/σ` and `(z² − 1)/σ` at `x = e^{μ + σz}`, unaffected by the rounding of `x`.
    #[inline]
    pub fn score_of_noise(self, z: L) -> [L; 2] {
        [z / self.scale, (z * z - 1.0) / self.scale]
    }

    /// Returns `ln p(x)` at `x = e^{μ + σz}`.
    #[inline]
    pub fn log_prob_of_noise(self, z: L) -> L {
        -(z * z * 0.5) - (self.location + self.scale * z) - self.scale.ln() - HALF_LN_2PI
    }

    /// Returns `x` at lower-tail probability `u`, given the normal number `z` at `u`. A `σ` above `STEEP` would
    /// multiply the rounding error of `z`, so the normal number is then computed as a sum of two floats. The relative
    /// error of the result is at most 9.6e-7 at every scale.
    fn at(self, u: Uniform<L>, z: L) -> L {
        let near = exp_of_linear(self.location, self.scale, z);
        let steep = L::splat(STEEP).lt(self.scale);
        // Scalar code skips the branch that it does not need. Skipping it does not change the bits.
        if !steep.any() {
            return near;
        }
        L::select(steep, exp_of_linear_pair(self.location, self.scale, fine_normal::quantile(u)), near)
    }

    /// Returns `ln x` and `z = (ln x − μ)/σ`.
    #[inline]
    fn standard(self, x: L) -> (L, L) {
        let l = x.max(L::splat(f32::MIN_POSITIVE)).ln();
        (l, (l - self.location) / self.scale)
    }
}

impl<L: Lane> Family for LogNormal<L> {
    type Lane = L;
    type Gradient = [L; 2];
    const PARAMETERS: usize = 2;

    #[inline]
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        self.path(Uniform::sample(source))
    }
    /// Returns `−½ z² − ln x − ln σ − ½ ln 2π`.
    #[inline]
    fn log_prob(self, x: L) -> L {
        let (l, z) = self.standard(x);
        let inside = -(z * z * 0.5) - l - self.scale.ln() - HALF_LN_2PI;
        L::select(L::ZERO.lt(x), inside, L::NEG_INFINITY)
    }
    /// Returns `z/σ` and `(z² − 1)/σ`.
    #[inline]
    fn score(self, x: L) -> [L; 2] {
        self.score_of_noise(self.standard(x).1)
    }
    #[inline]
    fn sample_score<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let u = Uniform::sample(source);
        let z = normal::quantile(u);
        (self.at(u, z), self.score_of_noise(z))
    }
}

impl<L: Lane> InverseCdf for LogNormal<L> {
    /// Returns `x = e^{μ + σz}` with a normal number `z`, and the derivatives `x` in `μ` and `x z` in `σ`.
    #[inline]
    fn path(self, u: Uniform<L>) -> (L, [L; 2]) {
        let z = normal::quantile(u);
        let x = self.at(u, z);
        (x, [x, x * z])
    }
    #[inline]
    fn cdf(self, x: L) -> L {
        L::select(L::ZERO.lt(x), StandardNormal::cdf(self.standard(x).1), L::ZERO)
    }
    /// Returns `−(1 + z/σ)/x`.
    #[inline]
    fn derivative(self, x: L) -> L {
        let (_, z) = self.standard(x);
        -(z / self.scale + 1.0) / x
    }
    #[inline]
    fn implicit(self, x: L) -> [L; 2] {
        [x, x * self.standard(x).1]
    }
    /// Returns `μ + ln σ + ½ (1 + ln 2π)`.
    #[inline]
    fn entropy(self) -> L {
        self.location + self.scale.ln() + StandardNormal::ENTROPY
    }
}

impl<L: Lane> Moments for LogNormal<L> {
    /// Returns `e^{μ + σ²/2}`.
    #[inline]
    fn mean(self) -> L {
        exp_of_linear(self.location, self.scale, self.scale * 0.5)
    }
    /// Returns `(e^{σ²} − 1) e^{2μ + σ²}`.
    #[inline]
    fn variance(self) -> L {
        let mean = self.mean();
        mean * mean * exp_minus_one(self.scale * self.scale)
    }
}
