//! Actor–critic with eligibility traces: TD(λ) for the values, and the TD error for the policy.
//!
//! Source: R. S. Sutton and A. G. Barto, *Reinforcement Learning*, 2nd edition, 2018, section 13.5 (the episodic box,
//! and 13.6 with `γ = 1` and no end); A. G. Barto, R. S. Sutton and C. W. Anderson, IEEE SMC 13, 1983.

use crate::{
    arithmetic::lane::{Lane, Mask},
    limits,
    networks::parameters::{Parameters, value},
    noise::source::Source,
    optimizers::optimizer::Optimizer,
    policies::{
        eligibility::Eligibility,
        head::Head,
        linear_policy::{ChoiceOf, LinearPolicy},
        steering::{Ending, Steering, TraceDecay},
    },
    settings::{features::Features, reward::Reward},
};

/// A policy and a linear critic that learn from every step, in constant memory:
///
/// ```text
/// δ = r + γ v(x') − v(x)                      v(x') is 0 after a terminal end
/// y ← γλ_c y + ∇v(x)                          v moves along δ y
/// z ← γλ z + I ∇ ln π(a | x)                  π moves along δ z + I β ∇H
/// ```
///
/// `I` is the [weight of the step](crate::StepWeight). After an end, terminal or truncated, both traces restart at
/// zero. Only a terminal end sets the remaining return to zero. Values are kept within ±10^9.
///
/// `P` is the [head](Head), `A` and `C` are the optimizers of the actor and of the critic.
///
/// # Example
/// A corridor of two rooms; the reward requires moving forward in both.
/// ```
/// use samplegrad_core::{
///     ActionMask, ActorCritic, CategoricalPolicy, Ending, Features, LearningRate, Reward, Sgd, SoftmaxHead, Steering,
///     TraceDecay, stream,
/// };
///
/// let (mut rng, mask) = (stream::xorshift(2026, 0), ActionMask::all());
/// let sgd = Sgd::new(LearningRate::new(0.5)?);
/// let policy = CategoricalPolicy::<2, 2>::new(SoftmaxHead);
/// let mut learner = ActorCritic::new(policy, sgd, sgd, Steering::default(), TraceDecay::new(0.5)?);
/// let rooms = [Features::new([1.0, 0.0])?, Features::new([0.0, 1.0])?];
/// for _ in 0..200 {
///     for room in 0..2 {
///         let choice = learner.act(&rooms[room], &mask, &mut rng);
///         let (on, last) = (choice.action() == 1, room == 1);
///         let reward = Reward::new(if on && last { 1.0 } else { 0.0 })?;
///         learner.learn(&rooms[room], &choice, reward, &rooms[1], &Ending::new(!on || last, false));
///         if !on { break }
///     }
/// }
/// assert!(learner.value(&rooms[1]) > 0.9);
/// assert_eq!(learner.policy().greedy(&rooms[0], &mask), 1);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "P: serde::Serialize, A: serde::Serialize, C: serde::Serialize",
        deserialize = "P: serde::Deserialize<'de>, A: serde::Deserialize<'de>, C: serde::Deserialize<'de>"
    ))
)]
pub struct ActorCritic<P, A, C, const D: usize, const K: usize, const H: usize = 1, L: Lane = f32> {
    policy: LinearPolicy<P, D, K, H, L>,
    optimizer: A,
    eligibility: Eligibility<D, K, H, L>,
    critic: Parameters<D, 1, 1, L>,
    critic_optimizer: C,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::finite"))]
    critic_trace: Parameters<D, 1, 1, L>,
    critic_trace_decay: TraceDecay,
    steering: Steering,
}

impl<P, A, C, const D: usize, const K: usize, const H: usize, L> ActorCritic<P, A, C, D, K, H, L>
where
    P: Head<K, H, L>,
    A: Optimizer<D, K, H, L>,
    C: Optimizer<D, 1, 1, L>,
    L: Lane,
{
    /// Creates a learner at the start of an episode, with a critic that predicts 0.
    pub fn new(
        policy: LinearPolicy<P, D, K, H, L>,
        optimizer: A,
        critic_optimizer: C,
        steering: Steering,
        critic_trace_decay: TraceDecay,
    ) -> Self {
        Self {
            policy,
            optimizer,
            eligibility: Eligibility::new(),
            critic: Parameters::zero(),
            critic_optimizer,
            critic_trace: Parameters::zero(),
            critic_trace_decay,
            steering,
        }
    }

    /// Returns the policy.
    #[inline]
    pub fn policy(&self) -> &LinearPolicy<P, D, K, H, L> {
        &self.policy
    }

    /// Returns the parameters of the critic.
    #[inline]
    pub fn critic(&self) -> &Parameters<D, 1, 1, L> {
        &self.critic
    }

    /// Returns the optimizer of the policy, to change its rate.
    pub fn optimizer_mut(&mut self) -> &mut A {
        &mut self.optimizer
    }

    /// Returns the optimizer of the critic, to change its rate.
    pub fn critic_optimizer_mut(&mut self) -> &mut C {
        &mut self.critic_optimizer
    }

    /// Returns the eligibility trace of the policy.
    #[inline]
    pub fn trace(&self) -> &Parameters<D, K, H, L> {
        &self.eligibility.trace
    }

    /// Returns the eligibility trace of the critic.
    #[inline]
    pub fn critic_trace(&self) -> &Parameters<D, 1, 1, L> {
        &self.critic_trace
    }

    /// Returns the critic's estimate of the return.
    #[inline]
    pub fn value(&self, features: &Features<D, L>) -> L {
        value(&self.critic, features)
    }

    /// Draws an action, as [`LinearPolicy::act`] does.
    #[inline]
    pub fn act<S: Source<L> + ?Sized>(
        &self,
        features: &Features<D, L>,
        constraint: &P::Constraint,
        source: &mut S,
    ) -> ChoiceOf<P, K, H, L> {
        self.policy.act(features, constraint, source)
    }

    /// Learns from the reward of a choice and from the features after it, and returns the error `δ`. After a terminal
    /// end `next` is not read; after a truncated end it holds the last observed features.
    #[inline]
    pub fn learn(
        &mut self,
        features: &Features<D, L>,
        choice: &ChoiceOf<P, K, H, L>,
        reward: Reward<L>,
        next: &Features<D, L>,
        ending: &Ending<L>,
    ) -> L {
        let discount = self.steering.discount.get();
        let to_come = L::select(ending.is_terminal(), L::ZERO, self.value(next));
        let error = limits::of_return(reward.get() + to_come * discount - self.value(features));

        let decay = discount * self.steering.trace_decay.get();
        self.eligibility.remember(&self.policy, decay, features, &self.policy.score(choice));
        let (policy, optimizer) = (&mut self.policy, &mut self.optimizer);
        self.eligibility.ascend(policy, optimizer, &self.steering, (features, choice), error);

        self.critic_trace.fade(discount * self.critic_trace_decay.get());
        self.critic_trace.add_outer(features, &[[L::ONE]]);
        let mut gradient = Parameters::zero();
        gradient.add_scaled(error, &self.critic_trace);
        self.critic_optimizer.ascend(&mut self.critic, &gradient, L::Mask::splat(true));

        self.eligibility.advance(&self.steering, ending.ended());
        self.critic_trace.forget(ending.ended());
        error
    }
}
