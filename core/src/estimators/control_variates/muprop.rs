//! MuProp: the control variate is a first-order Taylor expansion of the cost about the mean of the variables. The exact
//! gradient of the expansion's mean (the mean-field gradient) is added back. Only the residual of the cost after the
//! expansion is sampled.
//!
//! ```text
//! g = (f(x) − f(x̄) − ⟨f'(x̄), x − x̄⟩ − b) ∇ ln p(x) + ∇_φ ⟨f'(x̄), E[x]⟩        with x̄ = E[x], held fixed in f and f'
//! ```
//!
//! Here `x` is a vector. A bit or a real number is one coordinate, and a class is its one-hot vector.
//!
//! | | |
//! |---|---|
//! | needs from `f` | a value at one sample, value and gradient at the mean |
//! | bias | none |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, with `b = 0`: 1.5625e-2 at logit 0, 4.926838e-2 at logit 2 (score function: 1.593906e-2 at logit 0, 4.827192e-3 at logit 2); with the optimal baseline: 0 |
//! | cost | two calls of `f` and a gradient, one sample, `2 N` numbers for a step |
//! | use it | where the cost is nearly linear over the spread of the samples, and always with a baseline that learns |
//! | avoid it | where the cost at the mean says little about the cost at samples: bits far from ½ with a curved cost |
//!
//! [`DeltaMethod`](crate::delta_method::DeltaMethod) adds a weight and, at second order, the curvature.
//!
//! Source: S. Gu, S. Levine, I. Sutskever and A. Mnih, *MuProp: unbiased backpropagation for stochastic neural
//! networks*, ICLR 2016, eq. 4 to 6, and section 3.3 on baselines.

use crate::{
    arithmetic::lane::Lane,
    distributions::variables::PointMoments,
    estimators::{
        baselines::baseline::Baseline,
        control_variates::delta_method::Expansion,
        cost::{self, Cost, DifferentiableCost},
        estimator::{Estimate, Estimated, Estimator},
    },
    noise::source::Source,
};

/// The MuProp estimator, with a baseline for the residual of the expansion: a number, or another [`Baseline`].
///
/// ```
/// use samplegrad_core::{
///     Bernoullis, Decay, cost::FnWithGradient, estimator::Estimator, muprop::MuProp, optimal_baseline::OptimalBaseline, stream,
/// };
///
/// let (b, rng) = (Bernoullis::<2>::new(&[0.0, 2.0])?, &mut stream::xorshift(2026, 0));
/// let mut linear = FnWithGradient::<2, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient.copy_from_slice(&[4.0, 1.0]);
///     4.0 * y[0] + y[1]
/// });
/// let mut estimator = MuProp { baseline: OptimalBaseline::new(Decay::new(0.99)?) };
/// let estimate = estimator.estimate(&b, &mut linear, rng).unwrap();
/// assert!((estimate.gradient[0] - 1.0).abs() < 1e-6);             // a linear cost: no variance
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MuProp<B = f32> {
    /// The baseline of the residual after the expansion.
    pub baseline: B,
}

impl<V, F, B> Estimator<V, F> for MuProp<B>
where
    V: PointMoments,
    F: Cost<[V::Value], V::Lane> + DifferentiableCost<V::Lane> + ?Sized,
    B: Baseline<V::Lane>,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        let (x, mut gradient) = variables.sample_score(source);
        let mean = cost::finite(cost, &x)?;
        let expansion = Expansion::first_order(variables, &x, cost)?;
        let rest = expansion.rest(variables, &x, mean, V::Lane::ONE)?;
        self.baseline.centre(&(), rest, &mut gradient);
        for (g, &back) in gradient.iter_mut().zip(expansion.gradient(variables).iter()) {
            *g = *g + back;
        }
        Ok(Estimate { mean, gradient })
    }
}
