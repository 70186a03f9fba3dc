//! Student's t distribution: `x = μ + σ z/√(g/h)` with a normal number `z` and a gamma number `g` of shape `h = ν/2`.
//! The gamma number is reparameterized implicitly.
//!
//! Let `v = ln(g/h)`. Then `t = z e^{−v/2}` and `dt/dν = −¼ t dv/dh`. Let `r = ln(1 + t²/ν)` and `ψ₂(r) = e^r − 1 − r`.
//! Then:
//!
//! ```text
//! ln p(x) = C(h) − ½ ln 2π − ln σ − ½ (ν + 1) r,      C(h) = ln Γ(h + ½) − ln Γ(h) − ½ ln h
//! ∂ ln p/∂ν = D(h) − ½ ψ₂(−r) + (1 − e^{−r})/(2ν),    D(h) = ½ C'(h)
//! ```
//!
//! No large terms cancel as the distribution approaches the normal distribution.
//!
//! Sources: M. Figurnov, S. Mohamed and A. Mnih, *Implicit reparameterization gradients*, NeurIPS 2018; F. G. Tricomi
//! and A. Erdélyi, *The asymptotic expansion of a ratio of gamma functions*, Pacific J. Math. 1, 1951 (`C` and `D` for
//! `h ≥ 6`).

use crate::{
    arithmetic::{
        lane::{Lane, Mask},
        special::{HALF_LN_2PI, digamma, exp_1m, exp_less_line, ln_gamma},
    },
    check,
    distributions::{
        family::Family,
        standard_gamma::{Point, StandardGamma},
    },
    error::Error,
    noise::{normal, source::Source},
};

/// Student's t distribution with `ν` degrees of freedom, location `μ` and scale `σ`.
///
/// # Example
/// ```
/// use samplegrad_core::{StudentT, stream};
///
/// let cauchy = StudentT::new(1.0, 0.0, 1.0)?;
/// assert!((cauchy.log_prob(0.0) + core::f32::consts::PI.ln()).abs() < 1e-6);
/// let (x, [_, by_location, by_scale]) = cauchy.sample(&mut stream::xorshift(2026, 0));
/// assert_eq!((by_location, by_scale), (1.0, x));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StudentT<L: Lane = f32> {
    gamma: StandardGamma<L>,
    freedom: L,
    location: L,
    scale: L,
    ln_scale: L,
    constant: L,
    constant_derivative: L,
}

impl<L: Lane> StudentT<L> {
    /// Creates a distribution from 1 to 1e6 degrees of freedom, a location between −1e6 and 1e6 and a scale between
    /// 1e-6 and 1e6.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a parameter outside its range.
    pub fn new(freedom: L, location: L, scale: L) -> Result<Self, Error> {
        check::within("degrees of freedom", freedom, 1.0, 1e6, "from 1 to 1e6")?;
        check::within("location", location, -1e6, 1e6, "from -1e6 to 1e6")?;
        check::within("scale", scale, 1e-6, 1e6, "from 1e-6 to 1e6")?;
        let gamma = StandardGamma::trusted(freedom * 0.5);
        let (constant, constant_derivative) = constants(gamma.shape());
        Ok(Self { gamma, freedom, location, scale, ln_scale: scale.ln(), constant, constant_derivative })
    }

    /// Returns the degrees of freedom `ν`.
    #[inline]
    pub fn freedom(self) -> L {
        self.freedom
    }

    /// Returns the location `μ`.
    #[inline]
    pub fn location(self) -> L {
        self.location
    }

    /// Returns the scale `σ`.
    #[inline]
    pub fn scale(self) -> L {
        self.scale
    }

