//! The density of the Concrete distribution on the simplex, and of its logarithm (ExpConcrete).
//!
//! Source: C. J. Maddison, A. Mnih and Y. W. Teh, *The Concrete distribution*, ICLR 2017, equations 10 and 22 and
//! appendix C.3. With `s = softmax(l − τ ln y)`:
//!
//! ```text
//! ln p(ln y) = ln Γ(K) + (K − 1) ln τ + Σ_k (l_k − τ ln y_k) − K · logsumexp_k(l_k − τ ln y_k)
//! ln p(y)    = ln p(ln y) − Σ_k ln y_k
//! ```
//!
//! A masked class takes no part: the density is that of the classes that are possible, and `K` counts those.

use heapless::Vec;

use crate::{
    Error, Logits, Temperature, check,
    fixed_vec::{copied, zeros},
    lane::{Lane, Mask, Word},
    softmax,
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

/// A log-density and its gradients.
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
    /// In the logits.
    pub logits: Vec<L, N>,
    /// In the point, its coordinates taken as free.
    pub point: Vec<L, N>,
    /// In the temperature.
    pub temperature: L,
}

impl<const N: usize, L: Lane> Concrete<N, L> {
    /// Prepares the distribution.
    pub fn new(logits: &Logits<N, L>, tau: Temperature) -> Self {
        let logits = copied(logits.as_slice());
        Self { normalizer: DensityNormalizer::new(&logits, tau), logits }
    }

    /// `ln p(y)`, a density with respect to all but one coordinate of the point `y` of the simplex.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one coordinate per class, [`Error::OutOfRange`] with a coordinate of a possible
    /// class that is not above 0 and finite. A relaxed sample may underflow to 0: use its logarithm and
    /// [`Concrete::log_density_exp`].
    pub fn log_density(&self, y: &[L]) -> Result<L, Error> {
        let log_y = self.logarithm(y)?;
        Ok(self.exp_density(&log_y) - sum_possible(&self.logits, &log_y))
    }

    /// `ln p(x)` of the ExpConcrete distribution at `x = ln y`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one coordinate per class, [`Error::NotANumber`] and [`Error::Infinite`] with
    /// the place of one that is not finite.
    pub fn log_density_exp(&self, x: &[L]) -> Result<L, Error> {
        self.check_point(x)?;
        Ok(self.exp_density(x))
    }

    /// The gradients of [`Concrete::log_density`].
    ///
    /// # Errors
    /// As [`Concrete::log_density`].
    pub fn log_density_gradient(&self, y: &[L]) -> Result<DensityGradient<N, L>, Error> {
        let log_y = self.logarithm(y)?;
        let mut gradient = self.exp_gradient(&log_y);
        from_logarithm(&self.logits, y, &mut gradient.point);
        Ok(gradient)
    }

    /// The gradients of [`Concrete::log_density_exp`]: `1 − K s` in the logits, `τ (K s − 1)` in `x`, and
    /// `(K − 1)/τ + Σ (K s_k − 1) x_k` in the temperature.
    ///
    /// # Errors
    /// As [`Concrete::log_density_exp`].
    pub fn log_density_exp_gradient(&self, x: &[L]) -> Result<DensityGradient<N, L>, Error> {
        self.check_point(x)?;
        Ok(self.exp_gradient(x))
    }

    fn check_point(&self, x: &[L]) -> Result<(), Error> {
        check::length("point", self.logits.len(), x.len())?;
        check::finite("point", x)
    }

    fn logarithm(&self, y: &[L]) -> Result<Vec<L, N>, Error> {
        check::length("point", self.logits.len(), y.len())?;
        let mut log_y = zeros(y.len());
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
        let (mut logits, mut point) = (zeros(x.len()), zeros(x.len()));
        let temperature = gradient_exp(&self.logits, self.normalizer, x, &mut logits, &mut point);
        DensityGradient { logits, point, temperature }
    }
}

/// What a log-density has in common for every point: how many classes are possible and `ln Γ(K) + (K − 1) ln τ`.
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
    tau: Temperature,
}

