//! Plain straight-through: the cost is evaluated at the sample, and its gradient is used as if it had been computed at
//! the probabilities.
//!
//! ```text
//! g = ∂⟨∇f(D), p⟩/∂l:   p ⊙ (c − ⟨p, c⟩) of a class,   p (1 − p) c of a bit,   with c = ∇f(D)
//! ```
//!
//! `D` is the sample (one-hot for a class, 0 or 1 for a bit), and `p` are the probabilities.
//!
//! | | |
//! |---|---|
//! | needs from `f` | value and gradient at one sample |
//! | bias | none if `f` is linear in each variable; otherwise biased. The estimate is accurate to first order, like the forward Euler method |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit: 6.25e-2 at logit 0 (mean 2.5e-2, exact 0.025), 4.629651e-3 at logit 2 (mean 9.046186e-2, exact 1.049936e-2) |
//! | cost | one call of `f`; a word of noise per variable; a few products per logit, no exponentials or logarithms |
//! | use it | as the cheapest of its family, without a temperature |
//! | avoid it | in general: [`ReinMax`](crate::reinmax::ReinMax) needs one call as well, and is also exact for a quadratic `f` |
//!
//! For a bit with a quadratic `f` the mean is `p(1 − p)(p f'(1) + (1 − p) f'(0))`, while the exact gradient has the
//! weights `½` and `½` in place of `p` and `1 − p`. The mean and the exact gradient agree at logit 0 only.
//!
//! Sources: Y. Bengio, N. Léonard and A. Courville, *Estimating or propagating gradients through stochastic neurons for
//! conditional computation*, 2013; order of accuracy: L. Liu et al., NeurIPS 2023 (see [`reinmax`](crate::reinmax)).

use crate::{
    distributions::variables::Embedded,
    estimators::{
        cost::{self, DifferentiableCost},
        estimator::{Estimate, Estimated, Estimator},
    },
    noise::source::Source,
};

/// The plain straight-through estimator.
///
/// ```
/// use samplegrad_core::{Bernoullis, cost::FnWithGradient, stream};
/// use samplegrad_core::{estimator::Estimator, plain_straight_through::PlainStraightThrough};
///
/// let mut twice = FnWithGradient::<4, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient.fill(2.0);
///     2.0 * y[0]
/// });
/// let b = Bernoullis::<4>::new(&[0.0])?;
/// let estimate = PlainStraightThrough.estimate(&b, &mut twice, &mut stream::xorshift(2026, 0)).unwrap();
/// assert_eq!(estimate.gradient, [0.5]);   // linear: exact
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PlainStraightThrough;

impl<V, F> Estimator<V, F> for PlainStraightThrough
where
    V: Embedded,
    F: DifferentiableCost<V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        let x = variables.sample(source);
        let (mean, slope): (V::Lane, V::Numbers) = cost::at_point(cost, &x, &variables.embed(&x))?;
        Ok(Estimate { mean, gradient: variables.pullback_mean(&slope) })
    }
}
