//! REBAR that learns its weight `η` and its temperature `τ`. The mean of the unbiased estimate `g` does not depend on
//! `η` and `τ`, so reducing the mean square of `g` reduces the variance of `g`. The gradient of the square can be
//! computed:
//!
//! ```text
//! g = a + η B_τ,   ∂(g·g)/∂η = 2 g·B_τ,   ∂(g·g)/∂ln τ = 2 η g·∂B_τ/∂ln τ
//! ```
//!
//! where `B_τ = −f(σ_τ(z̃)) ∇ ln p(b) + ∇ f(σ_τ(z)) − ∇ f(σ_τ(z̃))`. The derivative in `τ` needs second derivatives of
//! `f`. The paper computes it by automatic differentiation. Here it is approximated by the difference
//! `(B_{τ′} − B_τ)/h` with the same noise, where `ln τ′ = ln τ ± h` and `h = 2^−6`. The step alternates forwards and
//! backwards, so that the first-order error averages out. The approximation affects only the learned values of `η` and
//! `τ`. The estimate uses `η` and `τ` from before the step, so it is unbiased for all values of `η` and `τ`.
//!
//! | | |
//! |---|---|
//! | needs from `f` | a value at one sample; value and gradient at four relaxed samples (two with [`Coupling::Tied`](crate::coupling::Coupling::Tied), six with [`Coupling::Antithetic`](crate::coupling::Coupling::Antithetic)); half as many relaxed samples if the temperature is fixed |
//! | bias | none |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit: falls towards 3.2e-6 at logit 0, 9.9e-7 at logit 2 (`η` is then near 100, and `τ` at its bound 1000: for one bit a flat relaxation is the best); 5000 times below the score function |
//! | cost | five calls of `f` (three if tied, seven if antithetic); two words of noise per logit (one if tied); memory for nine floats |
//! | use it | in place of [`Rebar`](crate::Rebar), if there are thousands of steps to learn from |
//! | avoid it | where every call of `f` is expensive and a few more samples would be enough; for a handful of steps |
//!
//! Source: the paper cited in [`rebar`](crate::rebar), section 3.2.

use crate::{
    arithmetic::lane::Lane,
    error::Error,
    estimators::{
        cost::{self, Cost, CostError, DifferentiableCost},
        estimator::{Estimate, Estimated, Estimator},
        relaxed_control_variates::{
            coupling::{Control, Coupling, Draw},
            rebar::{MAX_ETA, check_eta},
            variance_descent::{Clock, DescentParameter},
        },
    },
    noise::{source::Source, uniform::Uniform},
    relaxations::perturbed::Perturbed,
    settings::{learning::LearningRate, temperature::Temperature},
};

/// The step `h` of the difference in `ln τ`.
const STEP: f32 = 0.015_625;
/// The bound `ln 1000` of `ln τ`: learned temperatures stay from 1/1000 to 1000.
const MAX_LN_TAU: f32 = 6.907_755;

/// The REBAR estimator with a weight `η` and a temperature `τ` that follow the gradient of the variance, one pair per
/// lane.
///
/// # Example
/// ```
/// use samplegrad_core::{
///     Bernoullis, LearningRate, Temperature, cost::FnWithGradient, coupling::Coupling, estimator::Estimator,
///     rebar_tuned::TunedRebar, stream,
/// };
///
/// let mut cost = FnWithGradient::<1, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient.iter_mut().zip(y).for_each(|(g, y)| *g = 2.0 * (y - 0.45));
///     y.iter().map(|y| (y - 0.45) * (y - 0.45)).sum()
/// });
/// let b = Bernoullis::<1>::new(&[0.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let mut rebar = TunedRebar::new(Temperature::new(2.0)?, 1.0, Coupling::Tied, LearningRate::new(0.01)?)?;
/// for _ in 0..2000 {
///     rebar.estimate(&b, &mut cost, rng).unwrap();
/// }
/// assert!(rebar.temperature() > 4.0);    // the flatter the better here
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TunedRebar<L: Lane = f32> {
    eta: DescentParameter<L>,
    ln_tau: DescentParameter<L>,
    clock: Clock,
    coupling: Coupling,
    learns_temperature: bool,
    forwards: bool,
}

/// The relaxed control variate at a draw and, if the temperature is learned, at a neighbouring temperature.
pub(crate) struct Tuned<V: Perturbed> {
    pub(crate) control: Control<V>,
    next: Option<Control<V>>,
}

impl<L: Lane> TunedRebar<L> {
    /// Creates the estimator with a starting temperature and weight. The rate is the length of a step of Adam, for `η`
    /// and for `ln τ`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `τ` is from 1/1000 to 1000 and `η` from −1000 to 1000. Both stay in these ranges.
    pub fn new(tau: Temperature, eta: f32, coupling: Coupling, rate: LearningRate) -> Result<Self, Error> {
        if !(0.001..=1000.0).contains(&tau.get()) {
            return Err(Error::OutOfRange {
                what: "learned temperature",
                value: tau.get(),
                requirement: "from 0.001 to 1000",
            });
        }
        let learned = |x: f32| DescentParameter::new(L::splat(x));
        let (eta, ln_tau) = (learned(check_eta(eta)?), learned(libm::logf(tau.get())));
        Ok(Self { eta, ln_tau, clock: Clock::new(rate), coupling, learns_temperature: true, forwards: true })
    }

