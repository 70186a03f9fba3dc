//! The per-action model: a prediction of the cost of every class or bit, used as a control variate. The exact mean of
//! the prediction is added back, so the part of the cost that the model predicts adds no variance.
//!
//! ```text
//! g = (f(x) − c(x)) ∇ ln p(x) + ∇ E[c]      with   c(x) = b + Σ_i q_i[x_i]
//! ```
//!
//! The model is a sum: a common level `b`, plus one table entry for the class of each variable. (A bit has one table
//! entry, which is added if the bit is 1.) The level and the entries are linear functions of the step's features or,
//! without features, numbers. After the step, the level and the entries learn from the residual `f − c` by least mean
//! squares.
//!
//! | | |
//! |---|---|
//! | needs from `f` | a value at one sample |
//! | bias | none: `∇ E[c]` is exact, and the model of a step has learned from earlier steps only |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, untrained, as for the score function: 1.593906e-2 at logit 0, 4.827192e-3 at logit 2; trained: 0 |
//! | cost | one call of `f`, one sample, `(D + 1) (N + 1)` numbers of memory |
//! | use it | where the cost is close to a sum over the variables, or is a function of one variable |
//! | avoid it | where interactions dominate; with `η (1 + n)(1 + ‖features‖²) ≥ 2` for `n` variables, where least mean squares diverges |
//!
//! Sources: S. Gu, T. Lillicrap, Z. Ghahramani, R. E. Turner and S. Levine, *Q-Prop*, ICLR 2017, in its discrete form;
//! M. Dudík, J. Langford and L. Li, *Doubly robust policy evaluation and learning*, ICML 2011.

use crate::{
    arithmetic::{lane::Lane, linear, reduce},
    distributions::variables::{Embedded, Variables},
    estimators::{
        baselines::{
            baseline::{Baseline, Step},
            linear_critic::LinearCritic,
        },
        cost::{self, Cost},
        estimator::{Estimate, Estimated, Estimator},
    },
    limits,
    noise::source::Source,
    settings::{features::Features, learning::LearningRate},
    stored::in_place::Learned,
};

/// A linear model of the reward of every action, used as a control variate. The model is `q_k(x) = c_k + ⟨v_k, x⟩`.
/// With the mean of the model added back, the estimate is
///
/// ```text
/// g = (r − q_a)(onehot(a) − p) + p ⊙ (q − ⟨p, q⟩)
/// ```
///
/// The second term is the exact gradient of `E[q_a]`, so the estimate is unbiased for every model. Its variance comes
/// from the part of the reward that the model has not yet learned. The model learns from the action taken, by least
/// mean squares: `v_a ← v_a + η (r − q_a) x`, `c_a ← c_a + η (r − q_a)`.
///
/// Source: S. Gu, T. Lillicrap, Z. Ghahramani, R. E. Turner and S. Levine, *Q-Prop*, ICLR 2017, in its discrete form.
/// In the bandit literature it is the doubly robust estimator (M. Dudík, J. Langford and L. Li, ICML 2011).
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
    /// Creates a model that predicts 0 for every action.
    pub fn new(rate: LearningRate) -> Self {
        Self { weights: Learned([[L::ZERO; K]; D]), bias: [L::ZERO; K], rate }
    }

    /// Returns the weights `v`, feature-major: `weights()[d][k]`.
    pub fn weights(&self) -> &[[L; K]; D] {
        &self.weights
    }

    /// Returns the predicted reward of every action. Each sum starts with the bias and adds the features from first to
    /// last.
    #[inline]
    pub fn predict(&self, features: &Features<D, L>) -> [L; K] {
        linear::map(&self.weights, &self.bias, features.as_array()).map(limits::reward)
    }

    /// Learns from the residual `surprise` at the point `y`, where the prediction is the sum `Σ_k y_k q_k`.
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

impl<const D: usize, const K: usize, L: Lane> Baseline<L, Step<'_, D, K, L>> for ActionModel<D, K, L> {
    #[inline]
    fn centre(&mut self, step: &Step<'_, D, K, L>, value: L, score: &mut [L]) {
        let (p, q) = (step.policy.probabilities(), self.predict(step.features));
        let surprise = value - L::gather(&q, step.action);
        let mean = reduce::dot(p, &q);
        for ((s, &p), &q) in score.iter_mut().zip(p).zip(&q) {
            *s = surprise * *s + p * (q - mean);
        }
        let lesson = surprise * self.rate.get();
        L::add_at(&mut self.bias, step.action, lesson);
        L::add_outer_at(&mut self.weights, step.action, step.features.as_array(), lesson);
    }
}

/// The score function with the per-action model as its control variate. The model is the sum of an [`ActionModel`],
/// with `D` features and `N` classes in all, and a [`LinearCritic`] for the level. Set the features before each step;
/// with `D = 0` the model is a table. Predictions of the level and of each class stay within ±10^6. A learning error
/// larger in magnitude counts as ±10^6.
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
/// let one = estimator.estimate(&x, &mut cost, rng).unwrap();          // the model has learned the cost: no variance
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
    /// The model of the difference between each class and the level.
    pub model: ActionModel<D, N, L>,
    /// The features of the step, known before the sample is drawn.
    pub features: Features<D, L>,
}

impl<const D: usize, const N: usize, L: Lane> PerAction<D, N, L> {
    /// Creates a model that predicts 0 for every class.
    pub fn new(rate: LearningRate, features: Features<D, L>) -> Self {
        Self { critic: LinearCritic::new(rate), model: ActionModel::new(rate), features }
    }
}

// The capacity `N` of the model is inferred from the type of the variables' vectors.
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
