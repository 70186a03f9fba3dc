//! The pathwise estimator (reparameterization). A sample `x = g_φ(ε)` is a function of `φ` and of noise `ε` that does
//! not depend on `φ`. The estimator differentiates the cost through the sample.
//!
//! ```text
//! ∇_φ E[f(x)] = E[f'(x) ∂x/∂φ],   x = F_φ^{−1}(u)
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | value and gradient at one sample |
//! | bias | none, for an `f` that is continuous and differentiable almost everywhere |
//! | variance | gradient in `μ` of `N(1, 1)` for `f = (x − k)²`: 4 at every `k`. The score function has 30 at `k = 0` and 495 at `k = −3`; with the best constant baseline, `(1 − k)² + 3`, it has 14 and 134 |
//! | cost | 1 call of `f`, 1 word of noise and a derivative per variable; memory for a number per parameter |
//! | use it | wherever `x` is continuous and `f` has a gradient; it is the correct choice where the support depends on `φ` (uniform, Pareto) |
//! | avoid it | for discrete `x`; for an `f` with jumps, since the derivative does not include them; for the scale of a Cauchy distribution unless `∫ f'(x)² dx` is finite; where `f'` is much larger than the variation of `f` (a cost with fine ripples), since the score function then varies less |
//!
//! Sources: D. P. Kingma and M. Welling, *Auto-encoding variational Bayes*, ICLR 2014; D. J. Rezende, S. Mohamed and D.
//! Wierstra, *Stochastic backpropagation and approximate inference in deep generative models*, ICML 2014; requirements
//! on `f`: S. Mohamed, M. Rosca, M. Figurnov and A. Mnih, *Monte Carlo gradient estimation in machine learning*, JMLR
//! 21, 2020. The families of distributions are in [`family`](crate::family::InverseCdf).

use crate::{
    distributions::variables::Reparameterized,
    estimators::{
        cost::{self, DifferentiableCost},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::FixedVec,
    noise::source::Source,
};

/// The pathwise estimator. It evaluates the value and the gradient of the cost at one sample. It is the first choice
/// wherever a gradient is available.
///
/// ```
/// use samplegrad_core::{LogStdNormal, cost::FnWithGradient, estimator::Estimator, independent::Independent, pathwise::Pathwise, stream};
///
/// let x = Independent::<_, 2>::new(&[LogStdNormal::new(1.0, 0.0)?])?;
/// let mut square = FnWithGradient::<2, _>(|x: &[f32], gradient: &mut [f32]| {
///     gradient[0] = 2.0 * x[0];
///     x[0] * x[0]
/// });
/// let estimate = Pathwise.estimate(&x, &mut square, &mut stream::xorshift(2026, 0)).unwrap();
/// assert_eq!(estimate.gradient[0] * estimate.gradient[0], 4.0 * estimate.mean);   // the gradient in `μ` is 2 x
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pathwise;

impl<V, F> Estimator<V, F> for Pathwise
where
    V: Reparameterized,
    F: DifferentiableCost<V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        let (x, path) = variables.sample_path(source);
        let mut slope: V::Numbers = FixedVec::zeros(x.len());
        let mean = cost::differentiable(cost, &x, &x, &mut slope)?;
        Ok(Estimate { mean, gradient: variables.pullback(&path, &slope) })
    }
}
