//! RELAX: the score function with a learned control variate. The control variate is the relaxation of the cost, as in
//! REBAR, plus a small surrogate. The surrogate is a function of the perturbed logits. It learns the rest of the cost
//! or, for a black-box cost, the whole cost.
//!
//! ```text
//! c(z) = η f(σ_τ(z)) + r(z)
//! g = (f(b) − c(z̃)) ∇ ln p(b) + ∇ c(z) − ∇ c(z̃)
//! ```
//!
//! `η`, `τ` and the weights of `r` descend along the gradient of `g·g`, which is exact for the weights of a surrogate.
//! The estimate uses their values from before the step.
//!
//! | | |
//! |---|---|
//! | needs from `f` | [`Relax`]: as [`rebar_tuned`](crate::rebar_tuned); [`BlackBox`]: only a value at one sample |
//! | bias | none |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit: falls towards 0 at both logits. The bias of the linear surrogate is a baseline, and for one bit the best baseline (0.2525 at logit 0, 0.2144 at logit 2) leaves no variance |
//! | cost | calls of `f` as above; two words of noise per logit; memory for three floats per logit |
//! | use it | [`BlackBox`]: where the cost has no slope and a sample is expensive; [`Relax`]: where variance remains with REBAR |
//! | avoid it | for a handful of steps; for bits with two calls of a black box per step, where DisARM needs no learning |
//!
//! Logits are normalised as everywhere in [`perturbed`](crate::perturbed): for classes, the surrogate gets
//! `z = ln p + G`.
//!
//! Source: W. Grathwohl, D. Choi, Y. Wu, G. Roeder and D. Duvenaud, *Backpropagation through the void: optimizing
//! control variates for black-box gradient estimation*, ICLR 2018.

use crate::{
    arithmetic::lane::Lane,
    estimators::{
        cost::{self, Cost, CostError, DifferentiableCost},
        estimator::{Estimate, Estimated, Estimator},
        relaxed_control_variates::{
            coupling::{Control, Coupling, Draw},
            rebar_tuned::TunedRebar,
            surrogate::Surrogate,
        },
    },
    fixed_vec::FixedVec,
    noise::{source::Source, uniform::Uniform},
    relaxations::perturbed::Perturbed,
};

/// The RELAX estimator for a differentiable cost.
///
/// # Example
/// ```
/// use samplegrad_core::{
///     Bernoullis, LearningRate, Temperature, cost::FnWithGradient, coupling::Coupling, estimator::Estimator,
///     rebar_tuned::TunedRebar, relax::Relax, stream, surrogate::Linear,
/// };
///
/// let mut cost = FnWithGradient::<4, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient.iter_mut().zip(y).for_each(|(g, y)| *g = 2.0 * (y - 0.45));
///     y.iter().map(|y| (y - 0.45) * (y - 0.45)).sum()
/// });
/// let b = Bernoullis::<4>::new(&[0.0, 1.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let rate = LearningRate::new(0.01)?;
/// let rebar = TunedRebar::new(Temperature::new(0.5)?, 1.0, Coupling::Independent, rate)?;
/// let mut relax = Relax { rebar, surrogate: Linear::<4>::tanh(rate) };
/// let estimate = relax.estimate(&b, &mut cost, rng).unwrap();
/// assert_eq!(estimate.gradient.len(), 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Relax<R, L: Lane = f32> {
    /// The relaxation with its weight, and the coupling of the noise.
    pub rebar: TunedRebar<L>,
    /// The surrogate `r`.
    pub surrogate: R,
}

/// The RELAX estimator for any cost: the surrogate is the whole control variate.
///
/// # Example
/// ```
/// use samplegrad_core::{
///     Bernoullis, LearningRate, coupling::Coupling, estimator::Estimator, relax::BlackBox, stream, surrogate::Linear,
/// };
///
/// let b = Bernoullis::<4>::new(&[0.0, 1.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let mut relax = BlackBox { coupling: Coupling::Tied, surrogate: Linear::<4>::tanh(LearningRate::new(0.01)?) };
/// let estimate = relax.estimate(&b, &mut |b: &[f32]| b[0] * b[1], rng).unwrap();
/// assert_eq!(estimate.gradient.len(), 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BlackBox<R> {
    /// The coupling of the noise.
    pub coupling: Coupling,
    /// The surrogate `r`.
    pub surrogate: R,
}

