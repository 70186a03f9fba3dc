//! Proximal policy optimization (PPO): several passes over a rollout of fixed length. A step of the rollout has no gradient
//! once the probability of its action has moved by more than a factor.
//!
//! ```text
//! δ_t = r_t + γ v(x_{t+1}) − v(x_t),   A_t = δ_t + γλ A_{t+1}              A is 0 after the end of an episode
//! ρ_t = π(a_t | x_t) / π_then(a_t | x_t)
//! π ascends the mean of min(ρ_t Â_t, clip(ρ_t, 1 − ε, 1 + ε) Â_t) + β H_t  Â is A with mean 0 and deviation 1
//! v descends the mean of ½ (A_t + v_then(x_t) − v(x_t))²
//! ```
//!
//! | | |
//! |---|---|
//! | memory | `STEPS` times the input, the constraint, the action with its distribution, and three numbers |
//! | cost | a step: two values of the critic; an update: `epochs · STEPS` forward and backward passes of both networks |
//! | use it | with tens of kilobytes for a rollout, and time for an update between two steps |
//! | avoid it | in the smallest memories: the [streaming actor–critic](crate::StreamingActorCritic) keeps no rollout |
//!
//! Sources: J. Schulman, F. Wolski, P. Dhariwal, A. Radford and O. Klimov, *Proximal policy optimization algorithms*,
//! 2017, equations 7 and 12; J. Schulman, P. Moritz, S. Levine, M. Jordan and P. Abbeel, *High-dimensional continuous
//! control using generalized advantage estimation*, ICLR 2016, equation 16.

use heapless::Vec;

use crate::{
    arithmetic::lane::{Lane, Mask},
    error::Error,
    limits,
    networks::{
        block::Block,
        network::{Network, ValueFunction},
    },
    noise::source::Source,
    optimizers::optimizer::Optimizer,
    policies::{
        policy::Policy,
        steering::{Ending, Steering, td_error},
    },
    settings::{checked::parameter, reward::Reward},
    stored::in_place::Kept,
};

parameter! {
    /// The clip range `ε`. A step of a rollout no longer raises the probability of its action above `1 + ε` times the
    /// probability at the draw, and no longer lowers it below `1 − ε` times.
    ///
    /// ```
    /// use samplegrad_core::ClipRange;
    ///
    /// assert_eq!(ClipRange::new(0.2)?.get(), 0.2);
    /// assert!(ClipRange::new(0.0).is_err());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    ClipRange, "clip range", "above 0 and below 1", |x| x > 0.0 && x < 1.0
}

/// The passes of an update over a rollout.
///
/// ```
/// use samplegrad_core::{ClipRange, Passes};
///
/// let passes = Passes::new(ClipRange::new(0.2)?, 4, 8)?;       // 4 epochs of 8 minibatches
/// assert!(Passes::new(ClipRange::new(0.2)?, 0, 8).is_err());
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "StoredPasses"))]
pub struct Passes {
    clip: ClipRange,
    epochs: u16,
    minibatches: u16,
}

/// The fields of [`Passes`] before they are checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct StoredPasses {
    clip: ClipRange,
    epochs: u16,
    minibatches: u16,
}

#[cfg(feature = "serde")]
impl TryFrom<StoredPasses> for Passes {
    type Error = Error;

    fn try_from(StoredPasses { clip, epochs, minibatches }: StoredPasses) -> Result<Self, Error> {
        Self::new(clip, epochs, minibatches)
    }
}

impl Passes {
    /// Creates the setting from the clip range, the number of passes over the rollout, and the number of gradient steps
    /// in each pass.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for no epoch or no minibatch.
    pub const fn new(clip: ClipRange, epochs: u16, minibatches: u16) -> Result<Self, Error> {
        let requirement = "at least 1";
        if epochs == 0 {
            return Err(Error::OutOfRange { what: "epochs", value: 0.0, requirement });
        }
        if minibatches == 0 {
            return Err(Error::OutOfRange { what: "minibatches", value: 0.0, requirement });
        }
        Ok(Self { clip, epochs, minibatches })
    }
}

/// A step of a rollout.
#[derive(Clone)]
struct Step<P: Policy> {
    input: P::Input,
    constraint: P::Constraint,
    drawn: P::Drawn,
    /// `δ`, later the advantage.
    advantage: P::Lane,
    /// `v(x)` at the time of the step, later the return that the critic learns.
    value: P::Lane,
    /// 1 if the episode goes on after the step, otherwise 0.
    goes_on: P::Lane,
}

/// The largest magnitude of the logarithm of `ρ`.
const LARGEST_LOG_RATIO: f32 = 20.0;
/// The smallest deviation by which advantages are divided.
const SMALLEST_DEVIATION: f32 = 1e-8;

