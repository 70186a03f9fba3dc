//! ReinMax: the straight-through estimator of second order. The plain estimator takes a step with the slope at one end
//! (Euler); ReinMax takes the mean of the slopes at both ends (Heun), without evaluating a second slope.
//!
//! ```text
//! g = 2 J(½ (D + p_τ)) c − ½ J(p) c,   c = ∇f(D),   J(q) c = q ⊙ (c − ⟨q, c⟩),   p_τ = softmax(l/τ)
//! ```
//!
//! For a bit, `J(q) c = q (1 − q) c` and `p_τ = σ(l/τ)`. At `τ = 1`, `g` is `½ (1 − p) c` for the bit 1 and `½ p c` for
//! the bit 0.
//!
//! | | |
//! |---|---|
//! | needs from `f` | value and gradient at one sample |
//! | bias | none at `τ` = 1 if `f` is at most quadratic in each variable; otherwise biased |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, `τ` = 1: 6.25e-2 at logit 0 (mean 2.5e-2, exact), 2.240252e-2 at logit 2 (mean 1.049936e-2, exact) |
//! | | `τ` = 0.5: 6.25e-2 at logit 0 (mean 2.5e-2, exact), 1.394701e-2 at logit 2 (mean −8.158519e-2, exact 1.049936e-2) |
//! | cost | one call of `f`; a word of noise per variable, an exponential per logit |
//! | use it | as the first choice of its family: the least bias for one call |
//! | avoid it | where `f` is far from quadratic between two values, or has no gradient: see [`DisArm`](crate::disarm::DisArm) |
//!
//! The temperature is not the temperature of a relaxation: it only flattens or sharpens `p_τ`. With a temperature
//! other than 1 the estimator is no longer of second order.
//!
//! Source: L. Liu, C. Dong, X. Liu, B. Yu and J. Gao, *Bridging discrete and backpropagation: straight-through and
//! beyond*, NeurIPS 2023, algorithm 2.

use heapless::Vec;

use crate::{
    arithmetic::{elementary::sigmoid, lane::Lane},
    distributions::{
        bernoulli::Bernoulli,
        bernoullis::Bernoullis,
        categoricals::Categoricals,
        variables::{Embedded, Variables},
    },
    estimators::{
        cost::{self, DifferentiableCost},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::collected,
    noise::source::Source,
    relaxations::perturbed::Perturbed,
    settings::temperature::Temperature,
};

/// The ReinMax estimator.
///
/// ```
/// use samplegrad_core::{Bernoullis, Temperature, cost::FnWithGradient, estimator::Estimator, reinmax::ReinMax, stream};
///
/// let mut f = FnWithGradient::<4, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient[0] = 2.0 * (y[0] - 0.45);
///     (y[0] - 0.45) * (y[0] - 0.45)
/// });
/// let b = Bernoullis::<4>::new(&[0.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let estimate = ReinMax { tau: Temperature::ONE }.estimate(&b, &mut f, rng).unwrap();
/// // ½ (1 − p) f'(1) or ½ p f'(0), each half of the time: 0.025 in the mean.
/// assert!([0.275, -0.225].iter().any(|g| (estimate.gradient[0] - g).abs() < 1e-6));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReinMax {
    /// The temperature `τ` of the probabilities that are averaged with the sample.
    pub tau: Temperature,
}

impl<const N: usize, L, F> Estimator<Bernoullis<N, L>, F> for ReinMax
where
    L: Lane,
    F: DifferentiableCost<L> + ?Sized,
{
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &Bernoullis<N, L>,
        cost: &mut F,
        source: &mut S,
    ) -> Estimated<Bernoullis<N, L>> {
        let x = variables.sample(source);
        let (mean, slope): (L, Vec<L, N>) = cost::at_point(cost, &x, &x)?;
        let coordinate = |((b, &x), &c): ((&Bernoulli<L>, &L), &L)| {
            let scaled = b.logit() * self.tau.recip();
            // Twice ½ (D + p_τ), and twice its complement, both without cancellation.
            let (q, complement) = (x + sigmoid(scaled), (-x + 1.0) + sigmoid(-scaled));
            c * ((q * complement - b.probability() * b.complement()) * 0.5)
        };
        Ok(Estimate { mean, gradient: collected(variables.as_slice().iter().zip(&x).zip(&slope).map(coordinate)) })
    }
}

impl<const N: usize, L, F> Estimator<Categoricals<N, L>, F> for ReinMax
where
    L: Lane,
    F: DifferentiableCost<L> + ?Sized,
{
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &Categoricals<N, L>,
        cost: &mut F,
        source: &mut S,
    ) -> Estimated<Categoricals<N, L>> {
        let x = variables.sample(source);
        let hot = variables.embed(&x);
        let (mean, slope): (L, Vec<L, N>) = cost::at_point(cost, &x, &hot)?;
        let mut q = variables.relax(variables.log_probabilities(), L::splat(self.tau.recip()));
        for (q, &hot) in q.iter_mut().zip(&hot) {
            *q = (hot + *q) * 0.5;
        }
        let mut gradient = variables.pullback_relaxed(&q, &q, &slope, L::ONE);
        for (g, &one) in gradient.iter_mut().zip(variables.pullback_mean(&slope).iter()) {
            *g = (*g + *g) - one * 0.5;
        }
        Ok(Estimate { mean, gradient })
    }
}
