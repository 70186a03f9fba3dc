//! Couplings of two kinds of noise in REBAR and RELAX. The first is the noise `u` of the sample. The second is the
//! noise `v` of `z̃`, the perturbed logits drawn given the sample.
//!
//! Every coupling gives an unbiased estimate, because `v` is uniform given the sample. On the toy problem
//! `E[(b − 0.45)²]` of one bit, with `τ = ½` and `η = 1`, the variances are:
//!
//! | | words of noise | relaxed points | logit 0 | logit 2 |
//! |---|---|---|---|---|
//! | independent | 2 per logit | 2 | 2.265312e-2 | 1.131859e-2 |
//! | tied | 1 per logit | 1 | 2.406711e-2 | 8.260752e-3 |
//! | antithetic | 2 per logit | 3 | 2.109196e-2 | 1.016454e-2 |

use heapless::Vec;

use crate::{
    arithmetic::{lane::Lane, reduce},
    estimators::{
        cost::{self, CostError, DifferentiableCost},
        relaxed_control_variates::surrogate::{Influence, Surrogate},
    },
    fixed_vec::{FixedVec, collected},
    noise::{source::Source, uniform::Uniform},
    relaxations::perturbed::{Perturbation, Perturbed},
};

/// The coupling of the noise `v` of `z̃` with the noise `u` of `z`.
///
/// ```
/// use samplegrad_core::{Rebar, Temperature, coupling::Coupling};
///
/// let rebar = Rebar::new(Temperature::new(0.5)?, 0.5)?.coupled(Coupling::Tied);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Coupling {
    /// `v` is drawn independently.
    #[default]
    Independent,
    /// `v` is the noise that gives `z̃ = z`, as in the REBAR paper. The two relaxed samples are equal, so the cost is
    /// evaluated at one relaxed sample instead of two. Their derivatives in the logits differ.
    Tied,
    /// `v` is drawn independently. The control variate is averaged over `v` and `1 − v`.
    Antithetic,
}

/// Draws `count` uniform numbers. Each takes one word of the source.
fn uniforms<V: Perturbed, S: Source<V::Lane> + ?Sized>(count: usize, source: &mut S) -> V::Of<Uniform<V::Lane>> {
    collected((0..count).map(|_| Uniform::sample(source)))
}

/// A sample, the noise from which it was computed, and the perturbed logits drawn given the sample.
pub(crate) struct Draw<V: Perturbed> {
    pub(crate) x: V::Values,
    /// The score `∇ ln p(x)`.
    pub(crate) score: V::Numbers,
    own: Perturbation<V::Numbers>,
    given: Vec<Perturbation<V::Numbers>, 2>,
    tied: bool,
}

/// A control variate `c` at a draw. Its contribution to the estimate is `path − value · score`.
pub(crate) struct Control<V: Perturbed> {
    /// The mean of `c(z̃)`.
    pub(crate) value: V::Lane,
    /// `∇ c(z)` minus the mean of `∇ c(z̃)`.
    pub(crate) path: V::Numbers,
}

impl<V: Perturbed> Control<V> {
    /// Returns the control variate, multiplied by a number.
    pub(crate) fn scaled(&self, by: V::Lane) -> Self {
        Self { value: self.value * by, path: collected(self.path.iter().map(|&path| path * by)) }
    }
}

impl<V: Perturbed> Draw<V> {
    /// Draws a sample. The words for `u` are drawn before the words for `v`. The tied coupling takes no words for `v`.
    pub(crate) fn sample<S: Source<V::Lane> + ?Sized>(variables: &V, coupling: Coupling, source: &mut S) -> Self {
        let u = uniforms::<V, S>(variables.parameters(), source);
        let count = if coupling == Coupling::Tied { 0 } else { variables.parameters() };
        let v = uniforms::<V, S>(count, source);
        Self::new(variables, coupling, &u, &v)
    }

    pub(crate) fn new(variables: &V, coupling: Coupling, u: &[Uniform<V::Lane>], v: &[Uniform<V::Lane>]) -> Self {
        let (x, own) = variables.perturb(u);
        let mut given = Vec::new();
        let tied = coupling == Coupling::Tied;
        // This cannot fail, because the vector has room for two elements.
        let _ = given.push(if tied { variables.tied(&x, &own.z) } else { variables.given(&x, v) });
        if coupling == Coupling::Antithetic {
            let opposite: V::Of<Uniform<V::Lane>> = collected(v.iter().map(|v| v.complement()));
            let _ = given.push(variables.given(&x, &opposite));
        }
        Self { score: variables.score(&x), x, own, given, tied }
    }