/// Evaluates a surrogate at a draw. Returns an error if a number is not finite.
fn ask<V: Perturbed, R: Surrogate<V::Lane>>(
    surrogate: &R,
    variables: &V,
    draw: &Draw<V>,
) -> Result<Control<V>, CostError<V::Values>> {
    draw.control(variables, |z| {
        let mut slopes: V::Numbers = FixedVec::zeros(z.len());
        let value = surrogate.value_and_gradient(z, &mut slopes);
        cost::check(value, &draw.x)?;
        for (slope, &z) in slopes.iter_mut().zip(z) {
            *slope = V::Lane::select(z.equals(V::Lane::NEG_INFINITY), V::Lane::ZERO, *slope);
            cost::check(*slope, &draw.x)?;
        }
        Ok((value, slopes))
    })
}

impl<R, L: Lane> Relax<R, L> {
    /// Computes the estimate from given uniforms, as [`Rebar::with_noise`](crate::Rebar::with_noise); then learns from
    /// the estimate.
    ///
    /// # Errors
    /// [`CostError`] with the sample, if a value or a slope of the cost or of the surrogate is not finite at the sample
    /// or at one of its relaxations. The learned state is then unchanged.
    pub fn with_noise<V: Perturbed<Lane = L>>(
        &mut self,
        variables: &V,
        u: &[Uniform<L>],
        v: &[Uniform<L>],
        cost: &mut (impl Cost<[V::Value], L> + DifferentiableCost<L> + ?Sized),
    ) -> Estimated<V>
    where
        R: Surrogate<L>,
    {
        self.at(variables, &Draw::new(variables, self.rebar.coupling(), u, v), cost)
    }

    fn at<V: Perturbed<Lane = L>>(
        &mut self,
        variables: &V,
        draw: &Draw<V>,
        cost: &mut (impl Cost<[V::Value], L> + DifferentiableCost<L> + ?Sized),
    ) -> Estimated<V>
    where
        R: Surrogate<L>,
    {
        let mean = cost::finite(cost, &draw.x)?;
        let tuned = self.rebar.ask(variables, draw, cost)?;
        let of_surrogate = ask(&self.surrogate, variables, draw)?;
        let gradient = draw.estimate(mean, &[&self.rebar.weighted(&tuned.control), &of_surrogate]);
        self.rebar.learn(draw, &gradient, &tuned);
        draw.teach(&mut self.surrogate, variables, &gradient);
        Ok(Estimate { mean, gradient })
    }
}

impl<R> BlackBox<R> {
    /// Computes the estimate from given uniforms, as [`Rebar::with_noise`](crate::Rebar::with_noise); then learns from
    /// the estimate.
    ///
    /// # Errors
    /// [`CostError`] with the sample, if the cost is not finite at the sample, or if a value or a slope of the
    /// surrogate is not finite at the perturbed logits. The learned state is then unchanged.
    pub fn with_noise<V: Perturbed>(
        &mut self,
        variables: &V,
        u: &[Uniform<V::Lane>],
        v: &[Uniform<V::Lane>],
        cost: &mut (impl Cost<[V::Value], V::Lane> + ?Sized),
    ) -> Estimated<V>
    where
        R: Surrogate<V::Lane>,
    {
        self.at(variables, &Draw::new(variables, self.coupling, u, v), cost)
    }

    fn at<V: Perturbed>(
        &mut self,
        variables: &V,
        draw: &Draw<V>,
        cost: &mut (impl Cost<[V::Value], V::Lane> + ?Sized),
    ) -> Estimated<V>
    where
        R: Surrogate<V::Lane>,
    {
        let mean = cost::finite(cost, &draw.x)?;
        let of_surrogate = ask(&self.surrogate, variables, draw)?;
        let gradient = draw.estimate(mean, &[&of_surrogate]);
        draw.teach(&mut self.surrogate, variables, &gradient);
        Ok(Estimate { mean, gradient })
    }
}

impl<V, F, R> Estimator<V, F> for Relax<R, V::Lane>
where
    V: Perturbed,
    F: Cost<[V::Value], V::Lane> + DifferentiableCost<V::Lane> + ?Sized,
    R: Surrogate<V::Lane>,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        self.at(variables, &Draw::sample(variables, self.rebar.coupling(), source), cost)
    }
}

impl<V, F, R> Estimator<V, F> for BlackBox<R>
where
    V: Perturbed,
    F: Cost<[V::Value], V::Lane> + ?Sized,
    R: Surrogate<V::Lane>,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        self.at(variables, &Draw::sample(variables, self.coupling, source), cost)
    }
}
