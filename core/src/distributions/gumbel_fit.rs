//! Online fit of a Gumbel distribution to block maxima. Each maximum moves the fit by one step along the score. The
//! score is multiplied by the inverse of the Fisher information. The fit does not store the maxima. It nevertheless
//! becomes as precise as the maximum-likelihood fit to all maxima.
//!
//! ```text
//! z = (x − μ)/β,  t = e^{−z},  a = 1 − γ,  c = π²/6,  γ Euler's constant
//! score in (μ/β, ln β)       s = (1 − t,  z (1 − t) − 1)
//! its Fisher information     J = [[1, −a], [−a, c + a²]],  J⁻¹ = 1/c · [[c + a², a], [a, 1]]
//! step                       (μ/β, ln β) += ρ J⁻¹ s,   ρ = min(1/k, 1/√(sᵀ J⁻¹ s))
//! ```
//!
//! `J` is constant, so a step does not depend on the units of the maxima. In the metric of `J`, the length of a step is
//! at most 1. This limits the effect of an extreme maximum.
//!
//! The count `k` starts at 1. Two successive scores `s'` and `s` oppose each other if `sᵀ J⁻¹ s' < 0`. At the maximum
//! of the likelihood, this happens with probability `p`. The count grows by `1/p` whenever two scores oppose each
//! other, so that it grows on average by 1 per observation once the fit has converged. Before that, successive scores
//! point in the same direction: the count does not grow, and steps stay long.
//!
//! | | |
//! |---|---|
//! | needs | one block maximum at a time, for example the highest tide or the heaviest rain of each year |
//! | bias | of order `1/n` after `n` maxima; after a distant start, the ratio of `β` to the maximum-likelihood `β` is about `1 + 10/n` |
//! | variance | `J⁻¹/n`, the smallest possible: `1.109 β²/n` in `μ`, `0.608/n` in `ln β` |
//! | cost of a step | two exponentials, one square root and a few divisions; the fit stores six numbers |
//! | use it | if memory cannot hold all maxima, or if their distribution drifts ([`GumbelFit::following`]) |
//! | do not use it | if fewer than a hundred maxima are all in memory: maximise their likelihood instead. If the maxima have another distribution (Fréchet, Weibull) |
//!
//! Sources. Steps of `1/n` are Fisher efficient: S. Amari, *Natural gradient works efficiently in learning*, Neural
//! Computation 10, 1998. The rule for the count `k`: H. Kesten, *Accelerated stochastic approximation*, Annals of
//! Mathematical Statistics 29, 1958; B. Delyon and A. Juditsky, SIAM Journal on Optimization 3, 1993. The distribution
//! of maxima: R. A. Fisher and L. H. C. Tippett, 1928.

use crate::{
    arithmetic::lane::{Lane, Word},
    check,
    distributions::gumbel::Gumbel,
    error::Error,
    noise::{gumbel, uniform::Uniform},
    settings::learning::LearningRate,
};

/// The constant `a = 1 − γ`.
const A: f32 = 0.422_784_34;
/// The constant `√c = π/√6`.
const ROOT_C: f32 = 1.282_549_8;
/// The constant `1/p`. `p = 0.439828` is the probability that two scores oppose each other, computed by numerical
/// integration.
const PER_TURN: f32 = 2.273_613;
/// Bounds to which `z` is clamped in the score. At and beyond these bounds, a step has the greatest length.
const Z: (f32, f32) = (-20.0, 1e12);

/// The distribution fitted to the block maxima so far.
///
/// # Example
/// ```
/// use samplegrad_core::{Gumbel, gumbel_fit::{GumbelFit, ReturnPeriod}, stream};
///
/// let (tide, rng) = (Gumbel::new(3.9_f32, 0.2)?, &mut stream::xorshift(2026, 0));
/// let mut fit = GumbelFit::new(Gumbel::new(0.0, 1.0)?);       // any start will do
/// for _year in 0..1000 {
///     fit.observe(tide.sample(rng))?;
/// }
/// assert!((fit.law().location() - 3.9).abs() < 4.0 * fit.standard_errors().0);
/// let century = ReturnPeriod::new(100.0)?;
/// let (level, error) = (fit.law().return_level(century), fit.level_standard_error(century));
/// assert!((level - tide.return_level(century)).abs() < 4.0 * error && error < 0.05);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GumbelFit<L: Lane = f32> {
    law: Gumbel<L>,
    /// The count `k`, per lane.
    turns: L,
    /// The last score, in coordinates where `J⁻¹` is the identity.
    last: (L, L),
    count: u32,
    floor: f32,
}

impl<L: Lane> GumbelFit<L> {
    /// Creates a fit from any starting distribution. The start does not count as data. The closer the start, the sooner
    /// the fit converges.
    pub fn new(start: Gumbel<L>) -> Self {
        Self { law: start, turns: L::ONE, last: (L::ZERO, L::ZERO), count: 0, floor: 0.0 }
    }

    /// Creates a fit with steps `ρ` of at least `rate`. Such a fit follows a changing distribution. It is as precise as
    /// a fit to about the last `2/rate` maxima.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a rate above 1.
    pub fn following(start: Gumbel<L>, rate: LearningRate) -> Result<Self, Error> {
        let floor = rate.get();
        if floor > 1.0 {
            return Err(Error::OutOfRange { what: "learning rate", value: floor, requirement: "at most 1" });
        }
        Ok(Self { floor, ..Self::new(start) })
    }

