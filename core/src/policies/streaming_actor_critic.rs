//! Streaming actor–critic: a network policy and a network critic that learn from every step.
//!
//! Source: M. Elsayed, G. Vasan and A. R. Mahmood, *Streaming deep reinforcement learning finally works*, 2024,
//! algorithm 8, Stream AC(λ).

use crate::{
    arithmetic::lane::Lane,
    fixed_vec::format_where,
    networks::{
        block::Block,
        network::{Network, ValueFunction},
    },
    noise::source::Source,
    optimizers::obgd::ObGd,
    policies::{
        policy::Policy,
        running_statistics::{RewardScale, Standardizer},
        steering::{Discount, Ending, TraceDecay, td_error},
    },
    settings::{
        learning::{EntropyBonus, LearningRate, Overshoot},
        memory::Memory,
        reward::Reward,
    },
    stored::in_place::{Finite, Kept},
};

/// The settings of a [`StreamingActorCritic`].
///
/// The default settings need no tuning: one set of them learns pendulum swing-up, mountain car, cart-pole and acrobot.
///
/// ```
/// use samplegrad_core::{EntropyBonus, StreamingSettings};
///
/// let settings = StreamingSettings { entropy_bonus: EntropyBonus::new(0.2)?, ..StreamingSettings::default() };
/// assert_eq!(settings.discount.get(), 0.99);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StreamingSettings {
    /// The discount `γ`; 0.99.
    pub discount: Discount,
    /// The decay `λ` of both traces; 0.8.
    pub trace_decay: TraceDecay,
    /// The weight `β` of the entropy; 0.01.
    pub entropy_bonus: EntropyBonus,
    /// The steps of the policy; rate 1, `κ` = 3.
    pub actor: ObGd,
    /// The steps of the critic; rate 1, `κ` = 2.
    pub critic: ObGd,
    /// The memory of the statistics of observations and rewards; the largest.
    pub memory: Memory,
}

impl StreamingSettings {
    /// The default settings, as a constant.
    pub const DEFAULT: Self = Self {
        discount: Discount::trusted(0.99),
        trace_decay: TraceDecay::trusted(0.8),
        entropy_bonus: EntropyBonus::trusted(0.01),
        actor: ObGd::new(LearningRate::trusted(1.0), Overshoot::trusted(3.0)),
        critic: ObGd::new(LearningRate::trusted(1.0), Overshoot::trusted(2.0)),
        memory: Memory::WHOLE,
    };
}

impl Default for StreamingSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A policy and a critic that learn from every step, in constant memory, with steps of bounded length:
///
/// ```text
/// δ = r̃ + γ v(x') − v(x)                            v(x') is 0 after a terminal end
/// y ← γλ y + ∇v(x)                                  v moves along δ y
/// z ← γλ z + ∇ ln π(a | x) + β sign(δ) ∇H           π moves along δ z
/// ```
///
/// Both move by [`ObGd`]. `x` are [normalised](Standardizer) observations and `r̃` [scaled](RewardScale) rewards; both
/// statistics belong to the learner. After an end, terminal or truncated, both traces restart at zero. Values are kept
/// within ±10^9. `sign(0)` counts as 1.
///
/// `P` is the [policy](Policy). The critic has the hidden layers of the policy's network and one output.
///
/// # Example
/// A learner in a `static`, made in place. The reward requires that the action follows the sign of the input.
/// ```
/// use samplegrad_core::{
///     ActionMask, Dense, Ending, Features, Hidden, NetworkPolicy, Reward, SoftmaxHead, StreamingActorCritic,
///     StreamingSettings, stream,
/// };
///
/// type Policy = NetworkPolicy<SoftmaxHead, Hidden<Dense<1, 8>, Dense<8, 2>>>;
/// type Learner = StreamingActorCritic<Policy>;
///
/// let mut learner = const { Learner::new(NetworkPolicy::new(SoftmaxHead), StreamingSettings::DEFAULT) };
/// let (mut rng, mask) = (stream::xorshift(2026, 0), ActionMask::all());
/// learner.initialise(&mut rng);
/// let inputs = [Features::new([-1.0])?, Features::new([1.0])?];
/// let mut earned = 0.0;
/// for step in 0..4000 {
///     let input = step % 2;
///     let x = learner.observe(&inputs[input], true);
///     let choice = learner.act(&x, &mask, &mut rng);
///     let reward = if choice.action() as usize == input { 1.0 } else { 0.0 };
///     learner.learn(&x, &choice, Reward::new(reward)?, &x, &Ending::terminal());
///     earned += if step < 3000 { 0.0 } else { reward };
/// }
/// assert!(earned > 900.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(serialize = "P: serde::Serialize", deserialize = "P: serde::Deserialize<'de>"))
)]
pub struct StreamingActorCritic<P: Policy> {
    policy: P,
    critic: Kept<P::Critic>,
    trace: Finite<P::Parameters>,
    critic_trace: Finite<P::Critic>,
    observations: Standardizer<P::Input>,
    rewards: RewardScale<P::Lane>,
    settings: StreamingSettings,
}

