//! The density of the Concrete distribution on the simplex, and the density of its logarithm (ExpConcrete).
//!
//! Source: C. J. Maddison, A. Mnih and Y. W. Teh, *The Concrete distribution*, ICLR 2017, equations 10 and 22 and
//! appendix C.3. Below, `s = softmax(l − τ ln y)`. The densities are:
//!
//! ```text
//! ln p(ln y) = ln Γ(K) + (K − 1) ln τ + Σ_k (l_k − τ ln y_k) − K · logsumexp_k(l_k − τ ln y_k)
//! ln p(y)    = ln p(ln y) − Σ_k ln y_k
//! ```
//!
//! Masked classes are excluded. The density is over the possible classes only, and `K` is the number of possible
//! classes. The coordinate of a masked class may be 0, with the logarithm −∞, as in
//! [`GumbelSoftmax`](crate::GumbelSoftmax).
//!
//! The gradient in `y_k` is `(τ (K s_k − 1) − 1)/y_k`. If a coordinate `y_m` is much smaller than all others, `s_m` is
//! close to 1. The expression `τ (K s_m − 1) − 1` then loses precision by cancellation. If `τ (K − 1) = 1`, it loses all
//! digits. Let `r = 1 − s_m`, which is the sum of the other `s_k`. The expression equals `(τ (K − 1) − 1) − τ K r`. The
//! code uses this form if `s_m` exceeds ½. If `τ (K − 1) − 1` is 0, the code computes `r/y_m` as a separate sum of
//! exponentials.

use heapless::Vec;

use crate::{
    arithmetic::{
        elementary::within_floats,
        lane::{Lane, Mask, Word},
        softmax::{self, Normalizer},
    },
    check,
    error::Error,
    fixed_vec::{copied, zeros},
    settings::{logits::Logits, temperature::Temperature},
};

/// A Concrete distribution over the simplex of up to `N` classes.
///
/// # Example
/// ```
/// use samplegrad_core::{Concrete, Logits, Temperature};
///
/// // Two classes, equal logits, τ = 1: the uniform density on the segment.
/// let p = Concrete::new(&Logits::<4>::new(&[0.0, 0.0])?, Temperature::ONE);
/// assert!(p.log_density(&[0.3, 0.7])?.abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Concrete<const N: usize, L: Lane = f32> {
    logits: Vec<L, N>,
    normalizer: DensityNormalizer<L>,
}

/// The gradients of a log-density.
///
/// ```
/// use samplegrad_core::{Concrete, Logits, Temperature};
///
/// let p = Concrete::new(&Logits::<4>::new(&[0.0, 0.0])?, Temperature::ONE);
/// let gradient = p.log_density_gradient(&[0.25, 0.75])?;
/// assert!((gradient.logits[0] + gradient.logits[1]).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DensityGradient<const N: usize, L: Lane = f32> {
    /// The gradient in the logits.
    pub logits: Vec<L, N>,
    /// The gradient in the point. The coordinates of the point are treated as independent.
    pub point: Vec<L, N>,
    /// The derivative in the temperature.
    pub temperature: L,
}

impl<const N: usize, L: Lane> Concrete<N, L> {
    /// Creates the distribution and computes the normalizer.
    pub fn new(logits: &Logits<N, L>, tau: Temperature) -> Self {
        let logits = copied(logits.as_slice());
        Self { normalizer: DensityNormalizer::new(&logits, tau), logits }
    }

    /// Returns the log-density `ln p(y)` at the point `y` of the simplex. The density is with respect to all
    /// coordinates of `y` except one.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one coordinate per class. [`Error::OutOfRange`] unless the coordinate of every
    /// possible class is above 0 and finite. A coordinate of a relaxed sample may underflow to 0. For such a sample,
    /// use the logarithm of the sample and [`Concrete::log_density_exp`].
    pub fn log_density(&self, y: &[L]) -> Result<L, Error> {
        let log_y = self.logarithm(y)?;
        Ok(self.exp_density(&log_y) - sum_possible(&self.logits, &log_y))
    }

