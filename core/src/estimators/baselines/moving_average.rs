//! Baseline of the score-function estimator: the moving average of earlier costs. This baseline needs no additional
//! calls of `f`. It removes the common offset of the costs.
//!
//! ```text
//! g = (f(x) − b) ∇ ln p(x),   then   b ← ρ b + (1 − ρ) f(x)
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | a value at one sample |
//! | bias | none: the baseline of a step contains earlier costs only |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, after many steps with ρ = 0.9: 3.289474e-5 at logit 0 and 6.147917e-4 at logit 2; with ρ = 0.99: 3.140704e-6 at logit 0 and 6.095437e-4 at logit 2 |
//! | cost | one call of `f` and one sample per step; the average is one stored number |
//! | use it | as the first baseline to try with one sample per step |
//! | avoid it | if costs depend on the input (use [`linear_critic`](crate::linear_critic)), or if costs change within fewer than `1/(1 − ρ)` steps |
//!
//! After many steps, the variance is the sum of two terms: the variance with the constant baseline `b = E[f]`, and the
//! term `E[s²] Var[f] (1 − ρ)/(1 + ρ)`, which the noise of the average adds.
//!
//! Source: R. J. Williams, *Simple statistical gradient-following algorithms for connectionist reinforcement learning*,
//! Machine Learning 8, 1992 (reinforcement comparison, after R. S. Sutton, 1984).
//!
//! ```
//! use samplegrad_core::{
//!     Bernoullis, Decay, MovingAverage, estimator::Estimator, score_function::ScoreFunction, stream,
//! };
//!
//! let b = Bernoullis::<2>::new(&[0.0, 1.0])?;
//! let mut estimator = ScoreFunction { baseline: MovingAverage::new(Decay::new(0.5)?) };
//! let estimate = estimator.estimate(&b, &mut |b: &[f32]| 1.0 + b[0], &mut stream::xorshift(2026, 0)).unwrap();
//! assert_eq!(estimator.baseline.get(), 0.5 * estimate.mean);
//! # Ok::<(), samplegrad_core::Error>(())
//! ```

use crate::{
    arithmetic::lane::Lane,
    estimators::baselines::baseline::{Baseline, scale},
    limits,
    settings::{learning::Decay, reward::Reward},
};

/// An exponential moving average of the rewards, updated after each reward: `b ← ρ b + (1 − ρ) r`.
///
/// ```
/// use samplegrad_core::{Decay, Reward, MovingAverage};
///
/// let mut average = MovingAverage::<f32>::new(Decay::new(0.5)?);
/// average.observe(Reward::new(1.0)?);
/// assert_eq!(average.get(), 0.5);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct MovingAverage<L: Lane = f32> {
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::learned"))]
    average: L,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::settings::learning::stored_decay"))]
    decay: f32,
}

impl<L: Lane> MovingAverage<L> {
    /// Creates an average that starts at 0.
    pub fn new(decay: Decay) -> Self {
        Self { average: L::ZERO, decay: decay.get() }
    }

    /// Creates an average that starts at `start`.
    pub fn starting_at(start: Reward<L>, decay: Decay) -> Self {
        Self { average: start.get(), decay: decay.get() }
    }

    /// Returns the average so far.
    #[inline]
    pub fn get(&self) -> L {
        self.average
    }

    /// Adds a reward to the average.
    #[inline]
    pub fn observe(&mut self, reward: Reward<L>) {
        self.take(reward.get());
    }

    #[inline]
    pub(crate) fn take(&mut self, reward: L) {
        self.average = self.average * self.decay + reward * (1.0 - self.decay);
    }
}

/// The average clamps every cost to a magnitude of at most 10^30.
impl<L: Lane, X: ?Sized> Baseline<L, X> for MovingAverage<L> {
    #[inline]
    fn centre(&mut self, _: &X, value: L, score: &mut [L]) {
        scale(score, value - self.get());
        self.take(limits::learned(value));
    }
}
