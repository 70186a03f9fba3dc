//! The linear critic: a baseline that is a linear function of features of the step (the input of a policy, the index of
//! an example), learned by least mean squares. It explains differences between steps, which an average cannot explain.
//!
//! ```text
//! g = (f(x) − b) ∇ ln p(x)   with   b = c + ⟨v, features⟩,   then   v ← v + η (f(x) − b) features,   c ← c + η (f(x) − b)
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | a value at one sample |
//! | bias | none, if the features do not depend on the sample: the critic learns after the step |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, without features, in the long run: as for [`moving_average`](crate::moving_average) with `ρ = 1 − η` |
//! | cost | one call of `f`, one sample, memory for `D + 1` numbers |
//! | use it | where the mean cost of a step depends on quantities known before it |
//! | avoid it | with features that change within a step; with `η ‖features‖² ≥ 2`, where least mean squares diverges (predictions stay within ±10^6) |
//!
//! Sources: B. Widrow and M. E. Hoff, *Adaptive switching circuits*, 1960 (least mean squares); A. Mnih and K. Gregor,
//! *Neural variational inference and learning in belief networks*, ICML 2014 (input-dependent baselines).

use crate::{
    arithmetic::{lane::Lane, linear},
    estimators::baselines::baseline::{Baseline, Step, scale},
    limits,
    settings::{features::Features, learning::LearningRate},
};

/// A baseline that is linear in the features, `b(x) = c + ⟨v, x⟩`, learned by least mean squares:
/// `v ← v + η (r − b(x)) x`, `c ← c + η (r − b(x))`.
///
/// ```
/// use samplegrad_core::{LearningRate, LinearCritic};
///
/// let critic = LinearCritic::<64>::new(LearningRate::new(0.01)?);
/// assert_eq!(critic.weights(), &[0.0; 64]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct LinearCritic<const D: usize, L: Lane = f32> {
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::learned"))]
    weights: [L; D],
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::learned"))]
    bias: L,
    rate: LearningRate,
}

impl<const D: usize, L: Lane> LinearCritic<D, L> {
    /// Creates a critic that predicts 0.
    pub fn new(rate: LearningRate) -> Self {
        Self { weights: [L::ZERO; D], bias: L::ZERO, rate }
    }

    /// Returns the weights `v`, one per feature.
    pub fn weights(&self) -> &[L; D] {
        &self.weights
    }

    /// Returns the prediction `b(x)`. The sum starts with the bias and adds the features from first to last.
    #[inline]
    pub fn predict(&self, features: &Features<D, L>) -> L {
        limits::reward(linear::combination(&self.weights, self.bias, features.as_array()))
    }

    /// Learns from the error of a prediction.
    #[inline]
    pub(crate) fn correct(&mut self, features: &Features<D, L>, advantage: L) {
        let step = advantage * self.rate.get();
        self.bias = self.bias + step;
        for (w, &x) in self.weights.iter_mut().zip(features.as_array()) {
            *w = *w + x * step;
        }
    }
}

impl<const D: usize, const K: usize, L: Lane> Baseline<L, Step<'_, D, K, L>> for LinearCritic<D, L> {
    #[inline]
    fn centre(&mut self, step: &Step<'_, D, K, L>, value: L, score: &mut [L]) {
        let advantage = value - self.predict(step.features);
        scale(score, advantage);
        self.correct(step.features, advantage);
    }
}

/// A [`LinearCritic`] and the features of the step, as the baseline of an estimator. Set the features before each step.
/// The critic learns from errors up to 10^6 in magnitude; a larger error counts as 10^6.
///
/// ```
/// use samplegrad_core::{
///     Bernoullis, Features, LearningRate, LinearCritic, estimator::Estimator, linear_critic::Critic,
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
    /// The model of the cost.
    pub critic: LinearCritic<D, L>,
    /// The features of the step, known before the sample is drawn.
    pub features: Features<D, L>,
}

impl<const D: usize, L: Lane> Baseline<L> for Critic<D, L> {
    fn centre(&mut self, _: &(), value: L, score: &mut [L]) {
        let advantage = value - self.critic.predict(&self.features);
        scale(score, advantage);
        self.critic.correct(&self.features, limits::reward(advantage));
    }
}
