//! The relaxed estimator (Concrete, Gumbel-softmax): relaxed samples replace the samples, and the gradient of the cost
//! is computed through the relaxed samples. The mean of the estimate is the exact gradient of another objective,
//! `E[f(y)]`.
//!
//! ```text
//! g = ∂f(y)/∂l,   y = softmax((l + G)/τ) of a class,   σ((l + logit u)/τ) of a bit
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | value and gradient at one relaxed sample |
//! | bias | the bias of the relaxation: falls with `τ`, while the variance grows as `1/τ` |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, `τ` = 0.5: 1.424446e-2 at logit 0 (mean 2.146018e-2, exact 0.025), 7.357994e-3 at logit 2 (mean 4.517627e-2, exact 1.049936e-2) |
//! | | `τ` = 1: 4.817460e-3 at logit 0 (mean 1.666667e-2), 2.415897e-3 at logit 2 (mean 5.352376e-2) |
//! | cost | one call of `f`; per logit, a word of noise and three exponentials or logarithms in all |
//! | use it | where `f` is meaningful between values, and a low variance is worth a bias |
//! | avoid it | where `f` can only be evaluated at values: see [`StraightThroughGumbel`](crate::straight_through_gumbel::StraightThroughGumbel) |
//!
//! Here [`Estimate::mean`](crate::estimator::Estimate::mean) is `f` at the relaxed sample, an estimate of the relaxed
//! objective.
//!
//! Sources: C. J. Maddison, A. Mnih and Y. W. Teh, *The Concrete distribution*, ICLR 2017; E. Jang, S. Gu and B. Poole,
//! *Categorical reparameterization with Gumbel-softmax*, ICLR 2017.

use crate::{
    estimators::{
        cost::DifferentiableCost,
        estimator::{Estimated, Estimator},
        straight_through::decoupled_straight_through::DecoupledStraightThrough,
    },
    noise::source::Source,
    relaxations::perturbed::Perturbed,
    settings::temperature::Temperature,
};

/// The relaxed estimator.
///
/// ```
/// use samplegrad_core::{Categoricals, Temperature, cost::FnWithGradient, stream};
/// use samplegrad_core::{concrete_relaxation::ConcreteRelaxation, estimator::Estimator};
///
/// // f(y) = y_0 + 2 y_1 for one variable of two classes.
/// let mut f = FnWithGradient::<2, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient.copy_from_slice(&[1.0, 2.0]);
///     y[0] + 2.0 * y[1]
/// });
/// let x = Categoricals::<2>::new(&[2], &[0.0, 1.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let estimate = ConcreteRelaxation { tau: Temperature::new(0.5)? }.estimate(&x, &mut f, rng).unwrap();
/// assert!(estimate.gradient[1] > 0.0 && estimate.mean > 1.0 && estimate.mean < 2.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ConcreteRelaxation {
    /// The temperature `τ`.
    pub tau: Temperature,
}

impl<V, F> Estimator<V, F> for ConcreteRelaxation
where
    V: Perturbed,
    F: DifferentiableCost<V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        DecoupledStraightThrough { forward: Some(self.tau), backward: self.tau }.estimate(variables, cost, source)
    }
}
