use super::{ControlVariate, centred, clamp_to_reward};
use crate::{Categorical, Features, LearningRate, lane::Lane, linear};

/// A baseline that is linear in the features, `b(x) = c + ⟨v, x⟩`, learned by least mean squares:
/// `v ← v + η (r − b(x)) x`, `c ← c + η (r − b(x))`.
///
/// ```
/// use samplegrad_core::{LearningRate, baseline::LinearCritic};
///
/// let critic = LinearCritic::<64>::new(LearningRate::new(0.01)?);
/// assert_eq!(critic.weights(), &[0.0; 64]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct LinearCritic<const D: usize, L: Lane = f32> {
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_arrays::learned"))]
    weights: [L; D],
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_arrays::learned"))]
    bias: L,
    rate: LearningRate,
}

impl<const D: usize, L: Lane> LinearCritic<D, L> {
    /// A critic that predicts 0.
    pub fn new(rate: LearningRate) -> Self {
        Self { weights: [L::ZERO; D], bias: L::ZERO, rate }
    }

    /// The weights `v`, one per feature.
    pub fn weights(&self) -> &[L; D] {
        &self.weights
    }

    /// The prediction `b(x)`: the bias first, then the features from first to last.
    #[inline]
    pub fn predict(&self, features: &Features<D, L>) -> L {
        clamp_to_reward(linear::combination(&self.weights, self.bias, features.as_array()))
    }

    /// Learns from how far the prediction was off.
    #[inline]
    pub(crate) fn correct(&mut self, features: &Features<D, L>, advantage: L) {
        let step = advantage * self.rate.get();
        self.bias = self.bias + step;
        for (w, &x) in self.weights.iter_mut().zip(features.as_array()) {
            *w = *w + x * step;
        }
    }
}

impl<const D: usize, const K: usize, L: Lane> ControlVariate<D, K, L> for LinearCritic<D, L> {
    #[inline]
    fn learn(
        &mut self,
        features: &Features<D, L>,
        policy: &Categorical<K, L>,
        action: L::Word,
        reward: L,
        gradient: &mut [L; K],
    ) {
        let advantage = reward - self.predict(features);
        centred(policy, action, advantage, gradient);
        self.correct(features, advantage);
    }
}