/// A policy and a critic that learn by PPO from rollouts of `STEPS` steps, which may contain several episodes.
///
/// `P` is the [policy](Policy), `A` and `C` are the optimizers of the actor and of the critic. Minibatch `j` of `M` has
/// the steps `j`, `j + M`, `j + 2M` and so on: the order is fixed, so that a lane learns as a device does. Sums run from
/// the first step to the last. Of the [settings](Steering), the trace decay is `λ`, and the largest norm applies to the
/// gradient of the actor and to that of the critic; the weight of a step is not used. The advantages of a rollout are
/// divided by their deviation, or by 10^−8 if it is smaller.
///
/// A snapshot leaves the rollout out: a restored learner begins a new one. Nothing is lost right after an update.
///
/// # Example
/// A corridor of two rooms; the reward requires moving forward in both.
/// ```
/// use samplegrad_core::{
///     ActionMask, Adam, CategoricalPolicy, ClipRange, Ending, Features, LearningRate, Passes, Ppo, Reward, SoftmaxHead,
///     Steering, stream,
/// };
///
/// let (mut rng, mask) = (stream::xorshift(2026, 0), ActionMask::all());
/// let rate = LearningRate::new(0.05)?;
/// let passes = Passes::new(ClipRange::new(0.2)?, 4, 4)?;
/// let policy = CategoricalPolicy::<2, 2>::new(SoftmaxHead);
/// let mut learner = Ppo::<_, _, _, 32>::new(policy, Adam::new(rate), Adam::new(rate), Steering::default(), passes);
/// let rooms = [Features::new([1.0, 0.0])?, Features::new([0.0, 1.0])?];
/// for _ in 0..500 {
///     for room in 0..2 {
///         let choice = learner.act(&rooms[room], &mask, &mut rng);
///         let (on, last) = (choice.action() == 1, room == 1);
///         let reward = Reward::new(if on && last { 1.0 } else { 0.0 })?;
///         learner.learn((&rooms[room], &mask), &choice, reward, &rooms[1], &Ending::new(!on || last, false));
///         if !on { break }
///     }
/// }
/// assert!(learner.value(&rooms[1]) > 0.9);
/// assert_eq!(learner.policy().greedy(&rooms[0], &mask), 1);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "P: serde::Serialize, A: serde::Serialize, C: serde::Serialize",
        deserialize = "P: serde::Deserialize<'de>, A: serde::Deserialize<'de>, C: serde::Deserialize<'de>"
    ))
)]
pub struct Ppo<P: Policy, A, C, const STEPS: usize> {
    policy: P,
    optimizer: A,
    critic: Kept<P::Critic>,
    critic_optimizer: C,
    steering: Steering,
    passes: Passes,
    #[cfg_attr(feature = "serde", serde(skip))]
    rollout: Vec<Step<P>, STEPS>,
}

/// Writes everything but the steps of the rollout, of which it writes the number.
#[cfg(feature = "defmt")]
impl<P, A, C, const STEPS: usize> defmt::Format for Ppo<P, A, C, STEPS>
where
    P: Policy<Critic: defmt::Format> + defmt::Format,
    A: defmt::Format,
    C: defmt::Format,
{
    fn format(&self, f: defmt::Formatter<'_>) {
        let Self { policy, optimizer, critic, critic_optimizer, steering, passes, rollout } = self;
        defmt::write!(
            f,
            "Ppo {{ policy: {}, optimizer: {}, critic: {}, critic_optimizer: {}, steering: {}, passes: {}, steps: {} }}",
            policy,
            optimizer,
            critic,
            critic_optimizer,
            steering,
            passes,
            rollout.len()
        );
    }
}

impl<P: Policy, A, C, const STEPS: usize> core::fmt::Debug for Ppo<P, A, C, STEPS>
where
    P: core::fmt::Debug,
    A: core::fmt::Debug,
    C: core::fmt::Debug,
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { policy, optimizer, critic, critic_optimizer, steering, passes, rollout } = self;
        f.debug_struct("Ppo")
            .field("policy", policy)
            .field("optimizer", optimizer)
            .field("critic", critic)
            .field("critic_optimizer", critic_optimizer)
            .field("steering", steering)
            .field("passes", passes)
            .field("steps", &rollout.len())
            .finish()
    }
}