format_where!(
    StreamingActorCritic<P: Policy> { policy, critic, trace, critic_trace, observations, rewards, settings }
    where P, P::Critic, P::Parameters, Standardizer<P::Input>, P::Lane
);

impl<P: Policy> StreamingActorCritic<P> {
    /// Creates a learner at the start of an episode, with a critic of zeros. A network with hidden layers learns only
    /// after [`StreamingActorCritic::initialise`].
    pub const fn new(policy: P, settings: StreamingSettings) -> Self {
        Self {
            policy,
            critic: Kept(P::Critic::ZERO),
            trace: Finite(P::Parameters::ZERO),
            critic_trace: Finite(P::Critic::ZERO),
            observations: Standardizer::new(settings.memory),
            rewards: RewardScale::new(settings.memory),
            settings,
        }
    }

    /// Sets the policy and then the critic to sparse random numbers, in place.
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

    /// Returns the statistics of the observations.
    #[inline]
    pub fn observations(&self) -> &Standardizer<P::Input> {
        &self.observations
    }

    /// Returns the statistics of the rewards.
    #[inline]
    pub fn rewards(&self) -> &RewardScale<P::Lane> {
        &self.rewards
    }

    /// Returns the settings, to change them.
    pub fn settings_mut(&mut self) -> &mut StreamingSettings {
        &mut self.settings
    }

    /// Updates the statistics with an observation in the lanes where the mask holds, and returns the normalised
    /// observation. Each observation of an episode is observed once, the first and the last included.
    #[inline]
    pub fn observe(&mut self, observation: &P::Input, lanes: <P::Lane as Lane>::Mask) -> P::Input {
        self.observations.normalize(observation, lanes)
    }

    /// Returns the critic's estimate of the return of scaled rewards, for a normalised observation.
    #[inline]
    pub fn value(&self, input: &P::Input) -> P::Lane {
        self.critic.value(input)
    }

    /// Draws an action for a normalised observation, as [`Policy::act`] does.
    #[inline]
    pub fn act<S: Source<P::Lane> + ?Sized>(
        &self,
        input: &P::Input,
        constraint: &P::Constraint,
        source: &mut S,
    ) -> P::Choice {
        self.policy.act(input, constraint, source)
    }

    /// Learns from the reward of a choice and from the normalised observation after it, and returns the error `δ`.
    /// After a terminal end `next` does not matter; after a truncated end it is the last observation of the episode.
    #[inline]
    pub fn learn(
        &mut self,
        input: &P::Input,
        choice: &P::Choice,
        reward: Reward<P::Lane>,
        next: &P::Input,
        ending: &Ending<P::Lane>,
    ) -> P::Lane {
        let discount = self.settings.discount;
        let reward = self.rewards.scale(reward, discount, ending);
        let decay = discount.get() * self.settings.trace_decay.get();
        let value = self.remember_value(input, decay);
        let error = td_error(reward, discount, self.critic.value(next), ending, value);

        let bonus = P::Lane::splat(self.settings.entropy_bonus.get());
        self.remember_choice(input, choice, P::Lane::select(error.lt(P::Lane::ZERO), -bonus, bonus), decay);
        self.settings.actor.step(self.policy.parameters_mut(), &mut *self.trace, error);
        self.settings.critic.step(&mut *self.critic, &mut *self.critic_trace, error);

        self.trace.forget(ending.ended());
        self.critic_trace.forget(ending.ended());
        error
    }
    // On a device, the two functions below are not inlined: their tapes then share the stack.

    /// Adds the gradient of the value to the critic's trace, and returns the value.
    #[cfg_attr(target_os = "none", inline(never))]
    #[cfg_attr(not(target_os = "none"), inline)]
    fn remember_value(&mut self, input: &P::Input, decay: f32) -> P::Lane {
        let mut tape = <P::Critic as Network>::BLANK;
        let value = self.critic.value_on_tape(input, &mut tape);
        let one = [[P::Lane::ONE]];
        self.critic.0.add_vjp(input, &tape, (&one, |_| true), decay, &mut self.critic_trace);
        value
    }

    /// Adds the score of a choice, with the gradient of its entropy, to the policy's trace.
    #[cfg_attr(target_os = "none", inline(never))]
    #[cfg_attr(not(target_os = "none"), inline)]
    fn remember_choice(&mut self, input: &P::Input, choice: &P::Choice, bonus: P::Lane, decay: f32) {
        let cotangent = self.policy.score_with_entropy(choice, bonus);
        self.policy.add_vjp(input, choice, &cotangent, decay, &mut self.trace);
    }
}
