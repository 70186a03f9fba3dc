//! Online REINFORCE: act, get a reward, take one gradient step, forget.
//!
//! Source: R. J. Williams, Machine Learning 8, 1992; the entropy bonus after R. J. Williams and J. Peng, *Function
//! optimization using connectionist reinforcement learning algorithms*, Connection Science 3, 1991.

use crate::{
    arithmetic::lane::{Lane, Word},
    check,
    distributions::categorical::{self, Categorical},
    error::Error,
    estimators::baselines::baseline::{ControlVariate, Step},
    noise::source::Source,
    policies::softmax_policy::{ActionMask, SoftmaxPolicy},
    samplers::inverse_cdf,
    settings::{
        features::Features,
        learning::{EntropyBonus, LearningRate},
        reward::Reward,
    },
};

/// A linear-softmax policy that learns from one reward at a time, in constant memory.
///
/// `D` features, `K` actions, and a control variate `C` (see [`baseline`](crate::baseline)). One step ascends
/// `r + β H`, with the control variate's estimate of `∇ E[r]` and the exact gradient of the entropy `H`.
///
/// # Example
/// ```
/// use samplegrad_core::{
///     ActionMask, Decay, EntropyBonus, Features, LearningRate, Reinforce, Reward, MovingAverage, stream,
/// };
///
/// let mut rng = stream::xorshift(2026, 0);
/// let mut learner = Reinforce::<1, 2, _>::new(
///     MovingAverage::new(Decay::new(0.9)?),
///     LearningRate::new(0.5)?,
///     EntropyBonus::new(0.0)?,
/// );
/// let (x, mask) = (Features::new([1.0])?, ActionMask::all());
/// for _ in 0..200 {
///     let decision = learner.act(&x, &mask, &mut rng);
///     let reward = if decision.action() == 1 { 1.0 } else { 0.0 };
///     learner.learn(&x, &decision, Reward::new(reward)?);
/// }
/// assert!(learner.policy().distribution(&x, &mask).probabilities()[1] > 0.9);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(serialize = "C: serde::Serialize", deserialize = "C: serde::Deserialize<'de>"))
)]
pub struct Reinforce<const D: usize, const K: usize, C, L: Lane = f32> {
    policy: SoftmaxPolicy<D, K, L>,
    control_variate: C,
    rate: LearningRate,
    entropy_bonus: EntropyBonus,
}

/// An action that was taken and the distribution from which it was drawn.
///
/// ```
/// use samplegrad_core::{Categorical, Decision, Logits};
///
/// let explored = Decision::new(1, Categorical::new(&Logits::<2>::new(&[0.0, 0.0])?))?;
/// assert_eq!((explored.action(), explored.distribution().probabilities()[1]), (1, 0.5));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decision<const K: usize, L: Lane = f32> {
    action: L::Word,
    distribution: Categorical<K, L>,
}

impl<const K: usize, L: Lane> Decision<K, L> {
    /// Creates a decision from an action that was selected elsewhere and its distribution.
    ///
    /// # Errors
    /// [`Error::NoSuchIndex`] for an action that does not exist.
    pub fn new(action: L::Word, distribution: Categorical<K, L>) -> Result<Self, Error> {
        check::class(action, distribution.probabilities().len())?;
        Ok(Self { action, distribution })
    }

    /// Returns the action, `0..K`.
    #[inline]
    pub fn action(&self) -> L::Word {
        self.action
    }

    /// Returns the distribution.
    #[inline]
    pub fn distribution(&self) -> &Categorical<K, L> {
        &self.distribution
    }
}

impl<const D: usize, const K: usize, C, L> Reinforce<D, K, C, L>
where
    C: ControlVariate<D, K, L>,
    L: Lane,
{
    /// Creates a learner with an untrained policy.
    pub fn new(control_variate: C, rate: LearningRate, entropy_bonus: EntropyBonus) -> Self {
        Self::with_policy(SoftmaxPolicy::new(), control_variate, rate, entropy_bonus)
    }

    /// Creates a learner that continues from a policy.
    pub fn with_policy(
        policy: SoftmaxPolicy<D, K, L>,
        control_variate: C,
        rate: LearningRate,
        entropy_bonus: EntropyBonus,
    ) -> Self {
        Self { policy, control_variate, rate, entropy_bonus }
    }

    /// Returns the policy.
    #[inline]
    pub fn policy(&self) -> &SoftmaxPolicy<D, K, L> {
        &self.policy
    }

    /// Returns the control variate.
    #[inline]
    pub fn control_variate(&self) -> &C {
        &self.control_variate
    }

    /// Sets the length of the next steps.
    pub fn set_rate(&mut self, rate: LearningRate) {
        self.rate = rate;
    }

    /// Sets the weight of the entropy for the next steps.
    pub fn set_entropy_bonus(&mut self, entropy_bonus: EntropyBonus) {
        self.entropy_bonus = entropy_bonus;
    }

    /// Draws an action by the inverse of the distribution function, from one word of the source.
    #[inline]
    pub fn act<S: Source<L> + ?Sized>(
        &self,
        features: &Features<D, L>,
        mask: &ActionMask<K, L>,
        source: &mut S,
    ) -> Decision<K, L> {
        let distribution = self.policy.distribution(features, mask);
        let mut weights = [L::Word::splat(0); K];
        let r = source.next_word();
        let action = inverse_cdf::draw_from_probabilities(distribution.probabilities(), &mut weights, r);
        Decision { action, distribution }
    }

    /// Learns from the reward of a decision. Computes the gradient in the logits, `g + β ∇H`, and takes one step of
    /// gradient ascent.
    #[inline]
    pub fn learn(&mut self, features: &Features<D, L>, decision: &Decision<K, L>, reward: Reward<L>) {
        let Decision { action, distribution } = decision;
        let mut gradient = [L::ZERO; K];
        let step = Step { features, policy: distribution, action: *action };
        categorical::score(distribution.probabilities(), *action, L::ONE, &mut gradient);
        self.control_variate.centre(&step, reward.get(), &mut gradient);
        let (p, log_p) = (distribution.probabilities(), distribution.log_probabilities());
        let mut by_entropy = [L::ZERO; K];
        categorical::entropy_gradient(p, log_p, &mut by_entropy);
        for (g, &h) in gradient.iter_mut().zip(&by_entropy) {
            *g = *g + h * self.entropy_bonus.get();
        }
        self.policy.ascend(features, &gradient, self.rate.get());
    }
}
