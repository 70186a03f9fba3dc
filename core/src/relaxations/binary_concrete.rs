//! The binary Concrete distribution, also called the relaxed Bernoulli distribution. A sample is a number between 0 and
//! 1 in place of a bit, and is differentiable in the logit. It equals Gumbel-softmax of two classes, computed from one
//! noise number.
//!
//! ```text
//! y = σ((l + L)/τ),   L = ln u − ln(1 − u),   ∂y/∂l = y (1 − y)/τ,   P(y > ½) = σ(l) at every τ
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | value and gradient at one relaxed sample |
//! | bias | none for the gradient of `E[f(y)]`; the gradient of `E[f]` at the bit has the bias of the relaxation, which decreases as `τ` decreases |
//! | variance on the toy problem | `τ` = 0.5: 1.424446e-2 at logit 0 (mean 2.146018e-2, exact 0.025), 7.357994e-3 at logit 2 (mean 4.517627e-2, exact 1.049936e-2) |
//! | cost | a word of noise, a logarithm and two exponentials |
//! | use it | for one relaxed bit, or for its density, as in the KL term of a relaxed objective |
//! | avoid it | with a cost of several bits: [`ConcreteRelaxation`](crate::concrete_relaxation::ConcreteRelaxation) is the estimator |
//!
//! Source: C. J. Maddison, A. Mnih and Y. W. Teh, *The Concrete distribution*, ICLR 2017, appendix B.

use crate::{
    arithmetic::{
        elementary::{sigmoid, within_floats},
        lane::{Lane, Mask},
    },
    distributions::bernoulli::check_logit,
    error::Error,
    noise::{logistic, source::Source, uniform::Uniform},
    settings::temperature::Temperature,
};

/// A relaxed Bernoulli sample and the numbers that its gradient needs.
///
/// # Example
/// ```
/// use samplegrad_core::{BinaryConcrete, Temperature, noise::Uniform};
///
/// let y = BinaryConcrete::new(0.0, Temperature::ONE)?.at(Uniform::new(0.75_f32)?);
/// assert!((y.value() - 0.75).abs() < 1e-6);
/// assert!(y.hard());
/// assert!((y.derivative() - 0.1875).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RelaxedBernoulli<L: Lane = f32> {
    z: L,
    y: L,
    slope: L,
    tau: Temperature,
}

impl<L: Lane> RelaxedBernoulli<L> {
    /// Returns the perturbed logit `z = l + L`.
    #[inline]
    pub fn perturbed(self) -> L {
        self.z
    }
    /// Returns the relaxed value `y = σ(z/τ)`.
    #[inline]
    pub fn value(self) -> L {
        self.y
    }
    /// Returns `1 − y`, computed without cancellation.
    #[inline]
    pub fn complement(self) -> L {
        sigmoid(-(self.z * self.tau.recip()))
    }
    /// Returns the hard bit `[z > 0]`, an exact Bernoulli sample at every temperature.
    #[inline]
    pub fn hard(self) -> L::Mask {
        L::ZERO.lt(self.z)
    }
    /// Returns `∂y/∂l = y (1 − y)/τ`.
    #[inline]
    pub fn derivative(self) -> L {
        self.slope * self.tau.recip()
    }
    /// Returns `∂y/∂τ = −y (1 − y) z/τ²`.
    #[inline]
    pub fn temperature_derivative(self) -> L {
        -((self.slope * self.z) * self.tau.recip() * self.tau.recip())
    }
}

/// The log-density at a point and its derivatives.
///
/// ```
/// use samplegrad_core::{BinaryConcrete, Temperature};
///
/// let at = BinaryConcrete::new(0.0_f32, Temperature::new(2.0)?)?.log_density(0.5)?;
/// assert_eq!((at.logit, at.point), (0.0, 0.0));     // the density is symmetric about ½
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BinaryDensity<L: Lane = f32> {
    /// The log-density `ln p(y)`.
    pub log_density: L,
    /// The derivative in the logit.
    pub logit: L,
    /// The derivative in the temperature.
    pub temperature: L,
    /// The derivative in the point.
    pub point: L,
}

/// A binary Concrete distribution.
///
/// ```
/// use samplegrad_core::{BinaryConcrete, Temperature};
///
/// // Logit 0, τ = 1: the uniform distribution.
/// let p = BinaryConcrete::new(0.0_f32, Temperature::ONE)?;
/// assert!(p.log_density(0.3)?.log_density.abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BinaryConcrete<L: Lane = f32> {
    logit: L,
    tau: Temperature,
}

