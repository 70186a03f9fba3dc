//! REBAR: the score function with the relaxation as its control variate. The control variate is the cost of a relaxed
//! sample that is drawn given the hard sample, so the two costs are correlated. The gradient of the control variate is
//! computed by reparameterization and added back.
//!
//! Let `z` be perturbed logits, `b` the sample computed from `z`, and `z̃` perturbed logits drawn given `b`
//! ([`conditional`](crate::conditional)). `σ_τ(z)` and `σ_τ(z̃)` are the relaxed samples at temperature `τ`: the second is
//! the one given `b`. `η` is the weight of the control variate. The estimate is
//!
//! ```text
//! g = (f(b) − η f(σ_τ(z̃))) ∇ ln p(b) + η ∇ f(σ_τ(z)) − η ∇ f(σ_τ(z̃))
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | a value at one sample; value and gradient at two relaxed samples (one with [`Coupling::Tied`](crate::coupling::Coupling::Tied), three with [`Coupling::Antithetic`](crate::coupling::Coupling::Antithetic)) |
//! | bias | none, at every `η` and `τ` |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, `τ = ½`, `η = 1`: 2.265312e-2 at logit 0, 1.131859e-2 at logit 2; `τ = ½`, best `η`: 1.593552e-2 at logit 0 (`η` = 2.2e-2), 4.826712e-3 at logit 2 (`η` = 8.5e-3); `τ = 16`, best `η`: 9.736917e-3 at logit 0 (`η` = 39), 3.713460e-3 at logit 2 (`η` = 20); score function: 1.593906e-2 at logit 0, 4.827192e-3 at logit 2 |
//! | cost | three calls of `f` (two if tied, four if antithetic); two words of noise per logit (one if tied); no state between estimates |
//! | use it | where `f` is smooth between the values of the variables, and `η` and `τ` are known or learned ([`TunedRebar`](crate::rebar_tuned::TunedRebar)) |
//! | avoid it | with untested `η` and `τ`: the variance can exceed that of the score function; for bits whose cost has no gradient: [`DisArm`](crate::disarm::DisArm) needs only values of `f` |
//!
//! Values and slopes of the cost, multiplied by `|η|` and `1/τ`, must stay within the range of a float.
//!
//! Source: G. Tucker, A. Mnih, C. J. Maddison, J. Lawson and J. Sohl-Dickstein, *REBAR: low-variance, unbiased gradient
//! estimates for discrete latent variable models*, NIPS 2017.

use crate::{
    arithmetic::lane::Lane,
    error::Error,
    estimators::{
        cost::{self, Cost, DifferentiableCost},
        estimator::{Estimate, Estimated, Estimator},
        relaxed_control_variates::coupling::{Coupling, Draw},
    },
    noise::{source::Source, uniform::Uniform},
    relaxations::perturbed::Perturbed,
    settings::temperature::Temperature,
};

/// The largest magnitude of the weight `η`.
pub(crate) const MAX_ETA: f32 = 1000.0;

/// The REBAR estimator.
///
/// # Example
/// ```
/// use samplegrad_core::{Bernoullis, Rebar, Temperature, cost::FnWithGradient, estimator::Estimator, stream};
///
/// let mut cost = FnWithGradient::<4, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient.iter_mut().zip(y).for_each(|(g, y)| *g = 2.0 * (y - 0.45));
///     y.iter().map(|y| (y - 0.45) * (y - 0.45)).sum()
/// });
/// let b = Bernoullis::<4>::new(&[0.0, 1.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let estimate = Rebar::new(Temperature::new(0.5)?, 0.5)?.estimate(&b, &mut cost, rng).unwrap();
/// assert_eq!(estimate.gradient.len(), 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rebar {
    tau: Temperature,
    eta: f32,
    coupling: Coupling,
}

impl Rebar {
    /// Creates the estimator with the temperature of the relaxation and the weight `η` of the control variate. At
    /// `η = 0` the estimator is the score function. The noise of `z̃` is drawn independently of the noise of `z`.
    /// [`Rebar::coupled`] changes this.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `η` is from −1000 to 1000.
    pub const fn new(tau: Temperature, eta: f32) -> Result<Self, Error> {
        match check_eta(eta) {
            Ok(eta) => Ok(Self { tau, eta, coupling: Coupling::Independent }),
            Err(error) => Err(error),
        }
    }

    /// Returns the estimator with another coupling of the noise.
    pub const fn coupled(self, coupling: Coupling) -> Self {
        Self { coupling, ..self }
    }

    /// Computes the estimate from given uniforms: `u` for the sample, `v` for the perturbed logits given the sample,
    /// one of each per logit, in order. With tied noise `v` is not read.
    ///
    /// # Errors
    /// [`CostError`](crate::cost::CostError) with the sample, if a value or a slope of the cost is not finite at the
    /// sample or at one of its relaxations.
    pub fn with_noise<V: Perturbed>(
        &self,
        variables: &V,
        u: &[Uniform<V::Lane>],
        v: &[Uniform<V::Lane>],
        cost: &mut (impl Cost<[V::Value], V::Lane> + DifferentiableCost<V::Lane> + ?Sized),
    ) -> Estimated<V> {
        self.at(variables, &Draw::new(variables, self.coupling, u, v), cost)
    }

    fn at<V: Perturbed>(
        &self,
        variables: &V,
        draw: &Draw<V>,
        cost: &mut (impl Cost<[V::Value], V::Lane> + DifferentiableCost<V::Lane> + ?Sized),
    ) -> Estimated<V> {
        let mean = cost::finite(cost, &draw.x)?;
        let control = draw.relaxed(variables, V::Lane::splat(self.tau.recip()), cost)?.scaled(V::Lane::splat(self.eta));
        let gradient = draw.estimate(mean, &[&control]);
        Ok(Estimate { mean, gradient })
    }
}

/// Returns the weight of a control variate, or an error if the weight is out of range.
pub(crate) const fn check_eta(eta: f32) -> Result<f32, Error> {
    if eta >= -MAX_ETA && eta <= MAX_ETA {
        Ok(eta)
    } else {
        Err(Error::OutOfRange { what: "weight of the control variate", value: eta, requirement: "from -1000 to 1000" })
    }
}

impl<V, F> Estimator<V, F> for Rebar
where
    V: Perturbed,
    F: Cost<[V::Value], V::Lane> + DifferentiableCost<V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        self.at(variables, &Draw::sample(variables, self.coupling, source), cost)
    }
}
