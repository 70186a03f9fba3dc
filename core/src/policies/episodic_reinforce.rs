//! Episodic REINFORCE: one gradient step per episode, along the returns of its steps, without storing the episode.
//!
//! With returns `G_t = Σ_{k ≥ t} γ^{k−t} r_k` and scores `s_t = ∇ ln π(a_t | x_t)`, the estimate is
//! `Σ_t (G_t − b_t) s_t`. It seems to need the whole episode, since `G_t` is known only at the end. Exchanging the
//! sums gives:
//!
//! ```text
//! Σ_t G_t s_t = Σ_t Σ_{k ≥ t} γ^{k−t} r_k s_t = Σ_k r_k Σ_{t ≤ k} γ^{k−t} s_t = Σ_k r_k z_k,   z_k = γ z_{k−1} + s_k
//! ```
//!
//! An eligibility trace and a sum therefore compute the estimate in the memory of two gradients, for any length. The
//! baseline term, `Σ_t b_t s_t`, is subtracted from the same sum at each step, since `b_t` is known together with
//! `s_t`. If steps have the weight `γ^t`, both terms multiply `s_t` by it.
//!
//! Source: R. J. Williams, Machine Learning 8, 1992 (episodic REINFORCE); R. S. Sutton and A. G. Barto, *Reinforcement
//! Learning*, 2nd edition, 2018, sections 13.3 and 13.4.

use crate::{
    arithmetic::lane::Mask,
    fixed_vec::format_where,
    networks::block::Block,
    noise::source::Source,
    optimizers::optimizer::Optimizer,
    policies::{
        eligibility::Eligibility,
        policy::Policy,
        return_baseline::ReturnBaseline,
        steering::{Ending, Steering},
    },
    settings::reward::Reward,
    stored::in_place::Finite,
};

/// A policy that learns at the end of each episode from the returns of all of its steps, in constant memory.
///
/// `P` is the [policy](Policy), `O` the [optimizer](Optimizer), `B` the [baseline](ReturnBaseline). One step ascends
/// `Σ_t I_t ((G_t − b_t) ∇ ln π(a_t | x_t) + β ∇H_t)`, where `I_t` is the [weight of a step](crate::StepWeight). The
/// trace decays by the discount only. Rewards that would have followed a truncated end count as zero.
///
/// # Example
/// ```
/// use samplegrad_core::{
///     BernoulliHead, BernoulliPolicy, BitMask, Ending, EpisodicReinforce, Features, LearningRate, Reward, Sgd, Steering,
///     Constant, stream,
/// };
///
/// let mut rng = stream::xorshift(2026, 0);
/// let mut learner = EpisodicReinforce::new(
///     BernoulliPolicy::<1, 2>::new(BernoulliHead),
///     Sgd::new(LearningRate::new(0.1)?),
///     Constant::new(Reward::new(1.0)?),
///     Steering::default(),
/// );
/// let (x, mask) = (Features::new([1.0])?, BitMask::all());
/// for _ in 0..300 {
///     // Two steps; both bits must be off in the first and are free in the second.
///     let first = learner.act(&x, &mask, &mut rng);
///     let right = first.action() == [false, false];
///     learner.learn(&x, &first, Reward::new(if right { 2.0 } else { 0.0 })?, &Ending::none());
///     let second = learner.act(&x, &mask, &mut rng);
///     learner.learn(&x, &second, Reward::new(0.0)?, &Ending::terminal());
/// }
/// assert_eq!(learner.policy().greedy(&x, &mask), [false, false]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "P: serde::Serialize, O: serde::Serialize, B: serde::Serialize",
        deserialize = "P: serde::Deserialize<'de>, O: serde::Deserialize<'de>, B: serde::Deserialize<'de>"
    ))
)]
pub struct EpisodicReinforce<P: Policy, O, B> {
    policy: P,
    optimizer: O,
    baseline: B,
    steering: Steering,
    eligibility: Eligibility<P::Parameters>,
    gradient: Finite<P::Parameters>,
}

format_where!(
    EpisodicReinforce<P: Policy, O, B> { policy, optimizer, baseline, steering, eligibility, gradient }
    where P, O, B, P::Parameters, P::Lane
);

impl<P, O, B> EpisodicReinforce<P, O, B>
where
    P: Policy,
    O: Optimizer<P::Parameters>,
    B: ReturnBaseline<P::Input, P::Lane>,
{
    /// Creates a learner at the start of an episode.
    pub fn new(policy: P, optimizer: O, baseline: B, steering: Steering) -> Self {
        let (eligibility, gradient) = (Eligibility::new(), Finite(P::Parameters::ZERO));
        Self { policy, optimizer, baseline, steering, eligibility, gradient }
    }

    /// Sets the policy to sparse random numbers, in place. Networks with hidden layers learn only from such a start.
    pub fn initialise<S: Source<P::Lane> + ?Sized>(&mut self, source: &mut S) {
        self.policy.initialise(source);
    }

    /// Returns the policy.
    #[inline]
    pub fn policy(&self) -> &P {
        &self.policy
    }

    /// Returns the optimizer, to change its rate.
    pub fn optimizer_mut(&mut self) -> &mut O {
        &mut self.optimizer
    }

    /// Returns the baseline.
    #[inline]
    pub fn baseline(&self) -> &B {
        &self.baseline
    }

    /// Returns the sum so far. For an unfinished episode, it is the gradient from the rewards so far.
    #[inline]
    pub fn gradient(&self) -> &P::Parameters {
        &self.gradient
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

    /// Adds a step of the episode. In lanes where it was the last step, takes one gradient step.
    #[inline]
    pub fn learn(&mut self, input: &P::Input, choice: &P::Choice, reward: Reward<P::Lane>, ending: &Ending<P::Lane>) {
        let (discount, weight) = (self.steering.discount, self.eligibility.weight);
        let score = self.policy.score(choice);
        self.eligibility.remember(&self.policy, discount.get(), (input, choice), &score);
        self.gradient.add_scaled(reward.get(), &self.eligibility.trace);
        let taken_off = weight * self.baseline.value(input);
        self.policy.add_vjp(input, choice, &P::scaled(&score, -taken_off), 1.0, &mut self.gradient);
        self.eligibility.add_entropy(&self.policy, &self.steering, (input, choice), weight, &mut self.gradient);
        self.baseline.observe(input, reward, discount);

        let ended = ending.ended();
        self.eligibility.advance(&self.steering, ended);
        if ended.any() {
            let mut gradient = *self.gradient;
            if let Some(max) = self.steering.max_norm {
                gradient.clip(max);
            }
            self.optimizer.ascend(self.policy.parameters_mut(), &gradient, ended);
            self.gradient.forget(ended);
            self.baseline.end(ended);
        }
    }
}
