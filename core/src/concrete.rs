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
    Error, Logits, Temperature,
    categorical::zeros,
    gumbel_softmax::check_finite,
    lane::{Lane, Mask, Word},
    logits::check_length,
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
    tau: Temperature,
    /// How many classes are possible.
    possible: L,
    /// `ln Γ(K) + (K − 1) ln τ`.
    constant: L,
}

/// A log-density and its gradients.
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
        let logits = logits.as_slice();
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
        let constant = ln_gamma + (possible - 1.0) * libm::logf(tau.get());
        let mut copy = zeros(logits.len());
        copy.copy_from_slice(logits);
        Self { logits: copy, tau, possible, constant }
    }

    /// `ln p(y)`, a density with respect to all but one coordinate of the point `y` of the simplex.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one coordinate per class, [`Error::OutOfRange`] with a coordinate of a possible
    /// class that is not above 0 and finite. A relaxed sample may underflow to 0: use its logarithm and
    /// [`Concrete::log_density_exp`].
    pub fn log_density(&self, y: &[L]) -> Result<L, Error> {
        let log_y = self.logarithm(y)?;
        let sum = self.sum_possible(&log_y, |_, x| x);
        Ok(self.exp_density(&log_y) - sum)
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
        for (((g, &y), &l), _) in gradient.point.iter_mut().zip(y).zip(&self.logits).zip(&log_y) {
            // d ln y / dy = 1/y, and the Jacobian's own −1/y.
            *g = L::select(l.equals(L::NEG_INFINITY), L::ZERO, (*g - 1.0) / y);
        }
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
        check_length("point", self.logits.len(), x.len())?;
        check_finite("point", x)
    }

    fn logarithm(&self, y: &[L]) -> Result<Vec<L, N>, Error> {
        check_length("point", self.logits.len(), y.len())?;
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

    /// `Σ term(l_k, x_k)` over the possible classes, from first to last.
    fn sum_possible(&self, x: &[L], term: impl Fn(L, L) -> L) -> L {
        self.logits
            .iter()
            .zip(x)
            .fold(L::ZERO, |total, (&l, &x)| total + L::select(l.equals(L::NEG_INFINITY), L::ZERO, term(l, x)))
    }

    /// `l − τ x`; −∞ where masked.
    fn energies(&self, x: &[L]) -> Vec<L, N> {
        let mut energies = zeros(x.len());
        for ((e, &l), &x) in energies.iter_mut().zip(&self.logits).zip(x) {
            *e = l - x * self.tau.get();
        }
        energies
    }

    fn exp_density(&self, x: &[L]) -> L {
        let energies = self.energies(x);
        // Each energy is taken from the log-sum first: the sum of K large numbers less K times their
        // logarithmic mean would cancel.
        let lse = softmax::log_sum_exp(&energies);
        self.constant + self.sum_possible(&energies, |_, e| e - lse)
    }

    fn exp_gradient(&self, x: &[L]) -> DensityGradient<N, L> {
        let mut s = self.energies(x);
        let energies = s.clone();
        softmax::softmax(&energies, &mut s);
        let (mut logits, mut point) = (zeros(x.len()), zeros(x.len()));
        let mut temperature = L::ZERO;
        for ((((&s, &l), &x), by_logit), by_point) in s.iter().zip(&self.logits).zip(x).zip(&mut logits).zip(&mut point)
        {
            let masked = l.equals(L::NEG_INFINITY);
            let excess = L::select(masked, L::ZERO, s * self.possible - 1.0);
            *by_logit = -excess;
            *by_point = excess * self.tau.get();
            temperature = temperature + L::select(masked, L::ZERO, excess * x);
        }
        let temperature = temperature + (self.possible - 1.0) * self.tau.recip();
        DensityGradient { logits, point, temperature }
    }
}
