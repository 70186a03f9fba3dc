//! The pathwise estimator (reparameterization): `∇_φ E[f] = E[f'(x) ∂x/∂φ]` for samples that are a differentiable function
//! of the parameters.
//!
//! Sources: D. P. Kingma and M. Welling, *Auto-encoding variational Bayes*, ICLR 2014; D. J. Rezende, S. Mohamed and
//! D. Wierstra, *Stochastic backpropagation and approximate inference in deep generative models*, ICML 2014.

use heapless::Vec;

use crate::{
    Source,
    cost::{self, CostError, DifferentiableCost},
    estimator::{Estimate, Estimator},
    fixed_vec::zeros,
    lane::Lane,
    variables::Reparameterized,
};

/// The pathwise estimator. It asks for value and gradient of the cost at one sample: the first choice wherever there is a
/// gradient to be had.
///
/// ```
/// use samplegrad_core::{Gaussian, cost::Smooth, estimator::Estimator, independent::Independent, pathwise::Pathwise, stream};
///
/// let x = Independent::<_, 2>::new(&[Gaussian::new(1.0, 0.0)?])?;
/// let mut square = Smooth::<2, _>(|x: &[f32], gradient: &mut [f32]| {
///     gradient[0] = 2.0 * x[0];
///     x[0] * x[0]
/// });
/// let estimate = Pathwise.estimate(&x, &mut square, &mut stream::xorshift(2026, 0)).unwrap();
/// assert_eq!(estimate.gradient[0] * estimate.gradient[0], 4.0 * estimate.mean);   // 2 x in the mean of x
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pathwise;

impl<const N: usize, L, V, F> Estimator<N, V, F, L> for Pathwise
where
    L: Lane,
    V: Reparameterized<N, L>,
    F: DifferentiableCost<L> + ?Sized,
{
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &V,
        cost: &mut F,
        source: &mut S,
    ) -> Result<Estimate<N, L>, CostError<Vec<L, N>>> {
        let (x, path) = variables.sample_path(source);
        let mut slope: Vec<L, N> = zeros(x.len());
        let mean = cost::differentiable(cost, &x, &x, &mut slope)?;
        Ok(Estimate { mean, gradient: variables.pullback(&path, &slope) })
    }
}
