//! Decoupled straight-through: the forward pass and the backward pass use the same noise, but different temperatures.
//! The forward temperature sets the distance between a value and the point where the cost is evaluated. The backward
//! temperature sets the spread of the gradient.
//!
//! ```text
//! g = ∂⟨∇f(y_f), y_b⟩/∂l,   y_f = softmax(z/τ_f) or the value itself,   y_b = softmax(z/τ_b)
//! ```
//!
//! where `z = l + noise`; for a bit, `σ` replaces `softmax`.
//!
//! | | |
//! |---|---|
//! | needs from `f` | value and gradient at one point: relaxed at `τ_f`, or a value |
//! | bias | from the relaxation at `τ_f`, and from the difference of the two temperatures |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, `τ_f` = 0.5, `τ_b` = 1: 1.148613e-2 at logit 0 (mean 1.666667e-2, exact 0.025), 5.660225e-3 at logit 2 (mean 6.825969e-2, exact 1.049936e-2) |
//! | cost | one call of `f`; per logit, a word of noise and four exponentials or logarithms in all (three with a hard forward pass) |
//! | use it | where [`StraightThroughGumbel`](crate::straight_through_gumbel::StraightThroughGumbel) is sensitive to its temperature and both can be tuned |
//! | avoid it | where a bias is not acceptable: see [`Rebar`](crate::Rebar) |
//!
//! With a hard forward pass the estimator equals ST-Gumbel at `τ_b`, since the arg-max is the same at every
//! temperature. At `τ_f = τ_b` the estimator equals
//! [`ConcreteRelaxation`](crate::concrete_relaxation::ConcreteRelaxation).
//!
//! Source: R. Shah, M. Yan, M. C. Mozer and D. Liu, *Improving discrete optimisation via decoupled straight-through
//! Gumbel-softmax*, 2024 (arXiv 2410.13331).

use crate::{
    arithmetic::lane::Lane,
    estimators::{
        cost::{self, DifferentiableCost},
        estimator::{Estimate, Estimated, Estimator},
    },
    noise::source::Source,
    relaxations::perturbed::Perturbed,
    settings::temperature::Temperature,
};

/// The decoupled straight-through estimator.
///
/// ```
/// use samplegrad_core::{Bernoullis, Temperature, cost::FnWithGradient, stream};
/// use samplegrad_core::{decoupled_straight_through::DecoupledStraightThrough, estimator::Estimator};
///
/// let mut f = FnWithGradient::<4, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient[0] = 2.0 * (y[0] - 0.45);
///     (y[0] - 0.45) * (y[0] - 0.45)
/// });
/// let b = Bernoullis::<4>::new(&[0.0])?;
/// let mut estimator = DecoupledStraightThrough { forward: Some(Temperature::new(0.5)?), backward: Temperature::ONE };
/// let estimate = estimator.estimate(&b, &mut f, &mut stream::xorshift(2026, 0)).unwrap();
/// assert_eq!(estimate.gradient.len(), 1);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DecoupledStraightThrough {
    /// The temperature `τ_f` of the point where the cost is evaluated; `None` for the value itself.
    pub forward: Option<Temperature>,
    /// The temperature `τ_b` of the gradient.
    pub backward: Temperature,
}

impl<V, F> Estimator<V, F> for DecoupledStraightThrough
where
    V: Perturbed,
    F: DifferentiableCost<V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        let (x, z) = variables.draw(source);
        let recip = V::Lane::splat(self.backward.recip());
        let y = variables.relax(&z, recip);
        let (mean, slope): (V::Lane, V::Numbers) = match self.forward {
            None => cost::at_point(cost, &x, &variables.embed(&x))?,
            Some(tau) if tau == self.backward => cost::at_point(cost, &x, &y)?,
            Some(tau) => cost::at_point(cost, &x, &variables.relax(&z, V::Lane::splat(tau.recip())))?,
        };
        Ok(Estimate { mean, gradient: variables.pullback_relaxed(&z, &y, &slope, recip) })
    }
}
