//! Baselines and control variates: numbers subtracted from a cost or a reward to reduce the variance of its gradient.
//!
//! One trait, [`Baseline`], serves estimators and policies. An estimator of any variables takes a number,
//! [`MovingAverage`](crate::MovingAverage), [`OptimalBaseline`](crate::OptimalBaseline),
//! [`OptimalBaselines`](crate::optimal_baseline::OptimalBaselines) per coordinate, or [`Critic`](crate::Critic). A
//! policy that learns online takes all of these except [`Critic`](crate::Critic). It also takes baselines that use the
//! [`Step`]: [`LinearCritic`](crate::LinearCritic) uses the features of the step, and
//! [`ActionModel`](crate::ActionModel) uses the features and the action. For several samples of one distribution there
//! are functions on slices, [`leave_one_out::advantages`](crate::leave_one_out::advantages) and
//! [`self_critical::advantages`](crate::self_critical::advantages).

use crate::{arithmetic::lane::Lane, distributions::categorical::Categorical, settings::features::Features};

/// A baseline or control variate: it turns the score of one sample into an estimate of the gradient, and learns.
///
/// `X` is the context: the data of the step that the baseline may use. It is `()` in an estimator and a [`Step`] in a
/// policy. Most baselines need no context and accept any type.
///
/// ```
/// use samplegrad_core::{Bernoullis, baseline::Baseline, estimator::Estimator, score_function::ScoreFunction, stream};
///
/// /// The last cost as the baseline, for estimators and policies.
/// struct Last(f32);
///
/// impl<X: ?Sized> Baseline<f32, X> for Last {
///     fn centre(&mut self, _: &X, value: f32, score: &mut [f32]) {
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
pub trait Baseline<L: Lane = f32, X: ?Sized = ()> {
    /// Replaces the score `s` by the estimate, such as `(f − b) s`, then learns from value and score. This order is
    /// required: a baseline that has already learned from the value makes the estimate biased.
    fn centre(&mut self, context: &X, value: L, score: &mut [L]);
}

/// One step of an online policy: the context of the policy's baseline. `D` is the number of features, `K` the number of
/// actions.
///
/// ```
/// use samplegrad_core::{Categorical, Features, LearningRate, LinearCritic, Logits, baseline::{Baseline, Step}};
///
/// let (features, policy) = (Features::new([2.0])?, Categorical::new(&Logits::<2>::new(&[0.0, 0.0])?));
/// let mut critic = LinearCritic::new(LearningRate::new(0.5)?);
/// let mut score = [-0.5, 0.5];
/// critic.centre(&Step { features: &features, policy: &policy, action: 1 }, 3.0, &mut score);
/// assert_eq!((score, critic.weights()), ([-1.5, 1.5], &[3.0]));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Step<'a, const D: usize, const K: usize, L: Lane = f32> {
    /// The input of the policy.
    pub features: &'a Features<D, L>,
    /// The distribution of actions.
    pub policy: &'a Categorical<K, L>,
    /// The action taken.
    pub action: L::Word,
}

/// The trait of baselines for a policy with `D` features and `K` actions. It is a short name for a trait bound: every
/// [`Baseline`] that accepts a [`Step`] implements it.
///
/// ```
/// use samplegrad_core::{Decay, MovingAverage, baseline::ControlVariate};
///
/// fn serves_any_policy<const D: usize, const K: usize>(_: impl ControlVariate<D, K>) {}
/// serves_any_policy::<4, 3>(MovingAverage::new(Decay::new(0.9)?));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait ControlVariate<const D: usize, const K: usize, L: Lane = f32>:
    for<'a> Baseline<L, Step<'a, D, K, L>>
{
}

impl<const D: usize, const K: usize, L, B> ControlVariate<D, K, L> for B
where
    L: Lane,
    B: for<'a> Baseline<L, Step<'a, D, K, L>>,
{
}

/// A constant baseline, which does not learn.
impl<L: Lane, X: ?Sized> Baseline<L, X> for L {
    #[inline]
    fn centre(&mut self, _: &X, value: L, score: &mut [L]) {
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