    /// Computes a control variate from a function that returns its value and its gradient in `z`. The function is
    /// evaluated first at `z`, and then at each `z̃` that differs from `z`.
    pub(crate) fn control<E>(
        &self,
        variables: &V,
        mut ask: impl FnMut(&[V::Lane]) -> Result<(V::Lane, V::Numbers), E>,
    ) -> Result<Control<V>, E> {
        let share = 1.0 / self.given.len() as f32;
        let (own, slopes) = ask(&self.own.z)?;
        let mut path = variables.pullback(&self.own.jacobian_weight, &slopes);
        let mut value = V::Lane::ZERO;
        for given in &self.given {
            let (at, back) = if self.tied {
                (own, variables.pullback(&given.jacobian_weight, &slopes))
            } else {
                let (at, slopes) = ask(&given.z)?;
                (at, variables.pullback(&given.jacobian_weight, &slopes))
            };
            value = value + at * share;
            for (path, &back) in path.iter_mut().zip(back.iter()) {
                *path = *path - back * share;
            }
        }
        Ok(Control { value, path })
    }

    /// Computes the control variate whose value is the cost of the relaxed sample. The argument for the temperature is
    /// `1/τ`.
    pub(crate) fn relaxed(
        &self,
        variables: &V,
        recip: V::Lane,
        cost: &mut (impl DifferentiableCost<V::Lane> + ?Sized),
    ) -> Result<Control<V>, CostError<V::Values>> {
        self.control(variables, |z| {
            let y = variables.relax(z, recip);
            let mut slopes: V::Numbers = FixedVec::zeros(y.len());
            let value = cost::differentiable(cost, &self.x, &y, &mut slopes)?;
            Ok((value, variables.pullback_relaxed(z, &y, &slopes, recip)))
        })
    }

    /// Computes the estimate of a cost with control variates: `(f − Σ_i c_i) ∇ ln p(x) + Σ_i path_i`. The terms of both
    /// sums are added in the order of the control variates.
    pub(crate) fn estimate(&self, value: V::Lane, controls: &[&Control<V>]) -> V::Numbers {
        let advantage = controls.iter().fold(value, |rest, control| rest - control.value);
        let mut gradient: V::Numbers = collected(self.score.iter().map(|&s| advantage * s));
        for control in controls {
            for (g, &path) in gradient.iter_mut().zip(control.path.iter()) {
                *g = *g + path;
            }
        }
        gradient
    }

    /// Computes half the derivative of the square of the estimate with respect to the weight of a control variate.
    pub(crate) fn along(&self, gradient: &[V::Lane], control: &Control<V>) -> V::Lane {
        let moved = control.path.iter().zip(self.score.iter()).map(|(&path, &s)| path - control.value * s);
        gradient.iter().zip(moved).fold(V::Lane::ZERO, |total, (&g, moved)| total + g * moved)
    }

    /// Trains a surrogate. The training uses the derivatives of the squared estimate with respect to the values and
    /// slopes of the surrogate at each point.
    pub(crate) fn teach(&self, surrogate: &mut impl Surrogate<V::Lane>, variables: &V, gradient: &[V::Lane]) {
        let twice: V::Numbers = collected(gradient.iter().map(|&g| g + g));
        let of_own = variables.pushforward(&self.own.jacobian_weight, &twice);
        let share = -1.0 / self.given.len() as f32;
        let by_value = reduce::dot(&twice, &self.score) * share;
        let mut of_given: Vec<V::Numbers, 2> = Vec::new();
        for given in &self.given {
            let mut by_slopes = variables.pushforward(&given.jacobian_weight, &twice);
            by_slopes.iter_mut().for_each(|t| *t = *t * share);
            // This cannot fail, because the vector has room for two elements.
            let _ = of_given.push(by_slopes);
        }
        let mut influences: Vec<Influence<'_, V::Lane>, 3> = Vec::new();
        // This cannot fail, because the vector has room for three elements.
        let _ = influences.push(Influence { z: &self.own.z, by_value: V::Lane::ZERO, by_slopes: &of_own });
        for (given, by_slopes) in self.given.iter().zip(&of_given) {
            let _ = influences.push(Influence { z: &given.z, by_value, by_slopes });
        }
        surrogate.learn(&influences);
    }
}
