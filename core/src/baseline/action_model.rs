use super::{ControlVariate, clamp_to_reward};
use crate::{
    Categorical, Features, LearningRate,
    lane::{Lane, Word},
    linear, reduce,
    state::Learned,
};

/// A linear model of the reward of every action, `q_k(x) = c_k + ⟨v_k, x⟩`, as a control variate whose mean is added
/// back:
///
/// ```text
/// g = (r − q_a)(onehot(a) − p) + p ⊙ (q − ⟨p, q⟩)
/// ```
///
/// The second term is the exact gradient of `E[q_a]`, so the estimate is unbiased whatever the model says, and its
/// variance is that of what the model has not yet learned. The model learns from the action taken, by least mean squares:
/// `v_a ← v_a + η (r − q_a) x`, `c_a ← c_a + η (r − q_a)`.
///
/// Source: S. Gu, T. Lillicrap, Z. Ghahramani, R. E. Turner and S. Levine, *Q-Prop*, ICLR 2017, in its discrete form;
/// the bandit literature knows it as the doubly robust estimator (M. Dudík, J. Langford and L. Li, ICML 2011).
///
/// ```
/// use samplegrad_core::{LearningRate, baseline::ActionModel};
///
/// let model = ActionModel::<64, 10>::new(LearningRate::new(0.1)?);
/// assert_eq!(core::mem::size_of_val(&model), 4 * (65 * 10 + 1));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct ActionModel<const D: usize, const K: usize, L: Lane = f32> {
    weights: Learned<[[L; K]; D]>,
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_arrays::learned"))]
    bias: [L; K],
    rate: LearningRate,
}

impl<const D: usize, const K: usize, L: Lane> ActionModel<D, K, L> {
    /// A model that predicts 0 for every action.
    pub fn new(rate: LearningRate) -> Self {
        Self { weights: Learned([[L::ZERO; K]; D]), bias: [L::ZERO; K], rate }
    }

    /// The weights `v`, feature-major: `weights()[d][k]`.
    pub fn weights(&self) -> &[[L; K]; D] {
        &self.weights
    }

    /// The predicted reward of every action: the bias first, then the features from first to last.
    #[inline]
    pub fn predict(&self, features: &Features<D, L>) -> [L; K] {
        linear::map(&self.weights, &self.bias, features.as_array()).map(clamp_to_reward)
    }

    /// Learns from how far the sum of the predictions at a point, `Σ_k y_k q_k`, was off.
    #[inline]
    pub(crate) fn correct(&mut self, features: &Features<D, L>, point: &[L], surprise: L) {
        let step = surprise * self.rate.get();
        for (c, &y) in self.bias.iter_mut().zip(point) {
            *c = *c + y * step;
        }
        for (row, &x) in self.weights.iter_mut().zip(features.as_array()) {
            let step = x * step;
            for (v, &y) in row.iter_mut().zip(point) {
                *v = *v + y * step;
            }
        }
    }
}

impl<const D: usize, const K: usize, L: Lane> ControlVariate<D, K, L> for ActionModel<D, K, L> {
    #[inline]
    fn learn(
        &mut self,
        features: &Features<D, L>,
        policy: &Categorical<K, L>,
        action: L::Word,
        reward: L,
        gradient: &mut [L; K],
    ) {
        let (p, q) = (policy.probabilities(), self.predict(features));
        let surprise = reward - L::gather(&q, action);
        let mean = reduce::dot(p, &q);
        for (k, ((g, &p), &q)) in gradient.iter_mut().zip(p).zip(&q).enumerate() {
            let hot = L::select(action.equals(L::Word::splat(k as u32)), L::ONE, L::ZERO);
            *g = surprise * (hot - p) + p * (q - mean);
        }
        let step = surprise * self.rate.get();
        L::add_at(&mut self.bias, action, step);
        L::add_outer_at(&mut self.weights, action, features.as_array(), step);
    }
}