    /// Returns `ln p(x)` of the ExpConcrete distribution at `x = ln y`, for example at
    /// [`GumbelSoftmax::log_values`](crate::GumbelSoftmax::log_values).
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one coordinate per class. [`Error::NotANumber`] or [`Error::Infinite`] with
    /// the index of a coordinate that is not finite. The coordinate of a masked class may be −∞.
    pub fn log_density_exp(&self, x: &[L]) -> Result<L, Error> {
        self.check_point(x)?;
        Ok(self.exp_density(x))
    }

    /// Computes the gradients of [`Concrete::log_density`]. A derivative in the point is clamped to the largest float.
    ///
    /// # Errors
    /// The errors of [`Concrete::log_density`].
    pub fn log_density_gradient(&self, y: &[L]) -> Result<DensityGradient<N, L>, Error> {
        let log_y = self.logarithm(y)?;
        let (mut logits, mut point): (Vec<L, N>, Vec<L, N>) = (zeros(y.len()), zeros(y.len()));
        let temperature = gradient(&self.logits, self.normalizer, y, &log_y, &mut logits, &mut point);
        Ok(DensityGradient { logits, point, temperature })
    }

    /// Computes the gradients of [`Concrete::log_density_exp`]. The gradient in the logits is `1 − K s`. The gradient
    /// in `x` is `τ (K s − 1)`. The derivative in the temperature is `(K − 1)/τ + Σ (K s_k − 1)(x_k − x_m)`, where `m`
    /// is the first class with the largest `s`. The terms of the sum are added from first to last. In exact arithmetic,
    /// subtracting `x_m` does not change the sum. In floating point, the subtraction keeps the terms small.
    ///
    /// # Errors
    /// The errors of [`Concrete::log_density_exp`].
    pub fn log_density_exp_gradient(&self, x: &[L]) -> Result<DensityGradient<N, L>, Error> {
        self.check_point(x)?;
        Ok(self.exp_gradient(x))
    }

    fn check_point(&self, x: &[L]) -> Result<(), Error> {
        check::length("point", self.logits.len(), x.len())?;
        check::log_point("point", &self.logits, x)
    }

    fn logarithm(&self, y: &[L]) -> Result<Vec<L, N>, Error> {
        check::length("point", self.logits.len(), y.len())?;
        let mut log_y: Vec<L, N> = zeros(y.len());
        for ((log_y, &y), &l) in log_y.iter_mut().zip(y).zip(&self.logits) {
            let masked = l.equals(L::NEG_INFINITY);
            let proper = L::ZERO.lt(y).and(y.lt(L::splat(f32::INFINITY)));
            if !proper.or(masked).all() {
                let bad = |lane: &usize| !proper.or(masked).extract(*lane);
                let value = y.extract((0..L::LANES).find(bad).unwrap_or(0));
                return Err(Error::OutOfRange { what: "point", value, requirement: "above 0 and finite" });
            }
            *log_y = L::select(masked, L::ZERO, y.ln());
        }
        Ok(log_y)
    }

    fn exp_density(&self, x: &[L]) -> L {
        log_density_exp(&self.logits, self.normalizer, x, &mut zeros::<N, L>(x.len()))
    }

    fn exp_gradient(&self, x: &[L]) -> DensityGradient<N, L> {
        let (mut logits, mut point): (Vec<L, N>, Vec<L, N>) = (zeros(x.len()), zeros(x.len()));
        let temperature = gradient_exp(&self.logits, self.normalizer, x, &mut logits, &mut point);
        DensityGradient { logits, point, temperature }
    }
}

