//! Baselines of episodes, subtracted from returns.

use crate::{
    arithmetic::lane::{Lane, Mask},
    estimators::baselines::constant::Constant,
    limits,
    networks::{block::Block, dense::Dense, network::ValueFunction},
    optimizers::optimizer::Optimizer,
    policies::steering::Discount,
    settings::{features::Features, learning::Decay, reward::Reward},
};

/// A baseline of the return of a step. It does not change within an episode, so that the estimate stays unbiased.
///
/// ```
/// use samplegrad_core::{Discount, ReturnBaseline, Reward};
///
/// /// The number of steps of the last episode.
/// struct LastLength { last: f32, steps: f32 }
///
/// impl<X> ReturnBaseline<X> for LastLength {
///     fn value(&self, _: &X) -> f32 {
///         self.last
///     }
///     fn observe(&mut self, _: &X, _: Reward, _: Discount) {
///         self.steps += 1.0;
///     }
///     fn end(&mut self, _: bool) {
///         (self.last, self.steps) = (self.steps, 0.0);
///     }
/// }
/// ```
pub trait ReturnBaseline<X: ?Sized, L: Lane = f32> {
    /// Returns the baseline of a step, finite and at most 10^9 in magnitude.
    fn value(&self, input: &X) -> L;
    /// Adds a step of the episode.
    fn observe(&mut self, input: &X, reward: Reward<L>, discount: Discount);
    /// Learns in the lanes where the episode ended; the other lanes do not change.
    fn end(&mut self, ended: L::Mask);
}

impl<X: ?Sized, L: Lane> ReturnBaseline<X, L> for Constant<L> {
    #[inline]
    fn value(&self, _: &X) -> L {
        self.get()
    }
    #[inline]
    fn observe(&mut self, _: &X, _: Reward<L>, _: Discount) {}
    #[inline]
    fn end(&mut self, _: L::Mask) {}
}

/// A moving average of the returns of whole episodes, updated after each: `b ← ρ b + (1 − ρ) G_0`.
///
/// ```
/// use samplegrad_core::{AverageReturn, Decay, Discount, Features, ReturnBaseline, Reward};
///
/// let mut average = AverageReturn::<f32>::new(Decay::new(0.5)?);
/// let x = Features::new([0.0])?;
/// average.observe(&x, Reward::new(1.0)?, Discount::new(0.5)?);
/// average.observe(&x, Reward::new(4.0)?, Discount::new(0.5)?);
/// ReturnBaseline::<Features<1>>::end(&mut average, true);
/// assert_eq!(average.value(&x), 1.5);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct AverageReturn<L: Lane = f32> {
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::returns"))]
    average: L,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::settings::learning::stored_decay"))]
    decay: f32,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::returns"))]
    so_far: L,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::share"))]
    weight: L,
}

impl<L: Lane> AverageReturn<L> {
    /// Creates an average that starts at 0.
    pub fn new(decay: Decay) -> Self {
        Self { average: L::ZERO, decay: decay.get(), so_far: L::ZERO, weight: L::ONE }
    }
}

impl<X: ?Sized, L: Lane> ReturnBaseline<X, L> for AverageReturn<L> {
    #[inline]
    fn value(&self, _: &X) -> L {
        self.average
    }
    #[inline]
    fn observe(&mut self, _: &X, reward: Reward<L>, discount: Discount) {
        self.so_far = limits::of_return(self.so_far + self.weight * reward.get());
        self.weight = self.weight * discount.get();
    }
    #[inline]
    fn end(&mut self, ended: L::Mask) {
        let next = self.average * self.decay + self.so_far * (1.0 - self.decay);
        self.average = L::select(ended, limits::of_return(next), self.average);
        self.so_far = L::select(ended, L::ZERO, self.so_far);
        self.weight = L::select(ended, L::ONE, self.weight);
    }
}

/// A linear critic `v(x)` that learns returns at the end of each episode, along `Σ_t (G_t − v(x_t)) ∇v(x_t)`. The sum
/// is computed in constant memory as the policy's gradient is, with a trace of the features in place of the scores.
///
/// Source: R. S. Sutton and A. G. Barto, *Reinforcement Learning*, 2nd edition, 2018, section 13.4.
///
/// ```
/// use samplegrad_core::{Discount, Features, LearningRate, ReturnBaseline, ReturnCritic, Reward, Sgd};
///
/// let mut critic = ReturnCritic::<Sgd, 1>::new(Sgd::new(LearningRate::new(0.25)?));
/// let x = Features::new([1.0])?;
/// critic.observe(&x, Reward::new(2.0)?, Discount::new(1.0)?);
/// critic.end(true);
/// assert_eq!(critic.value(&x), 1.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(serialize = "O: serde::Serialize", deserialize = "O: serde::Deserialize<'de>"))
)]
pub struct ReturnCritic<O, const D: usize, L: Lane = f32> {
    critic: Dense<D, 1, 1, L>,
    optimizer: O,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::finite"))]
    trace: Dense<D, 1, 1, L>,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::finite"))]
    gradient: Dense<D, 1, 1, L>,
}

impl<O, const D: usize, L: Lane> ReturnCritic<O, D, L> {
    /// Creates a critic that predicts 0.
    pub fn new(optimizer: O) -> Self {
        let zero = Dense::zero();
        Self { critic: zero, optimizer, trace: zero, gradient: zero }
    }

    /// Returns the parameters.
    pub fn parameters(&self) -> &Dense<D, 1, 1, L> {
        &self.critic
    }

    /// Returns the optimizer, to change its rate.
    pub fn optimizer_mut(&mut self) -> &mut O {
        &mut self.optimizer
    }
}

impl<O, const D: usize, L: Lane> ReturnBaseline<Features<D, L>, L> for ReturnCritic<O, D, L>
where
    O: Optimizer<Dense<D, 1, 1, L>>,
{
    #[inline]
    fn value(&self, features: &Features<D, L>) -> L {
        self.critic.value(features)
    }
    #[inline]
    fn observe(&mut self, features: &Features<D, L>, reward: Reward<L>, discount: Discount) {
        self.trace.fade(discount.get());
        self.trace.add_outer(features, &[[L::ONE]]);
        self.gradient.add_scaled(reward.get(), &self.trace);
        let value = self.critic.value(features);
        self.gradient.add_outer(features, &[[-value]]);
    }
    #[inline]
    fn end(&mut self, ended: L::Mask) {
        if ended.any() {
            self.optimizer.ascend(&mut self.critic, &self.gradient, ended);
            self.trace.forget(ended);
            self.gradient.forget(ended);
        }
    }
}