    /// Draws `x` and its derivatives in `ν`, `μ` and `σ` from two words of the source. The first word is for the normal
    /// number.
    #[inline]
    pub fn sample<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 3]) {
        let noise = normal::sample(source);
        self.at(noise, self.gamma.sample(source))
    }

    /// Returns `x` and its derivatives for a normal number and a gamma number of shape `ν/2`.
    #[inline]
    pub fn at(self, noise: L, point: Point<L>) -> (L, [L; 3]) {
        let t = of_noise(noise, point);
        let by_freedom = -(t * point.log_ratio_derivative() * 0.25);
        (self.location + self.scale * t, [self.scale * by_freedom, L::ONE, t])
    }

    /// Returns `t = (x − μ)/σ` and `r = ln(1 + t²/ν)`, without overflow of a square.
    fn standard(self, x: L) -> (L, L) {
        self.with_log((x - self.location) / self.scale)
    }

    /// Returns `t` and `r = ln(1 + t²/ν)`.
    fn with_log(self, t: L) -> (L, L) {
        let root = t.abs() / self.freedom.sqrt();
        let far = L::splat(1e9).lt(root);
        let near = L::select(far, L::ONE, root);
        (t, L::select(far, root.max(L::ONE).ln() * 2.0, (near * near).ln_1p()))
    }

    /// Returns `ln p(x)`.
    #[inline]
    pub fn log_prob(self, x: L) -> L {
        self.log_prob_at(self.standard(x))
    }

    /// Returns `ln p(x)` at `x = μ + σ t`, unaffected by the rounding of `x`. Where `σ` is much smaller than `|μ|`,
    /// rounding `x` loses the digits of `t`.
    #[inline]
    pub fn log_prob_of_noise(self, t: L) -> L {
        self.log_prob_at(self.with_log(t))
    }

    fn log_prob_at(self, (_, r): (L, L)) -> L {
        (self.constant - HALF_LN_2PI) - self.ln_scale - (self.freedom + 1.0) * r * 0.5
    }

    /// Returns the score: the derivatives of `ln p(x)` in `ν`, `μ` and `σ`. The derivative in `μ` is
    /// `(ν + 1) t/(σ (ν + t²))`, and the derivative in `σ` is `((ν + 1) t²/(ν + t²) − 1)/σ`.
    #[inline]
    pub fn score(self, x: L) -> [L; 3] {
        self.score_at(self.standard(x))
    }

    /// Returns the score at `x = μ + σ t`, unaffected by the rounding of `x`.
    #[inline]
    pub fn score_of_noise(self, t: L) -> [L; 3] {
        self.score_at(self.with_log(t))
    }

    fn score_at(self, (t, r): (L, L)) -> [L; 3] {
        let share = -exp_1m(-r);
        let by_freedom = self.constant_derivative - exp_less_line(-r) * 0.5 + share / (self.freedom * 2.0);
        // The quotient t/(ν + t²) is computed as 1/(ν/t + t). At t = 0 this is 1/∞, which is zero.
        let pull = (self.freedom + 1.0) * (self.freedom / t + t).recip();
        [by_freedom, pull / self.scale, ((self.freedom + 1.0) * share - 1.0) / self.scale]
    }

    /// Returns the entropy in nats: `½ (ν + 1) (ψ(h + ½) − ψ(h)) − C(h) + ½ ln 2π + ln σ`.
    #[inline]
    pub fn entropy(self) -> L {
        let spread = self.constant_derivative * 2.0 + self.freedom.recip();
        (self.freedom + 1.0) * spread * 0.5 - self.constant + (self.ln_scale + HALF_LN_2PI)
    }
}

/// Returns `t = z e^{−v/2}`, which is a normal number divided by the square root of `g/h`.
fn of_noise<L: Lane>(noise: L, point: Point<L>) -> L {
    noise * (-(point.log_ratio() * 0.5)).exp()
}

/// Returns `C(h)` and `D(h) = ½ (ψ(h + ½) − ψ(h) − 1/(2h))`.
fn constants<L: Lane>(h: L) -> (L, L) {
    let large = h.lt(L::splat(6.0)).not();
    let recip = L::select(large, h, L::ONE).recip();
    let square = recip * recip;
    // For h ≥ 6, C(h) is −1/(8h) + 1/(192h³) − 1/(640h⁵) + 17/(14336h⁷), and D(h) is half its derivative.
    let series = ((square * (17.0 / 14336.0) - 1.0 / 640.0) * square + 1.0 / 192.0) * square - 1.0 / 8.0;
    let slope = ((square * (-17.0 / 4096.0) + 1.0 / 256.0) * square - 1.0 / 128.0) * square + 1.0 / 16.0;
    let small = L::select(large, L::ONE, h);
    let of_small = ln_gamma(small + 0.5) - ln_gamma(small) - small.ln() * 0.5;
    let slope_of_small = (digamma(small + 0.5) - digamma(small) - small.recip() * 0.5) * 0.5;
    (L::select(large, series * recip, of_small), L::select(large, slope * square, slope_of_small))
}

impl<L: Lane> Family for StudentT<L> {
    type Lane = L;
    type Gradient = [L; 3];
    const PARAMETERS: usize = 3;

    #[inline]
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 3]) {
        self.sample(source)
    }
    #[inline]
    fn log_prob(self, x: L) -> L {
        self.log_prob(x)
    }
    #[inline]
    fn score(self, x: L) -> [L; 3] {
        self.score(x)
    }
    #[inline]
    fn sample_score<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 3]) {
        let noise = normal::sample(source);
        let t = of_noise(noise, self.gamma.sample(source));
        (self.location + self.scale * t, self.score_of_noise(t))
    }
}