impl<L: Lane> DensityNormalizer<L> {
    /// For checked logits, on a slice.
    // As the kernels below.
    #[inline(always)]
    pub fn new(logits: &[L], tau: Temperature) -> Self {
        let one = |l: &L| L::select(l.equals(L::NEG_INFINITY), L::ZERO, L::ONE);
        let possible = logits.iter().fold(L::ZERO, |count, l| count + one(l));
        let mut ln_gamma = L::ZERO;
        let mut total = 0.0;
        // ln Γ(count) of every lane's own count, in one pass: Σ ln i from first to last.
        for (i, _) in (1_u32..).zip(logits) {
            let here = possible.equals(L::from_word(L::Word::splat(i)));
            ln_gamma = L::select(here, L::splat(total), ln_gamma);
            total += libm::logf(i as f32);
        }
        Self { possible, constant: ln_gamma + (possible - 1.0) * libm::logf(tau.get()), tau }
    }
}

/// `Σ x_k` over the possible classes, from first to last. On slices.
#[inline(always)]
pub fn sum_possible<L: Lane>(logits: &[L], x: &[L]) -> L {
    logits.iter().zip(x).fold(L::ZERO, |total, (&l, &x)| total + L::select(l.equals(L::NEG_INFINITY), L::ZERO, x))
}

/// Writes `l_k − τ x_k`; −∞ where masked, whatever the point says there.
#[inline(always)]
fn energies<L: Lane>(logits: &[L], tau: Temperature, x: &[L], energies: &mut [L]) {
    for ((e, &l), &x) in energies.iter_mut().zip(logits).zip(x) {
        *e = L::select(l.equals(L::NEG_INFINITY), L::NEG_INFINITY, l - x * tau.get());
    }
}

/// `ln p(x)` of the ExpConcrete distribution at finite `x = ln y`. On slices of one length; `scratch` has it too.
#[inline(always)]
pub fn log_density_exp<L: Lane>(logits: &[L], normalizer: DensityNormalizer<L>, x: &[L], scratch: &mut [L]) -> L {
    energies(logits, normalizer.tau, x, scratch);
    // The log-sum is taken from each energy: the sum of K large numbers less K times their logarithmic mean would
    // cancel.
    let lse = softmax::log_sum_exp(scratch);
    for e in scratch.iter_mut() {
        *e = *e - lse;
    }
    normalizer.constant + sum_possible(logits, scratch)
}

/// Writes the gradients of [`log_density_exp`] in the logits and in `x`, and returns the one in the temperature. On
/// slices of one length.
#[inline(always)]
pub fn gradient_exp<L: Lane>(
    logits: &[L],
    normalizer: DensityNormalizer<L>,
    x: &[L],
    by_logits: &mut [L],
    by_point: &mut [L],
) -> L {
    energies(logits, normalizer.tau, x, by_point);
    softmax::softmax(by_point, by_logits);
    let mut temperature = L::ZERO;
    for (((by_logit, by_point), &l), &x) in by_logits.iter_mut().zip(by_point).zip(logits).zip(x) {
        let masked = l.equals(L::NEG_INFINITY);
        let excess = L::select(masked, L::ZERO, *by_logit * normalizer.possible - 1.0);
        *by_logit = -excess;
        *by_point = excess * normalizer.tau.get();
        temperature = temperature + L::select(masked, L::ZERO, excess * x);
    }
    temperature + (normalizer.possible - 1.0) * normalizer.tau.recip()
}

/// Turns the gradient in `x = ln y` into the one in `y`, for the density of `y`: `(g − 1)/y`, by `d ln y/dy = 1/y` and the
/// Jacobian's own `−1/y`; nothing where masked. On slices.
#[inline(always)]
pub fn from_logarithm<L: Lane>(logits: &[L], y: &[L], by_point: &mut [L]) {
    for ((g, &y), &l) in by_point.iter_mut().zip(y).zip(logits) {
        *g = L::select(l.equals(L::NEG_INFINITY), L::ZERO, (*g - 1.0) / y);
    }
}
