//! How the noise of `z̃`, perturbed logits given the sample, goes with the noise of the sample: a choice of REBAR and RELAX.
//!
//! Unbiased each way, for given the sample every `v` is uniform. On the toy at `τ = ½`, `η = 1` the variances are:
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
        relaxed_control_variates::surrogate::Influence,
    },
    fixed_vec::{collected, zeros},
    noise::{source::Source, uniform::Uniform},
    relaxations::perturbed::{Perturbation, Perturbed},
};

/// The coupling of the noise `v` behind `z̃` with the noise `u` behind `z`.
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
    /// `v` is drawn afresh.
    #[default]
    Independent,
    /// `v` is the noise that gives back `z̃ = z`, as in the REBAR paper. The relaxations agree in value but not in how they
    /// follow the logits, so the cost is asked at one relaxed sample in place of two.
    Tied,
    /// The mean of `v`, drawn afresh, and `1 − v`.
    Antithetic,
}

/// As many uniforms as asked for: one word of the source each.
fn uniforms<const N: usize, L: Lane, S: Source<L> + ?Sized>(count: usize, source: &mut S) -> Vec<Uniform<L>, N> {
    collected((0..count).map(|_| Uniform::sample(source)))
}

/// A sample, what led to it, and what is drawn given it.
pub(crate) struct Draw<const N: usize, X, L: Lane> {
    pub(crate) x: Vec<X, N>,
    /// `∇ ln p(x)`.
    pub(crate) score: Vec<L, N>,
    own: Perturbation<N, L>,
    given: Vec<Perturbation<N, L>, 2>,
    tied: bool,
}

/// A control variate `c` at a draw: its share in the estimate is `path − value · score`.
pub(crate) struct Control<const N: usize, L: Lane> {
    /// The mean of `c(z̃)`.
    pub(crate) value: L,
    /// `∇ c(z)` less the mean of `∇ c(z̃)`.
    pub(crate) path: Vec<L, N>,
}

impl<const N: usize, L: Lane> Control<N, L> {
    /// A number times the control variate.
    pub(crate) fn scaled(&self, by: L) -> Self {
        Self { value: self.value * by, path: collected(self.path.iter().map(|&path| path * by)) }
    }
}

impl<const N: usize, X: Copy, L: Lane> Draw<N, X, L> {
    /// Words of `u` before those of `v`; there are none of `v` where it is tied.
    pub(crate) fn sample<V: Perturbed<N, L, Value = X>, S: Source<L> + ?Sized>(
        variables: &V,
        coupling: Coupling,
        source: &mut S,
    ) -> Self {
        let u: Vec<_, N> = uniforms(variables.parameters(), source);
        let count = if coupling == Coupling::Tied { 0 } else { variables.parameters() };
        let v: Vec<_, N> = uniforms(count, source);
        Self::new(variables, coupling, &u, &v)
    }

    pub(crate) fn new<V: Perturbed<N, L, Value = X>>(
        variables: &V,
        coupling: Coupling,
        u: &[Uniform<L>],
        v: &[Uniform<L>],
    ) -> Self {
        let (x, own) = variables.perturb(u);
        let mut given = Vec::new();
        let tied = coupling == Coupling::Tied;
        // Cannot fail: there is room for two.
        let _ = given.push(if tied { variables.tied(&x, &own.z) } else { variables.given(&x, v) });
        if coupling == Coupling::Antithetic {
            let opposite: Vec<_, N> = collected(v.iter().map(|v| v.complement()));
            let _ = given.push(variables.given(&x, &opposite));
        }
        Self { score: variables.score(&x), x, own, given, tied }
    }

    /// A control variate, given by its value and its gradient in `z`; asked at `z`, then at each `z̃` that is not `z`.
    pub(crate) fn control<V: Perturbed<N, L, Value = X>, E>(
        &self,
        variables: &V,
        mut ask: impl FnMut(&[L]) -> Result<(L, Vec<L, N>), E>,
    ) -> Result<Control<N, L>, E> {
        let share = 1.0 / self.given.len() as f32;
        let (own, slopes) = ask(&self.own.z)?;
        let mut path = variables.pullback(&self.own.follows, &slopes);
        let mut value = L::ZERO;
        for given in &self.given {
            let (at, back) = if self.tied {
                (own, variables.pullback(&given.follows, &slopes))
            } else {
                let (at, slopes) = ask(&given.z)?;
                (at, variables.pullback(&given.follows, &slopes))
            };
            value = value + at * share;
            for (path, &back) in path.iter_mut().zip(&back) {
                *path = *path - back * share;
            }
        }
        Ok(Control { value, path })
    }

    /// The control variate `f ∘ σ_τ`, for `1/τ`.
    pub(crate) fn relaxed<V: Perturbed<N, L, Value = X>>(
        &self,
        variables: &V,
        recip: L,
        cost: &mut (impl DifferentiableCost<L> + ?Sized),
    ) -> Result<Control<N, L>, CostError<Vec<X, N>>> {
        self.control(variables, |z| {
            let y = variables.relax(z, recip);
            let mut slopes: Vec<L, N> = zeros(y.len());
            let value = cost::differentiable(cost, &self.x, &y, &mut slopes)?;
            Ok((value, variables.pullback_relaxed(z, &y, &slopes, recip)))
        })
    }

    /// `(f(x) − Σ c) ∇ ln p(x) + Σ path` of the control variates, from first to last.
    pub(crate) fn estimate(&self, value: L, controls: &[&Control<N, L>]) -> Vec<L, N> {
        let advantage = controls.iter().fold(value, |rest, control| rest - control.value);
        let mut gradient: Vec<L, N> = collected(self.score.iter().map(|&s| advantage * s));
        for control in controls {
            for (g, &path) in gradient.iter_mut().zip(&control.path) {
                *g = *g + path;
            }
        }
        gradient
    }

    /// `½ ∂(Σ_j g_j²)/∂c` for a weight `c` of a control variate, from first to last.
    pub(crate) fn along(&self, gradient: &[L], control: &Control<N, L>) -> L {
        let moved = control.path.iter().zip(&self.score).map(|(&path, &s)| path - control.value * s);
        gradient.iter().zip(moved).fold(L::ZERO, |total, (&g, moved)| total + g * moved)
    }

    /// The influences on `Σ_j g_j²` of what a control variate says at `z` and at each `z̃`.
    pub(crate) fn influences<V: Perturbed<N, L, Value = X>>(
        &self,
        variables: &V,
        gradient: &[L],
    ) -> Vec<Influence<'_, N, L>, 3> {
        let twice: Vec<L, N> = collected(gradient.iter().map(|&g| g + g));
        let by_slopes = variables.pushforward(&self.own.follows, &twice);
        let mut influences = Vec::new();
        // Cannot fail: there is room for three.
        let _ = influences.push(Influence { z: &self.own.z, by_value: L::ZERO, by_slopes });
        let share = -1.0 / self.given.len() as f32;
        let by_value = reduce::dot(&twice, &self.score) * share;
        for given in &self.given {
            let mut by_slopes = variables.pushforward(&given.follows, &twice);
            by_slopes.iter_mut().for_each(|t| *t = *t * share);
            let _ = influences.push(Influence { z: &given.z, by_value, by_slopes });
        }
        influences
    }
}