impl<P, A, C, const STEPS: usize> Ppo<P, A, C, STEPS>
where
    P: Policy,
    A: Optimizer<P::Parameters>,
    C: Optimizer<P::Critic>,
{
    /// Creates a learner with an empty rollout and a critic that predicts 0. `STEPS` must be at least 2, because
    /// advantages are compared with each other; less fails to compile.
    pub const fn new(policy: P, optimizer: A, critic_optimizer: C, steering: Steering, passes: Passes) -> Self {
        const { assert!(STEPS > 1, "a rollout must have at least 2 steps") };
        let critic = Kept(P::Critic::ZERO);
        Self { policy, optimizer, critic, critic_optimizer, steering, passes, rollout: Vec::new() }
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

    /// Returns the critic's estimate of the return.
    #[inline]
    pub fn value(&self, input: &P::Input) -> P::Lane {
        self.critic.value(input)
    }

    /// Returns the number of steps in the rollout, from 0 to `STEPS − 1`.
    #[inline]
    pub fn steps(&self) -> usize {
        self.rollout.len()
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

    /// Adds a step to the rollout. If the rollout is full, updates the policy and the critic, empties the rollout, and
    /// returns true. After a terminal end `next` is not read; after a truncated end it holds the last observed features.
    pub fn learn(
        &mut self,
        (input, constraint): (&P::Input, &P::Constraint),
        choice: &P::Choice,
        reward: Reward<P::Lane>,
        next: &P::Input,
        ending: &Ending<P::Lane>,
    ) -> bool {
        let value = self.value(input);
        let error = td_error(reward.get(), self.steering.discount, self.value(next), ending, value);
        let goes_on = P::Lane::select(ending.ended(), P::Lane::ZERO, P::Lane::ONE);
        let step =
            Step { input: *input, constraint: *constraint, drawn: P::drawn(choice), advantage: error, value, goes_on };
        // There is room: a full rollout is emptied below.
        let _ = self.rollout.push(step);
        if !self.rollout.is_full() {
            return false;
        }
        self.estimate_advantages();
        for _ in 0..self.passes.epochs {
            for minibatch in 0..self.minibatches() {
                self.update(minibatch);
            }
        }
        self.rollout.clear();
        true
    }

    /// Replaces errors by advantages, with mean 0 and deviation 1, and values by the returns that the critic learns.
    fn estimate_advantages(&mut self) {
        let decay = self.steering.discount.get() * self.steering.trace_decay.get();
        let mut after = P::Lane::ZERO;
        for step in self.rollout.iter_mut().rev() {
            after = limits::of_return(step.advantage + step.goes_on * after * decay);
            step.advantage = after;
            step.value = limits::of_return(step.value + after);
        }
        let share = 1.0 / STEPS as f32;
        let mean = self.rollout.iter().fold(P::Lane::ZERO, |sum, step| sum + step.advantage) * share;
        let square = |sum, step: &Step<P>| sum + (step.advantage - mean) * (step.advantage - mean);
        let deviation = (self.rollout.iter().fold(P::Lane::ZERO, square) * share).sqrt();
        let deviation = deviation.max(P::Lane::splat(SMALLEST_DEVIATION));
        for step in &mut self.rollout {
            step.advantage = (step.advantage - mean) / deviation;
        }
    }

    /// Returns the number of minibatches, from 1 to `STEPS`.
    fn minibatches(&self) -> usize {
        usize::from(self.passes.minibatches).min(STEPS).max(1)
    }

    /// Takes one gradient step of the policy and one of the critic.
    fn update(&mut self, minibatch: usize) {
        let every = self.minibatches();
        let share = 1.0 / STEPS.saturating_sub(minibatch).div_ceil(every) as f32;
        let (mut gradient, mut of_critic) = (P::Parameters::ZERO, P::Critic::ZERO);
        for (_, step) in self.rollout.iter().enumerate().filter(|(i, _)| i % every == minibatch) {
            let (choice, log_ratio) = self.policy.reconsider(&step.input, &step.constraint, &step.drawn);
            let factor = self.slope(log_ratio, step.advantage) * share;
            self.policy.add_vjp(
                &step.input,
                &choice,
                &P::scaled(&self.policy.score(&choice), factor),
                1.0,
                &mut gradient,
            );
            let bonus = P::Lane::splat(self.steering.entropy_bonus.get() * share);
            let entropy = P::scaled(&self.policy.entropy_gradient(&choice), bonus);
            self.policy.add_vjp(&step.input, &choice, &entropy, 1.0, &mut gradient);

            let mut tape = P::Critic::BLANK;
            let error = (step.value - self.critic.value_on_tape(&step.input, &mut tape)) * share;
            self.critic.add_vjp(&step.input, &tape, (&[[error]], |_| true), 1.0, &mut of_critic);
        }
        if let Some(max) = self.steering.max_norm {
            gradient.clip(max);
            of_critic.clip(max);
        }
        let all = <P::Lane as Lane>::Mask::splat(true);
        self.optimizer.ascend(self.policy.parameters_mut(), &gradient, all);
        self.critic_optimizer.ascend(&mut self.critic, &of_critic, all);
    }

    /// Returns the derivative of the clipped objective of a step in `ln ρ`.
    fn slope(&self, log_ratio: P::Lane, advantage: P::Lane) -> P::Lane {
        let limit = P::Lane::splat(LARGEST_LOG_RATIO);
        let ratio = log_ratio.min(limit).max(-limit).exp();
        let clip = self.passes.clip.get();
        let high = P::Lane::ZERO.lt(advantage).and(P::Lane::splat(1.0 + clip).lt(ratio));
        let low = advantage.lt(P::Lane::ZERO).and(ratio.lt(P::Lane::splat(1.0 - clip)));
        P::Lane::select(high.or(low), P::Lane::ZERO, ratio * advantage)
    }
}
