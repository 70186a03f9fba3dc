//! The linear critic: a baseline that is a linear function of features of the step (what a policy sees, which example it is),
//! learned by least mean squares. It explains what differs from step to step, which no average can.
//!
//! ```text
//! g = (f(x) − b) ∇ ln p(x)   with   b = c + ⟨v, features⟩,   then   v ← v + η (f(x) − b) features,   c ← c + η (f(x) − b)
//! ```
//!
//! | | |
//! |---|---|
//! | asks of `f` | a value at one sample |
//! | bias | none, if the features do not depend on the sample: the critic learns after the step |
//! | variance on the toy | without features, in the long run, as [`moving_average`](crate::moving_average) with `ρ = 1 − η` |
//! | cost | one call of `f`, one sample, `D + 1` numbers of memory |
//! | use it | where a step's mean cost depends on what is known before it |
//! | not | with features that change within a step; with `η ‖features‖² ≥ 2`, where least mean squares diverges (predictions stay within ±10^6) |
//!
//! Sources: B. Widrow and M. E. Hoff, *Adaptive switching circuits*, 1960 (least mean squares); A. Mnih and K. Gregor, *Neural
//! variational inference and learning in belief networks*, ICML 2014 (input-dependent baselines).

use crate::{
    Features,
    baseline::{Baseline, LinearCritic, clamp_to_reward, scale},
    lane::Lane,
};

/// A [`LinearCritic`] and the features of the step, as the baseline of an estimator. Set the features before each step. It
/// learns from errors up to 10^6 in magnitude; a larger one counts as that.
///
/// ```
/// use samplegrad_core::{
///     Bernoullis, Features, LearningRate, baseline::LinearCritic, estimator::Estimator, linear_critic::Critic,
///     score_function::ScoreFunction, stream,
/// };
///
/// let (b, rng) = (Bernoullis::<2>::new(&[0.0, 1.0])?, &mut stream::xorshift(2026, 0));
/// let critic = LinearCritic::new(LearningRate::new(0.25)?);
/// let mut estimator = ScoreFunction { baseline: Critic { critic, features: Features::new([0.0])? } };
/// for offset in [1.0, -1.0].repeat(50) {
///     estimator.baseline.features = Features::new([offset])?;
///     estimator.estimate(&b, &mut |b: &[f32]| 8.0 * offset + 0.125 * b[0], rng).unwrap();
/// }
/// assert!((estimator.baseline.critic.weights()[0] - 8.0).abs() < 0.25);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct Critic<const D: usize, L: Lane = f32> {
    /// What learns.
    pub critic: LinearCritic<D, L>,
    /// What is known before the step.
    pub features: Features<D, L>,
}

impl<const D: usize, L: Lane> Baseline<L> for Critic<D, L> {
    fn centre(&mut self, value: L, score: &mut [L]) {
        let advantage = value - self.critic.predict(&self.features);
        scale(score, advantage);
        self.critic.correct(&self.features, clamp_to_reward(advantage));
    }
}
