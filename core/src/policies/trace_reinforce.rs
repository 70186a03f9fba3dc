//! Online REINFORCE with an eligibility trace: each reward moves the policy towards its recent actions.
//!
//! Source: J. Baxter and P. L. Bartlett, *Infinite-horizon policy-gradient estimation*, JAIR 15, 2001 (OLPOMDP); the
//! trace is R. J. Williams' eligibility, Machine Learning 8, 1992.

use crate::{
    estimators::baselines::moving_average::MovingAverage,
    fixed_vec::format_where,
    noise::source::Source,
    optimizers::optimizer::Optimizer,
    policies::{
        eligibility::Eligibility,
        policy::Policy,
        steering::{Ending, Steering},
    },
    settings::reward::Reward,
};

/// A policy that learns from every reward as it arrives, in constant memory:
///
/// ```text
/// z ← γλ z + ∇ ln π(a | x)         g = (r − b) z + β ∇H
/// ```
///
/// The baseline `b` is a moving average of the rewards, which learns after its use. The trace restarts at zero with
/// each episode. With `λ = 0` this is online REINFORCE, for every kind of policy.
///
/// `P` is the [policy](Policy), `O` the [optimizer](Optimizer).
///
/// # Example
/// ```
/// use samplegrad_core::{
///     Decay, Ending, Features, GaussianHead, GaussianPolicy, LearningRate, Reward, Sgd, Steering, TraceDecay,
///     TraceReinforce, MovingAverage, stream,
/// };
///
/// let mut rng = stream::xorshift(2026, 0);
/// let mut learner = TraceReinforce::new(
///     GaussianPolicy::<1, 1>::new(GaussianHead::with_shared_deviation(-2.0, 0.0)?),
///     Sgd::new(LearningRate::new(0.005)?),
///     MovingAverage::new(Decay::new(0.9)?),
///     Steering { trace_decay: TraceDecay::new(0.0)?, ..Steering::default() },
/// );
/// let x = Features::new([1.0])?;
/// for _ in 0..4000 {
///     let choice = learner.act(&x, &(), &mut rng);
///     let [a] = choice.action();
///     learner.learn(&x, &choice, Reward::new(-(a - 0.5) * (a - 0.5))?, &Ending::none());
/// }
/// let [mean] = learner.policy().greedy(&x, &());
/// assert!((mean - 0.5).abs() < 0.1);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "P: serde::Serialize, O: serde::Serialize",
        deserialize = "P: serde::Deserialize<'de>, O: serde::Deserialize<'de>"
    ))
)]
pub struct TraceReinforce<P: Policy, O> {
    policy: P,
    optimizer: O,
    baseline: MovingAverage<P::Lane>,
    steering: Steering,
    eligibility: Eligibility<P::Parameters>,
}

format_where!(TraceReinforce<P: Policy, O> { policy, optimizer, baseline, steering, eligibility } where P, O, P::Parameters, P::Lane);

impl<P: Policy, O: Optimizer<P::Parameters>> TraceReinforce<P, O> {
    /// Creates a learner at the start of an episode.
    pub fn new(policy: P, optimizer: O, baseline: MovingAverage<P::Lane>, steering: Steering) -> Self {
        Self { policy, optimizer, baseline, steering, eligibility: Eligibility::new() }
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
    pub fn baseline(&self) -> &MovingAverage<P::Lane> {
        &self.baseline
    }

    /// Returns the eligibility trace.
    #[inline]
    pub fn trace(&self) -> &P::Parameters {
        &self.eligibility.trace
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

    /// Learns from the reward of a choice; `ending` states whether the episode ended with it.
    #[inline]
    pub fn learn(&mut self, input: &P::Input, choice: &P::Choice, reward: Reward<P::Lane>, ending: &Ending<P::Lane>) {
        let decay = self.steering.discount.get() * self.steering.trace_decay.get();
        self.eligibility.remember(&self.policy, decay, (input, choice), &self.policy.score(choice));
        let advantage = reward.get() - self.baseline.get();
        let (policy, optimizer) = (&mut self.policy, &mut self.optimizer);
        self.eligibility.ascend(policy, optimizer, &self.steering, (input, choice), advantage);
        self.baseline.observe(reward);
        self.eligibility.advance(&self.steering, ending.ended());
    }
}
