//! The per-action model: a prediction of the cost of every class, or bit, as a control variate whose mean is added back
//! exactly. Whatever the model already knows no longer varies.
//!
//! ```text
//! g = (f(x) − c(x)) ∇ ln p(x) + ∇ E[c]      with   c(x) = b + Σ_i q_i[x_i]
//! ```
//!
//! The model is additive: a common level `b`, and a table with a number per class of every variable (a bit counts where it is
//! 1); each a linear function of the step's features or, without features, a number. All learn after the step, by least mean
//! squares, from what they left of the cost, `f − c`.
//!
//! | | |
//! |---|---|
//! | asks of `f` | a value at one sample |
//! | bias | none: `∇ E[c]` is exact, and the model of a step has seen earlier ones only |
//! | variance on the toy | untaught as the score function, 1.593906e-2 at logit 0, 4.827192e-3 at logit 2; taught, 0 |
//! | cost | one call of `f`, one sample, `(D + 1) (N + 1)` numbers of memory |
//! | use it | where the cost is near a sum over the variables, or a function of one |
//! | not | where interactions dominate; with `η (1 + n)(1 + ‖features‖²) ≥ 2` for `n` variables, where least mean squares diverges |
//!
//! Sources: S. Gu, T. Lillicrap, Z. Ghahramani, R. E. Turner and S. Levine, *Q-Prop*, ICLR 2017, in its discrete form; M.
//! Dudík, J. Langford and L. Li, *Doubly robust policy evaluation and learning*, ICML 2011.

use crate::{
    arithmetic::{
        lane::{Lane, Word},
        linear, reduce,
    },
    distributions::{
        categorical::Categorical,
        variables::{Embedded, Variables},
    },
    estimators::{
        baselines::{baseline::ControlVariate, linear_critic::LinearCritic},
        cost::{self, Cost},
        estimator::{Estimate, Estimated, Estimator},
    },
    limits,
    noise::source::Source,
    settings::{features::Features, learning::LearningRate},
    stored::in_place::Learned,
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
/// use samplegrad_core::{LearningRate, ActionModel};
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
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::learned"))]
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
        linear::map(&self.weights, &self.bias, features.as_array()).map(limits::reward)
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

/// The score function with an [`ActionModel`] of `D` features and `N` classes in all, over the level of a [`LinearCritic`]. Set
/// the features before each step; `D = 0` is a table. The level and each class are predicted within ±10^6; an error above
/// that in magnitude teaches as much as that.
///
/// ```
/// use samplegrad_core::{Categoricals, Features, LearningRate, action_model::PerAction, estimator::Estimator, stream};
///
/// let (x, rng) = (Categoricals::<3>::new(&[3], &[0.0, 1.0, 0.5])?, &mut stream::xorshift(2026, 0));
/// let mut estimator = PerAction::new(LearningRate::new(0.25)?, Features::<0>::new([])?);
/// let mut cost = |x: &[u32]| [3.0, -1.0, 0.5][x[0] as usize];
/// for _ in 0..1000 {
///     estimator.estimate(&x, &mut cost, rng).unwrap();
/// }
/// let one = estimator.estimate(&x, &mut cost, rng).unwrap();          // all is known: nothing varies any more
/// let other = estimator.estimate(&x, &mut cost, rng).unwrap();
/// assert!(one.gradient.iter().zip(&other.gradient).all(|(a, b)| (a - b).abs() < 1e-5));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct PerAction<const D: usize, const N: usize, L: Lane = f32> {
    /// The model of the level.
    pub critic: LinearCritic<D, L>,
    /// The model of how much each class is above it.
    pub model: ActionModel<D, N, L>,
    /// The features of the step, known before it.
    pub features: Features<D, L>,
}

impl<const D: usize, const N: usize, L: Lane> PerAction<D, N, L> {
    /// One that predicts 0 for everything.
    pub fn new(rate: LearningRate, features: Features<D, L>) -> Self {
        Self { critic: LinearCritic::new(rate), model: ActionModel::new(rate), features }
    }
}

// The variables' vectors say which capacity a model of unspoken size has.
impl<const D: usize, const N: usize, V, F> Estimator<V, F> for PerAction<D, N, V::Lane>
where
    V: Embedded<Numbers = heapless::Vec<<V as Variables>::Lane, N>>,
    F: Cost<[V::Value], V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        let x = variables.sample(source);
        let mean = cost::finite(cost, &x)?;
        let point = variables.embed(&x);
        let predicted = self.model.predict(&self.features);
        let surprise = (mean - self.critic.predict(&self.features)) - reduce::dot(&point, &predicted);
        let mut gradient = variables.score(&x);
        for (g, &back) in gradient.iter_mut().zip(variables.pullback_mean(&predicted).iter()) {
            *g = surprise * *g + back;
        }
        let lesson = limits::reward(surprise);
        self.critic.correct(&self.features, lesson);
        self.model.correct(&self.features, &point, lesson);
        Ok(Estimate { mean, gradient })
    }
}
