//! Actor–critic with eligibility traces: TD(λ) for the values, and the TD error for the policy.
//!
//! Source: R. S. Sutton and A. G. Barto, *Reinforcement Learning*, 2nd edition, 2018, section 13.5 (the episodic box,
//! and 13.6 with `γ = 1` and no end); A. G. Barto, R. S. Sutton and C. W. Anderson, IEEE SMC 13, 1983.

use crate::{
    arithmetic::lane::{Lane, Mask},
    fixed_vec::format_where,
    networks::{
        block::Block,
        network::{Network, ValueFunction},
    },
    noise::source::Source,
    optimizers::optimizer::Optimizer,
    policies::{
        eligibility::Eligibility,
        policy::Policy,
        steering::{Ending, Steering, TraceDecay, td_error},
    },
    settings::reward::Reward,
    stored::in_place::{Finite, Kept},
};

/// A policy and a critic that learn from every step, in constant memory:
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
/// `P` is the [policy](Policy), `A` and `C` are the optimizers of the actor and of the critic.
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
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "P: serde::Serialize, A: serde::Serialize, C: serde::Serialize",
        deserialize = "P: serde::Deserialize<'de>, A: serde::Deserialize<'de>, C: serde::Deserialize<'de>"
    ))
)]
pub struct ActorCritic<P: Policy, A, C> {
    policy: P,
    optimizer: A,
    eligibility: Eligibility<P::Parameters>,
    critic: Kept<P::Critic>,
    critic_optimizer: C,
    critic_trace: Finite<P::Critic>,
    critic_trace_decay: TraceDecay,
    steering: Steering,
}

format_where!(
    ActorCritic<P: Policy, A, C> {
        policy, optimizer, eligibility, critic, critic_optimizer, critic_trace, critic_trace_decay, steering
    } where P, A, C, P::Parameters, P::Critic, P::Lane
);

impl<P, A, C> ActorCritic<P, A, C>
where
    P: Policy,
    A: Optimizer<P::Parameters>,
    C: Optimizer<P::Critic>,
{
    /// Creates a learner at the start of an episode, with a critic that predicts 0.
    pub fn new(
        policy: P,
        optimizer: A,
        critic_optimizer: C,
        steering: Steering,
        critic_trace_decay: TraceDecay,
    ) -> Self {
        Self {
            policy,
            optimizer,
            eligibility: Eligibility::new(),
            critic: Kept(P::Critic::ZERO),
            critic_optimizer,
            critic_trace: Finite(P::Critic::ZERO),
            critic_trace_decay,
            steering,
        }
    }

    /// Sets the policy and then the critic to sparse random numbers, in place. Networks with hidden layers learn only
    /// from such a start.
    pub fn initialise<S: Source<P::Lane> + ?Sized>(&mut self, source: &mut S) {
        self.policy.initialise(source);
        self.critic.initialise(source, |_| true);
    }

    /// Returns the policy.
    #[inline]
    pub fn policy(&self) -> &P {
        &self.policy
    }

    /// Returns the parameters of the critic.
    #[inline]
    pub fn critic(&self) -> &P::Critic {
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
    pub fn trace(&self) -> &P::Parameters {
        &self.eligibility.trace
    }

    /// Returns the eligibility trace of the critic.
    #[inline]
    pub fn critic_trace(&self) -> &P::Critic {
        &self.critic_trace
    }

    /// Returns the critic's estimate of the return.
    #[inline]
    pub fn value(&self, input: &P::Input) -> P::Lane {
        self.critic.value(input)
    }

    /// Draws an action, as [`Policy::act`] does.
    #[inline]
    pub fn act<S: Source<P::Lane> + ?Sized>(
        &self,
        input: &P::Input,
        constraint: &P::Constraint,
        source: &mut S,
    ) -> P::Choice {
        self.policy.act(input, constraint, source)
    }

    /// Learns from the reward of a choice and from the features after it, and returns the error `δ`. After a terminal
    /// end `next` is not read; after a truncated end it holds the last observed features.
    #[inline]
    pub fn learn(
        &mut self,
        input: &P::Input,
        choice: &P::Choice,
        reward: Reward<P::Lane>,
        next: &P::Input,
        ending: &Ending<P::Lane>,
    ) -> P::Lane {
        let discount = self.steering.discount.get();
        let error = td_error(reward.get(), self.steering.discount, self.value(next), ending, self.value(input));

        let decay = discount * self.steering.trace_decay.get();
        self.eligibility.remember(&self.policy, decay, (input, choice), &self.policy.score(choice));
        let (policy, optimizer) = (&mut self.policy, &mut self.optimizer);
        self.eligibility.ascend(policy, optimizer, &self.steering, (input, choice), error);

        self.critic_trace.fade(discount * self.critic_trace_decay.get());
        self.critic.add_value_gradient(input, P::Lane::ONE, &mut self.critic_trace);
        let mut gradient = P::Critic::ZERO;
        gradient.add_scaled(error, &self.critic_trace);
        self.critic_optimizer.ascend(&mut self.critic, &gradient, <P::Lane as Lane>::Mask::splat(true));

        self.eligibility.advance(&self.steering, ending.ended());
        self.critic_trace.forget(ending.ended());
        error
    }
}