/// The part of a log-density that is common to all points. It holds the number `K` of possible classes, the
/// temperature, and the terms `ln Γ(K) + (K − 1) ln τ` and `τ (K − 1) − 1`.
///
/// ```
/// use samplegrad_core::{Temperature, concrete::{DensityNormalizer, log_density_exp}};
///
/// let logits = [0.0_f32, 0.0];
/// let normalizer = DensityNormalizer::new(&logits, Temperature::ONE);
/// let x = [libm::logf(0.25), libm::logf(0.75)];
/// let density = log_density_exp(&logits, normalizer, &x, &mut [0.0; 2]);
/// assert!((density - (x[0] + x[1])).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DensityNormalizer<L: Lane = f32> {
    possible: L,
    constant: L,
    /// The term `τ (K − 1) − 1`. The computed term is zero only if the exact term is zero.
    corner: L,
    tau: Temperature,
}

impl<L: Lane> DensityNormalizer<L> {
    /// Computes the normalizer for a slice of logits. The logits must satisfy the conditions of [`Logits::new`].
    // This function is inlined, like the kernels below.
    #[inline(always)]
    pub fn new(logits: &[L], tau: Temperature) -> Self {
        let one = |l: &L| L::select(l.equals(L::NEG_INFINITY), L::ZERO, L::ONE);
        let possible = logits.iter().fold(L::ZERO, |count, l| count + one(l));
        let mut ln_gamma = L::ZERO;
        let mut total = 0.0;
        // One pass computes ln Γ(count) = Σ_{i<count} ln i for the count of each lane. The terms are added from first
        // to last.
        for (i, _) in (1_u32..).zip(logits) {
            let here = possible.equals(L::from_word(L::Word::splat(i)));
            ln_gamma = L::select(here, L::splat(total), ln_gamma);
            total += libm::logf(i as f32);
        }
        let constant = ln_gamma + (possible - 1.0) * libm::logf(tau.get());
        // τ is split into an upper part and a lower part. The product of the upper part and a number of classes below
        // 4096 is exact. If the product is near 1, subtracting 1 from it is exact too.
        let upper = f32::from_bits(tau.get().to_bits() & 0xffff_f000);
        let corner = ((possible - 1.0) * upper - 1.0) + (possible - 1.0) * (tau.get() - upper);
        Self { possible, constant, corner, tau }
    }
}

/// Computes `Σ x_k` of a slice over the possible classes. The terms are added from first to last.
#[inline(always)]
pub fn sum_possible<L: Lane>(logits: &[L], x: &[L]) -> L {
    logits.iter().zip(x).fold(L::ZERO, |total, (&l, &x)| total + L::select(l.equals(L::NEG_INFINITY), L::ZERO, x))
}

/// Writes `l_k − τ x_k`. For a masked class, writes −∞, regardless of the coordinate of the point.
#[inline(always)]
fn energies<L: Lane>(logits: &[L], tau: Temperature, x: &[L], energies: &mut [L]) {
    for ((e, &l), &x) in energies.iter_mut().zip(logits).zip(x) {
        *e = L::select(l.equals(L::NEG_INFINITY), L::NEG_INFINITY, l - x * tau.get());
    }
}

/// Computes `ln p(x)` of the ExpConcrete distribution at finite `x = ln y`. All slices, including `scratch`, must have
/// equal length.
#[inline(always)]
pub fn log_density_exp<L: Lane>(logits: &[L], normalizer: DensityNormalizer<L>, x: &[L], scratch: &mut [L]) -> L {
    energies(logits, normalizer.tau, x, scratch);
    // The log-sum is subtracted from each energy. Subtracting K times the log-sum from the sum of K large energies
    // would lose precision by cancellation.
    let lse = softmax::log_sum_exp(scratch);
    for e in scratch.iter_mut() {
        *e = *e - lse;
    }
    normalizer.constant + sum_possible(logits, scratch)
}

/// Writes the gradients of [`log_density_exp`] in the logits and in `x`, and returns the derivative in the temperature.
/// All slices must have equal length.
#[inline(always)]
pub fn gradient_exp<L: Lane>(
    logits: &[L],
    normalizer: DensityNormalizer<L>,
    x: &[L],
    by_logits: &mut [L],
    by_point: &mut [L],
) -> L {
    gradient_and_mode(logits, normalizer, x, by_logits, by_point).0
}

