//! Straight-through Gumbel-softmax: the cost is evaluated at the sample, and the gradient is pulled back through the
//! relaxed sample of the same noise.
//!
//! ```text
//! g = ∂⟨∇f(D), y⟩/∂l,   D = one-hot(argmax z),   y = softmax(z/τ),   z = l + G
//! ```
//!
//! For a bit, `D = [z > 0]`, `y = σ(z/τ)`, `z = l + logit u`.
//!
//! | | |
//! |---|---|
//! | needs from `f` | value and gradient at one sample |
//! | bias | yes, even for a linear `f`; the bias grows with `τ`, while the variance falls |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, `τ` = 0.5: 7.793369e-2 at logit 0 (mean 2.146018e-2, exact 0.025), 3.569666e-2 at logit 2 (mean 6.009456e-2, exact 1.049936e-2) |
//! | | `τ` = 1: 3.338889e-2 at logit 0 (mean 1.666667e-2), 1.509987e-2 at logit 2 (mean 7.967429e-2) |
//! | cost | one call of `f`; per logit, a word of noise and three exponentials or logarithms in all |
//! | use it | if `f` accepts only hard samples but has a gradient at them, and only one call per step is possible |
//! | avoid it | in general: [`GumbelRao`](crate::gumbel_rao::GumbelRao) has the same mean, with less variance and no more calls |
//!
//! Source: E. Jang, S. Gu and B. Poole, *Categorical reparameterization with Gumbel-softmax*, ICLR 2017, section 2.2.

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

/// The straight-through Gumbel-softmax estimator. To draw a sample and run the backward pass in the caller's code, see
/// [`StraightThrough`](crate::StraightThrough).
///
/// ```
/// use samplegrad_core::{Bernoullis, Temperature, cost::FnWithGradient, stream};
/// use samplegrad_core::{estimator::Estimator, straight_through_gumbel::StraightThroughGumbel};
///
/// let mut f = FnWithGradient::<4, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient[0] = 2.0 * (y[0] - 0.45);
///     (y[0] - 0.45) * (y[0] - 0.45)
/// });
/// let b = Bernoullis::<4>::new(&[0.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let estimate = StraightThroughGumbel { tau: Temperature::new(0.5)? }.estimate(&b, &mut f, rng).unwrap();
/// assert!([0.55 * 0.55, 0.45 * 0.45].contains(&estimate.mean));   // f at 1 or at 0
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StraightThroughGumbel {
    /// The temperature `τ` of the gradient.
    pub tau: Temperature,
}

impl<V, F> Estimator<V, F> for StraightThroughGumbel
where
    V: Perturbed,
    F: DifferentiableCost<V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        DecoupledStraightThrough { forward: None, backward: self.tau }.estimate(variables, cost, source)
    }
}