    /// Updates the fit by one step for a block's maximum. Location and scale stay in the range of [`Gumbel::new`].
    ///
    /// # Errors
    /// [`Error::NotANumber`] or [`Error::Infinite`] if the maximum is not finite in some lane. The fit is then
    /// unchanged.
    pub fn observe(&mut self, maximum: L) -> Result<(), Error> {
        check::finite("maximum", &[maximum])?;
        let (location, scale) = (self.law.location(), self.law.scale());
        let z = ((maximum - location) / scale).max(L::splat(Z.0)).min(L::splat(Z.1));
        let slope = -(-z).exp() + 1.0;
        // J⁻¹ = Bᵀ B with B = [[1, 0], [a, 1]/√c]. `score` is B s.
        let score = (slope, (slope * A + (z * slope - 1.0)) / ROOT_C);
        let length = (score.0 * score.0 + score.1 * score.1).sqrt();
        let gain = self.turns.recip().max(L::splat(self.floor)).min(length.recip());

        let by_log_scale = score.1 / ROOT_C;
        let by_location = score.0 + by_log_scale * A;
        let location = location + scale * (gain * by_location);
        let scale = scale * (gain * by_log_scale).exp();
        let within = |x: L, low: f32, high: f32| x.max(L::splat(low)).min(L::splat(high));
        // This cannot fail, because location and scale are clamped to the ranges of `Gumbel::new`.
        if let Ok(law) = Gumbel::new(within(location, -1e6, 1e6), within(scale, 1e-6, 1e6)) {
            self.law = law;
        }
        let against = (score.0 * self.last.0 + score.1 * self.last.1).lt(L::ZERO);
        self.turns = self.turns + L::select(against, L::splat(PER_TURN), L::ZERO);
        self.last = score;
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    /// Returns the fitted distribution.
    #[inline]
    pub fn law(&self) -> Gumbel<L> {
        self.law
    }

    /// Returns the number of maxima so far.
    #[inline]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Returns the standard errors of `μ` and of `ln β` by the exact Fisher information: `β √((1 + a²/c)/n)` and
    /// `√(1/(c n))` after `n` maxima. In a fit created by [`GumbelFit::following`], `n` is at most `2/rate − 1`, the
    /// effective number of maxima. The standard errors are valid after the fit has converged. Convergence takes about
    /// ten maxima, or about a hundred if the start is wrong by orders of magnitude.
    pub fn standard_errors(&self) -> (L, L) {
        let root = self.root_of_count();
        // The constant 1.052… is √(1 + a²/c).
        (self.law.scale() * (1.052_931_6 / root), L::splat(1.0 / (ROOT_C * root)))
    }

    /// Returns the standard error of [`Gumbel::return_level`], `β √((1 + (a + y)²/c)/n)`. Here `y` is
    /// `(level − μ)/β`.
    pub fn level_standard_error(&self, period: ReturnPeriod) -> L {
        let y = (gumbel::quantile::<f32>(period.probability()) + A) / ROOT_C;
        self.law.scale() * (Lane::sqrt(y * y + 1.0) / self.root_of_count())
    }

    fn root_of_count(&self) -> f32 {
        let count = (self.count as f32).max(1.0);
        // If the fit does not follow a changing distribution, the floor is 0 and 2/0 is infinite. Then `min` returns
        // the count.
        Lane::sqrt(count.min(2.0 / self.floor - 1.0))
    }
}

/// A return period: the mean number of blocks until a level is exceeded once. It is above 1 and at most 10^9.
///
/// ```
/// use samplegrad_core::{Error, Gumbel, gumbel_fit::ReturnPeriod};
///
/// let century = ReturnPeriod::new(100.0)?;
/// let tide = Gumbel::new(3.9_f32, 0.2)?;
/// assert!((tide.survival(tide.return_level(century)) - 0.01).abs() < 1e-6);
/// assert!(matches!(ReturnPeriod::new(1.0), Err(Error::OutOfRange { what: "return period", .. })));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReturnPeriod(f32);

impl ReturnPeriod {
    /// Checks the number of blocks.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the number is above 1 and at most 10^9.
    pub const fn new(blocks: f32) -> Result<Self, Error> {
        if blocks > 1.0 && blocks <= 1e9 {
            Ok(Self(blocks))
        } else {
            Err(Error::OutOfRange {
                what: "return period",
                value: blocks,
                requirement: "above 1 and at most 1e9 blocks",
            })
        }
    }

    /// Returns the number of blocks.
    #[inline]
    pub const fn get(self) -> f32 {
        self.0
    }

    /// Returns `1 − 1/T`, the probability that a block stays below the level.
    fn probability<L: Lane>(self) -> Uniform<L> {
        // This cannot fail, because 1/T is within the unit interval.
        let exceeded = Uniform::new(L::splat(1.0 / self.0)).unwrap_or(Uniform::from_word(L::Word::splat(0)));
        exceeded.complement()
    }
}

impl<L: Lane> Gumbel<L> {
    /// Returns the level for the return period `T`: on average, the maximum of one block in `T` exceeds this level. It is
    /// the quantile at `1 − 1/T`, `μ − β ln(−ln(1 − 1/T))`. The result has full precision for every period.
    #[inline]
    pub fn return_level(self, period: ReturnPeriod) -> L {
        self.quantile(period.probability())
    }
}
