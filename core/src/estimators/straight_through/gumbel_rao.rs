//! Gumbel-Rao: the gradient of straight-through Gumbel-softmax, averaged over several draws of the noise given the
//! sample. The cost is evaluated once. The variance from the noise falls in inverse proportion to the number of draws.
//!
//! ```text
//! g = (1/S) Σ_s ∂⟨∇f(D), softmax(z_s/τ)⟩/∂l,   z_s = l + G_s,   G_s drawn given that argmax (l + G_s) is D
//! ```
//!
//! The noise is held fixed in `∂/∂l`, although the distribution of the noise given `D` depends on `l`. The mean of the
//! estimate therefore equals the mean of ST-Gumbel.
//!
//! | | |
//! |---|---|
//! | needs from `f` | value and gradient at one sample |
//! | bias | the bias of [`StraightThroughGumbel`](crate::straight_through_gumbel::StraightThroughGumbel), at every `S` |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, `τ` = 0.5, `S` = 10: 4.924192e-2 at logit 0 (mean 2.146018e-2, exact 0.025), 1.492696e-2 at logit 2 (mean 6.009456e-2, exact 1.049936e-2) |
//! | | `τ` = 1, `S` = 10: 2.833889e-2 at logit 0 (mean 1.666667e-2), 9.092390e-3 at logit 2 (mean 7.967429e-2) |
//! | cost | one call of `f`; `S` words of noise and about `3 S` exponentials and logarithms per logit |
//! | use it | in place of ST-Gumbel if `f` costs more than the noise; ten draws give most of the improvement |
//! | avoid it | for bits, where the limit of many draws is available: [`GumbelRaoLimit`](crate::gumbel_rao_limit::GumbelRaoLimit) |
//!
//! Source: M. B. Paulus, C. J. Maddison and A. Krause, *Rao-Blackwellizing the straight-through Gumbel-softmax gradient
//! estimator*, ICLR 2021.

use crate::{
    arithmetic::lane::Lane,
    error::Error,
    estimators::{
        cost::{self, DifferentiableCost},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::{FixedVec, collected},
    noise::{source::Source, uniform::Uniform},
    relaxations::perturbed::Perturbed,
    settings::temperature::Temperature,
};

/// The Gumbel-Rao estimator.
///
/// ```
/// use samplegrad_core::{Bernoullis, Temperature, cost::FnWithGradient, stream};
/// use samplegrad_core::{estimator::Estimator, gumbel_rao::GumbelRao};
///
/// let mut f = FnWithGradient::<4, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient[0] = 2.0 * (y[0] - 0.45);
///     (y[0] - 0.45) * (y[0] - 0.45)
/// });
/// let b = Bernoullis::<4>::new(&[0.0])?;
/// let mut estimator = GumbelRao::new(Temperature::new(0.5)?, 10)?;
/// let estimate = estimator.estimate(&b, &mut f, &mut stream::xorshift(2026, 0)).unwrap();
/// assert_eq!(estimate.gradient.len(), 1);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GumbelRao {
    tau: Temperature,
    draws: u16,
}

impl GumbelRao {
    /// Creates the estimator from the temperature of the gradient and the number of draws of the noise in the average.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if `draws` is zero.
    pub const fn new(tau: Temperature, draws: u16) -> Result<Self, Error> {
        if draws == 0 {
            return Err(Error::OutOfRange { what: "draws of the noise", value: 0.0, requirement: "at least 1" });
        }
        Ok(Self { tau, draws })
    }
}

/// Computes one draw of the noise from a uniform number per logit. Returns the relaxed point given the value `x`, and
/// the pullback of a cotangent through this point.
///
/// ```
/// use samplegrad_core::{Categoricals, Temperature, gumbel_rao, noise::Uniform};
///
/// let x = Categoricals::<2>::new(&[2], &[0.0, 1.0])?;
/// let v = [Uniform::new(0.25)?, Uniform::new(0.5)?];
/// let (y, gradient) = gumbel_rao::one_draw(&x, &[0], Temperature::ONE, &v, &[1.0, 2.0]);
/// assert!(y[0] > y[1] && gradient[0] < 0.0 && (gradient[0] + gradient[1]).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub fn one_draw<V: Perturbed>(
    variables: &V,
    x: &[V::Value],
    tau: Temperature,
    v: &[Uniform<V::Lane>],
    cotangent: &[V::Lane],
) -> (V::Numbers, V::Numbers) {
    let (z, recip) = (variables.given(x, v).z, V::Lane::splat(tau.recip()));
    let y = variables.relax(&z, recip);
    let gradient = variables.pullback_relaxed(&z, &y, cotangent, recip);
    (y, gradient)
}

impl<V, F> Estimator<V, F> for GumbelRao
where
    V: Perturbed,
    F: DifferentiableCost<V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        let x = variables.sample(source);
        let (mean, slope): (V::Lane, V::Numbers) = cost::at_point(cost, &x, &variables.embed(&x))?;
        let mut gradient: V::Numbers = FixedVec::zeros(slope.len());
        for _ in 0..self.draws {
            let v: V::Of<Uniform<V::Lane>> = collected((0..slope.len()).map(|_| Uniform::sample(source)));
            // The terms are added in the order of the draws.
            for (g, &one) in gradient.iter_mut().zip(one_draw(variables, &x, self.tau, &v, &slope).1.iter()) {
                *g = *g + one;
            }
        }
        let recip = 1.0 / f32::from(self.draws);
        for g in gradient.iter_mut() {
            *g = *g * recip;
        }
        Ok(Estimate { mean, gradient })
    }
}
