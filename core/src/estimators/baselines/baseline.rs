//! Baselines and control variates: numbers taken from a cost or a reward so that its gradient varies less.
//!
//! Estimators of any variables take a [`Baseline`]: a number, [`MovingAverage`](crate::MovingAverage),
//! [`OptimalBaseline`](crate::OptimalBaseline), its kind per coordinate, or [`Critic`](crate::Critic). A policy that learns
//! online takes a [`ControlVariate`]: [`Constant`](crate::Constant), [`MovingAverage`](crate::MovingAverage),
//! [`LinearCritic`](crate::LinearCritic), or [`ActionModel`](crate::ActionModel). Either takes yours. For several samples of
//! one distribution there are functions on slices, [`leave_one_out::advantages`](crate::leave_one_out::advantages) and
//! [`self_critical::advantages`](crate::self_critical::advantages).

use crate::{
    arithmetic::lane::Lane,
    distributions::categorical::{self, Categorical},
    settings::features::Features,
};

/// What turns one action and its reward into an estimate of `∇_l E[r]`, and learns from it.
///
/// `D` features, `K` actions.
///
/// ```
/// use samplegrad_core::{Categorical, Features, baseline::ControlVariate, categorical};
///
/// /// Half of the last reward.
/// struct HalfOfTheLast(f32);
///
/// impl<const D: usize, const K: usize> ControlVariate<D, K> for HalfOfTheLast {
///     fn learn(&mut self, _: &Features<D>, p: &Categorical<K>, action: u32, reward: f32, gradient: &mut [f32; K]) {
///         categorical::score(p.probabilities(), action, reward - self.0, gradient);
///         self.0 = 0.5 * reward;
///     }
/// }
/// ```
pub trait ControlVariate<const D: usize, const K: usize, L: Lane = f32> {
    /// Writes the estimate of the gradient in the logits, then learns from the reward. In this order: what is compared
    /// with a reward must not have seen it, or the estimate is biased.
    fn learn(
        &mut self,
        features: &Features<D, L>,
        policy: &Categorical<K, L>,
        action: L::Word,
        reward: L,
        gradient: &mut [L; K],
    );
}

/// What turns the cost of one sample and the score there into an estimate of the gradient, for any variables, and learns
/// from them.
///
/// ```
/// use samplegrad_core::{Bernoullis, baseline::Baseline, estimator::Estimator, score_function::ScoreFunction, stream};
///
/// /// The last cost.
/// struct Last(f32);
///
/// impl Baseline for Last {
///     fn centre(&mut self, value: f32, score: &mut [f32]) {
///         score.iter_mut().for_each(|s| *s *= value - self.0);
///         self.0 = value;
///     }
/// }
///
/// let b = Bernoullis::<1>::new(&[0.0])?;
/// let mut estimator = ScoreFunction { baseline: Last(0.0) };
/// let estimate = estimator.estimate(&b, &mut |b: &[f32]| 1.0 + b[0], &mut stream::xorshift(2026, 0)).unwrap();
/// assert_eq!(estimator.baseline.0, estimate.mean);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Baseline<L: Lane = f32> {
    /// Turns the score `s` into the estimate `(f − b) s`, then learns from both. In this order: what is compared with a value
    /// must not have seen it, or the estimate is biased.
    fn centre(&mut self, value: L, score: &mut [L]);
}

/// A constant is a baseline that learns nothing.
impl<L: Lane> Baseline<L> for L {
    #[inline]
    fn centre(&mut self, value: L, score: &mut [L]) {
        scale(score, value - *self);
    }
}

/// Multiplies the score by an advantage.
#[inline]
pub(crate) fn scale<L: Lane>(score: &mut [L], advantage: L) {
    for s in score {
        *s = advantage * *s;
    }
}

/// `(r − b)(onehot(a) − p)`.
#[inline]
pub(crate) fn centred<const K: usize, L: Lane>(
    policy: &Categorical<K, L>,
    action: L::Word,
    advantage: L,
    gradient: &mut [L; K],
) {
    categorical::score(policy.probabilities(), action, advantage, gradient);
}