/// Computes [`gradient_exp`] and also returns the normalizer of `s`.
#[inline(always)]
fn gradient_and_mode<L: Lane>(
    logits: &[L],
    normalizer: DensityNormalizer<L>,
    x: &[L],
    by_logits: &mut [L],
    by_point: &mut [L],
) -> (L, Normalizer<L>) {
    energies(logits, normalizer.tau, x, by_point);
    let sum = softmax::softmax(by_point, by_logits);
    let (x_m, mut temperature) = (at(x, sum.mode()), L::ZERO);
    for (((by_logit, by_point), &l), &x) in by_logits.iter_mut().zip(by_point).zip(logits).zip(x) {
        let masked = l.equals(L::NEG_INFINITY);
        let excess = L::select(masked, L::ZERO, *by_logit * normalizer.possible - 1.0);
        *by_logit = -excess;
        *by_point = excess * normalizer.tau.get();
        temperature = temperature + L::select(masked, L::ZERO, excess * (x - x_m));
    }
    (temperature + (normalizer.possible - 1.0) * normalizer.tau.recip(), sum)
}

/// Returns the element of a class. The class must exist in every lane.
#[inline(always)]
fn at<L: Lane>(x: &[L], class: L::Word) -> L {
    let is = |k: usize| class.equals(L::Word::splat(k as u32));
    x.iter().enumerate().fold(L::ZERO, |found, (k, &x)| L::select(is(k), x, found))
}

/// Writes the gradients of the log-density at `y` in the logits and in `y`, and returns the derivative in the
/// temperature. The argument `x` must be `ln y`. All slices must have equal length.
#[inline(always)]
pub fn gradient<L: Lane>(
    logits: &[L],
    normalizer: DensityNormalizer<L>,
    y: &[L],
    x: &[L],
    by_logits: &mut [L],
    by_point: &mut [L],
) -> L {
    let (temperature, sum) = gradient_and_mode(logits, normalizer, x, by_logits, by_point);
    let by_smallest = at_corner(logits, normalizer, at(y, sum.mode()), x, sum);
    let in_corner = sum.others().lt(L::ONE);
    for (k, ((g, &y), &l)) in by_point.iter_mut().zip(y).zip(logits).enumerate() {
        let smallest = in_corner.and(sum.mode().equals(L::Word::splat(k as u32)));
        // The chain rule: d ln y/dy is 1/y, and the derivative of the term −ln y is −1/y.
        let of_class = L::select(smallest, by_smallest, (*g - 1.0) / y);
        *g = L::select(l.equals(L::NEG_INFINITY), L::ZERO, within_floats(of_class));
    }
    temperature
}

/// Computes `((τ (K − 1) − 1) − τ K r)/y` for the class with the largest `s`.
#[inline(always)]
fn at_corner<L: Lane>(logits: &[L], normalizer: DensityNormalizer<L>, y: L, x: &[L], sum: Normalizer<L>) -> L {
    let weight = normalizer.possible * normalizer.tau.get();
    let together = (normalizer.corner - weight * (sum.others() * sum.recip())) / y;
    let alone = normalizer.corner.equals(L::ZERO);
    if !alone.any() {
        return together;
    }
    // r may underflow. Therefore r/y is computed as Σ_{k≠m} exp((l_k − l_m) − τ x_k + (τ − 1) x_m) / S, where S is the
    // normalizer of the softmax.
    let (l_m, x_m, tau) = (at(logits, sum.mode()), at(x, sum.mode()), normalizer.tau.get());
    let mut total = L::ZERO;
    for (k, (&l, &x)) in logits.iter().zip(x).enumerate() {
        let other = l.equals(L::NEG_INFINITY).or(sum.mode().equals(L::Word::splat(k as u32))).not();
        let term = ((l - l_m) + (x_m * (tau - 1.0) - x * tau)).exp();
        total = total + L::select(other, term, L::ZERO);
    }
    L::select(alone, -(weight * (total * sum.recip())), together)
}