    /// Returns the estimator with a fixed temperature, which halves the calls of the cost at relaxed samples.
    pub fn keeping_temperature(self) -> Self {
        Self { learns_temperature: false, ..self }
    }

    /// Returns the estimator with another rate for the next steps. A smaller rate settles closer to the optimum.
    pub fn at_rate(self, rate: LearningRate) -> Self {
        Self { clock: self.clock.at_rate(rate), ..self }
    }

    /// Returns the weight `η` of the next estimate.
    pub fn eta(&self) -> L {
        self.eta.get()
    }

    /// Returns the temperature `τ` of the next estimate.
    pub fn temperature(&self) -> L {
        self.ln_tau.get().exp()
    }

    /// Returns the coupling of the noise.
    pub fn coupling(&self) -> Coupling {
        self.coupling
    }

    /// Computes the estimate from given uniforms, as [`Rebar::with_noise`](crate::Rebar::with_noise); then learns from
    /// the estimate.
    ///
    /// # Errors
    /// [`CostError`] with the sample, if a value or a slope of the cost is not finite at the sample or at one of its
    /// relaxations. The learned state is then unchanged.
    pub fn with_noise<V: Perturbed<Lane = L>>(
        &mut self,
        variables: &V,
        u: &[Uniform<L>],
        v: &[Uniform<L>],
        cost: &mut (impl Cost<[V::Value], L> + DifferentiableCost<L> + ?Sized),
    ) -> Estimated<V> {
        self.at(variables, &Draw::new(variables, self.coupling, u, v), cost)
    }

    /// Computes the gradient that learning uses, from given uniforms and without learning. Returns `∂(g·g)/∂η` and
    /// `∂(g·g)/∂ln τ`. Their means are the derivatives of the total variance, the sum over the logits. The derivative
    /// in `ln τ` is zero if the temperature is fixed.
    ///
    /// # Errors
    /// The errors of [`TunedRebar::with_noise`].
    pub fn variance_gradient<V: Perturbed<Lane = L>>(
        &self,
        variables: &V,
        u: &[Uniform<L>],
        v: &[Uniform<L>],
        cost: &mut (impl Cost<[V::Value], L> + DifferentiableCost<L> + ?Sized),
    ) -> Result<[L; 2], CostError<V::Values>> {
        let draw = Draw::new(variables, self.coupling, u, v);
        let mean = cost::finite(cost, &draw.x)?;
        let tuned = self.ask(variables, &draw, cost)?;
        Ok(self.slopes(&draw, &draw.estimate(mean, &[&self.weighted(&tuned.control)]), &tuned))
    }

    fn at<V: Perturbed<Lane = L>>(
        &mut self,
        variables: &V,
        draw: &Draw<V>,
        cost: &mut (impl Cost<[V::Value], L> + DifferentiableCost<L> + ?Sized),
    ) -> Estimated<V> {
        let mean = cost::finite(cost, &draw.x)?;
        let tuned = self.ask(variables, draw, cost)?;
        let control = self.weighted(&tuned.control);
        let gradient = draw.estimate(mean, &[&control]);
        self.learn(draw, &gradient, &tuned);
        Ok(Estimate { mean, gradient })
    }

    /// Computes the control variate at a draw.
    pub(crate) fn ask<V: Perturbed<Lane = L>>(
        &self,
        variables: &V,
        draw: &Draw<V>,
        cost: &mut (impl DifferentiableCost<L> + ?Sized),
    ) -> Result<Tuned<V>, CostError<V::Values>> {
        let mut at = |ln_tau: L| draw.relaxed(variables, (-ln_tau).exp(), cost);
        let control = at(self.ln_tau.get())?;
        let next = if self.learns_temperature { Some(at(self.ln_tau.get() + self.step())?) } else { None };
        Ok(Tuned { control, next })
    }

    /// Returns `η` times a control variate.
    pub(crate) fn weighted<V: Perturbed<Lane = L>>(&self, control: &Control<V>) -> Control<V> {
        control.scaled(self.eta.get())
    }

    /// Computes `∂(g·g)/∂η` and `∂(g·g)/∂ln τ`.
    fn slopes<V: Perturbed<Lane = L>>(&self, draw: &Draw<V>, gradient: &[L], tuned: &Tuned<V>) -> [L; 2] {
        let along = draw.along(gradient, &tuned.control);
        let rise = tuned.next.as_ref().map_or(L::ZERO, |next| (draw.along(gradient, next) - along) / self.step());
        [along + along, (rise + rise) * self.eta.get()]
    }

    /// Learns from an estimate that was computed with `η` times this control variate.
    pub(crate) fn learn<V: Perturbed<Lane = L>>(&mut self, draw: &Draw<V>, gradient: &[L], tuned: &Tuned<V>) {
        let [by_eta, by_ln_tau] = self.slopes(draw, gradient, tuned);
        self.clock.tick();
        self.eta.descend(self.clock, by_eta, [-MAX_ETA, MAX_ETA]);
        if self.learns_temperature {
            self.ln_tau.descend(self.clock, by_ln_tau, [-MAX_LN_TAU, MAX_LN_TAU]);
            self.forwards = !self.forwards;
        }
    }

    fn step(&self) -> f32 {
        if self.forwards { STEP } else { -STEP }
    }
}

impl<V, F> Estimator<V, F> for TunedRebar<V::Lane>
where
    V: Perturbed,
    F: Cost<[V::Value], V::Lane> + DifferentiableCost<V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        self.at(variables, &Draw::sample(variables, self.coupling, source), cost)
    }
}
