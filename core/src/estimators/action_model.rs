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

use heapless::Vec;

use crate::{
    Features, LearningRate, Source,
    baseline::{ActionModel, LinearCritic, clamp_to_reward},
    cost::{self, Cost, CostError},
    estimator::{Estimate, Estimator},
    lane::Lane,
    reduce,
    variables::Embedded,
};

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
    /// What learns the level.
    pub critic: LinearCritic<D, L>,
    /// What learns how much each class is above it.
    pub model: ActionModel<D, N, L>,
    /// What is known before the step.
    pub features: Features<D, L>,
}

impl<const D: usize, const N: usize, L: Lane> PerAction<D, N, L> {
    /// One that predicts 0 for everything.
    pub fn new(rate: LearningRate, features: Features<D, L>) -> Self {
        Self { critic: LinearCritic::new(rate), model: ActionModel::new(rate), features }
    }
}

impl<const D: usize, const N: usize, L, V, F> Estimator<N, V, F, L> for PerAction<D, N, L>
where
    L: Lane,
    V: Embedded<N, L>,
    F: Cost<[V::Value], L> + ?Sized,
{
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &V,
        cost: &mut F,
        source: &mut S,
    ) -> Result<Estimate<N, L>, CostError<Vec<V::Value, N>>> {
        let x = variables.sample(source);
        let mean = cost::finite(cost, &x, |x| x.as_slice())?;
        let point = variables.embed(&x);
        let predicted = self.model.predict(&self.features);
        let surprise = (mean - self.critic.predict(&self.features)) - reduce::dot(&point, &predicted);
        let mut gradient = variables.score(&x);
        for (g, &back) in gradient.iter_mut().zip(&variables.pullback_mean(&predicted)) {
            *g = surprise * *g + back;
        }
        let lesson = clamp_to_reward(surprise);
        self.critic.correct(&self.features, lesson);
        self.model.correct(&self.features, &point, lesson);
        Ok(Estimate { mean, gradient })
    }
}