impl<L: Lane> BinaryConcrete<L> {
    /// Creates the distribution from a finite logit.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a logit that is NaN or infinite in a lane.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    pub fn new(logit: L, tau: Temperature) -> Result<Self, Error> {
        check_logit(logit)?;
        Ok(Self { logit, tau })
    }

    /// Draws a relaxed sample from one word of the source.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    #[cfg_attr(not(target_arch = "x86_64"), inline)]
    pub fn sample<S: Source<L> + ?Sized>(self, source: &mut S) -> RelaxedBernoulli<L> {
        self.at(Uniform::sample(source))
    }

    /// Computes the sample from a uniform number: `z = l + ln u − ln(1 − u)`.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    #[cfg_attr(not(target_arch = "x86_64"), inline)]
    pub fn at(self, u: Uniform<L>) -> RelaxedBernoulli<L> {
        let z = self.logit + logistic::quantile(u);
        let scaled = z * self.tau.recip();
        let y = sigmoid(scaled);
        RelaxedBernoulli { z, y, slope: y * sigmoid(-scaled), tau: self.tau }
    }

    /// Computes the log-density at `y` and its derivatives, with `x = ln y`, `w = ln(1 − y)`, `d = x − w` and
    /// `s = σ(l − τ d)`:
    ///
    /// ```text
    /// ln p = ln τ + l − (τ + 1)(x + w) − 2 logaddexp(l − τ x, −τ w)
    /// ∂/∂l = 1 − 2 s        ∂/∂τ = 1/τ + (2 s − 1) d
    /// ∂/∂y = (τ (2 s − 1) − 1)/y + (τ (2 s − 1) + 1)/(1 − y)
    /// ```
    ///
    /// Near an end of the interval the terms of these formulas cancel. For example, `τ (2 s − 1) − 1` is `−2 (1 − s)`
    /// at `τ` = 1, and `1 − s` is as small as `y`. The density and its derivatives are therefore computed from
    /// `e = l − τ d`, `q = exp(−|e|)`, and `m = q/(1 + q)`, which is the smaller of `s` and `1 − s`:
    ///
    /// ```text
    /// h = (τ − 1) d − l
    /// e ≥ 0:  ln p = ln τ + h − 2 w − 2 ln(1 + q)    ∂/∂y = (1 + τ − 2 τ m)/(1 − y) − (1 − τ + 2 τ m)/y
    /// e < 0:  ln p = ln τ − h − 2 x − 2 ln(1 + q)    ∂/∂y = (1 − τ + 2 τ m)/(1 − y) − (1 + τ − 2 τ m)/y
    /// ```
    ///
    /// At `τ` = 1, the quotients are `m/y = exp(h − w)/(1 + q)` and `m/(1 − y) = exp(−h − x)/(1 + q)`, and the factor
    /// `1 − τ` is 0. A derivative in `y` beyond the largest float becomes the largest float.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `0 < y < 1` in every lane.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    pub fn log_density(self, y: L) -> Result<BinaryDensity<L>, Error> {
        let proper = L::ZERO.lt(y).and(y.lt(L::ONE));
        if !proper.all() {
            let value = y.extract((0..L::LANES).find(|&lane| !proper.extract(lane)).unwrap_or(0));
            return Err(Error::OutOfRange { what: "point", value, requirement: "above 0 and below 1" });
        }
        let tau = self.tau.get();
        let (x, w) = (y.ln(), (-y).ln_1p());
        let d = logit(y, x, w);
        let e = self.logit - d * tau;
        let h = d * (tau - 1.0) - self.logit;
        // The coordinate in which the density falls: y if e ≥ 0, otherwise 1 − y.
        let upper = e.lt(L::ZERO);
        let signed_h = L::select(upper, -h, h);
        let complement = -y + 1.0;
        let (near, far) = (L::select(upper, complement, y), L::select(upper, y, complement));
        let ln_far = L::select(upper, x, w);
        let q = (-e.abs()).exp();
        let recip = (q + 1.0).recip();
        let m = q * recip;
        let falling =
            if tau == 1.0 { (signed_h - ln_far).exp() * recip * 2.0 } else { (m * (2.0 * tau) + (1.0 - tau)) / near };
        let slope = (m * (-2.0 * tau) + (1.0 + tau)) / far - falling;
        let tilt = (-q + 1.0) * recip;
        let tilt = L::select(upper, -tilt, tilt);
        Ok(BinaryDensity {
            log_density: (signed_h - ln_far * 2.0) - q.ln_1p() * 2.0 + libm::logf(tau),
            logit: -tilt,
            temperature: tilt * d + self.tau.recip(),
            point: within_floats(L::select(upper, -slope, slope)),
        })
    }

    /// Returns the logistic log-density of the logit `x` of the sample:
    /// `ln p(x) = ln τ + (l − τ x) − 2 softplus(l − τ x)`.
    #[inline]
    pub fn log_density_logit(self, x: L) -> L {
        let e = self.logit - x * self.tau.get();
        e - crate::arithmetic::elementary::softplus(e) * 2.0 + libm::logf(self.tau.get())
    }
}

/// Returns `ln y − ln(1 − y)`, given both logarithms. Near ½, where they would cancel, it uses the difference to ½.
#[inline]
fn logit<L: Lane>(y: L, ln: L, ln_complement: L) -> L {
    let near_half = (y - 0.5).abs().lt(L::splat(0.25));
    let odds_less_one = (y + (y - 1.0)) / (-y + 1.0);
    L::select(near_half, odds_less_one.ln_1p(), ln - ln_complement)
}
