//! The delta method: the control variate is a Taylor expansion of the cost about the mean, of first or second order,
//! with a fixed or learned weight. The mean of the expansion, and its gradient, follow from the first two moments of
//! the variables.
//!
//! ```text
//! h(x) = Σ_k f'_k d_k + ½ f''_k d_k²,   d = x − x̄,   x̄ = E[x], held fixed in f, f' and f''
//! g    = (f(x) − f(x̄) − β h(x) − b) ∇ ln p(x) + β ∇_φ E[h]
//! ```
//!
//! For normal variables, `∇ E[h]` is `f'` in `μ` and `f'' σ²` in `ln σ`. For bits and classes, whose coordinates are 0
//! or 1, it is `∇ ⟨f' + ½ f'' (1 − 2p), p⟩`. Mixed second derivatives are omitted, since for independent variables they
//! contribute zero to `∇ E[h]`.
//!
//! | | |
//! |---|---|
//! | needs from `f` | a value at one sample; value and gradient at the mean, and for second order also the curvature at the mean |
//! | bias | none, at every `β` |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, first order with `β = 1` and `b = 0`, as for [`muprop`](crate::muprop): 1.5625e-2 at logit 0, 4.926838e-2 at logit 2; second order: 0 |
//! | cost | two calls of `f` and its derivatives, one sample, `4 N` numbers for a step |
//! | use it | where derivatives are available at one point, but not along samples; second order for normal variables with small `σ` |
//! | avoid it | where `f` curves on the scale of the samples' spread, unless `β` is tuned; where samples are differentiable, [`pathwise`](crate::pathwise) is simpler |
//!
//! At `N(1, 1)` with `f = (x − k)²` and `b = 0` the variance in `μ` is 15 at first order, for every `k`, and 0 at
//! second order.
//!
//! Sources: S. Mohamed, M. Rosca, M. Figurnov and A. Mnih, *Monte Carlo gradient estimation in machine learning*, JMLR
//! 21, 2020, §7.4.2; J. Paisley, D. Blei and M. Jordan, *Variational Bayesian inference with stochastic search*, ICML
//! 2012; A. C. Miller, N. Foti, A. D'Amour and R. P. Adams, *Reducing reparameterization gradient variance*, NIPS
//! 2017.

use crate::{
    arithmetic::lane::Lane,
    distributions::variables::PointMoments,
    estimators::{
        baselines::baseline::Baseline,
        control_variates::coefficient::Coefficient,
        cost::{self, Cost, CostError, DifferentiableCost, TwiceDifferentiableCost},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::{FixedVec, collected},
    noise::source::Source,
};

/// The expansion of the cost about the mean of the variables: `f(x̄) + Σ_k c_k d_k + v_k d_k²`.
pub(crate) struct Expansion<V: PointMoments> {
    at: V::Numbers,
    value: V::Lane,
    /// The slopes `c = f'`.
    slope: V::Numbers,
    /// The half curvatures `v = ½ f''`.
    bend: V::Numbers,
}

impl<V: PointMoments> Expansion<V> {
    /// Computes the expansion to first order. An error carries the given sample.
    pub(crate) fn first_order(
        variables: &V,
        sample: &V::Values,
        cost: &mut (impl DifferentiableCost<V::Lane> + ?Sized),
    ) -> Result<Self, CostError<V::Values>> {
        let at = variables.means();
        let (mut slope, bend) = (V::Numbers::zeros(at.len()), V::Numbers::zeros(at.len()));
        let value = cost::differentiable(cost, sample, &at, &mut slope)?;
        Ok(Self { at, value, slope, bend })
    }

    /// Computes the expansion to second order.
    fn second_order(
        variables: &V,
        sample: &V::Values,
        cost: &mut (impl TwiceDifferentiableCost<V::Lane> + ?Sized),
    ) -> Result<Self, CostError<V::Values>> {
        let at = variables.means();
        let (mut slope, mut bend) = (V::Numbers::zeros(at.len()), V::Numbers::zeros(at.len()));
        let value = cost.expand(&at, &mut slope, &mut bend);
        cost::check(value, sample)?;
        for derivative in slope.iter().chain(bend.iter()) {
            cost::check(*derivative, sample)?;
        }
        bend.iter_mut().for_each(|v| *v = *v * 0.5);
        Ok(Self { at, value, slope, bend })
    }

    /// Computes `h`, the part of the expansion that depends on the sample. The terms are added from the first
    /// coordinate to the last.
    fn control(&self, variables: &V, sample: &[V::Value]) -> V::Lane {
        let point = variables.point(sample);
        let coordinates = point.iter().zip(self.at.iter()).zip(self.slope.iter().zip(self.bend.iter()));
        coordinates.fold(V::Lane::ZERO, |total, ((&x, &at), (&c, &v))| {
            let d = x - at;
            total + (c + v * d) * d
        })
    }

    /// Returns the residual `f − f(x̄) − β h` of a cost. Returns an error if a steep expansion makes the residual not
    /// finite.
    pub(crate) fn rest(
        &self,
        variables: &V,
        sample: &V::Values,
        value: V::Lane,
        beta: V::Lane,
    ) -> Result<V::Lane, CostError<V::Values>> {
        let rest = (value - self.value) - beta * self.control(variables, sample);
        cost::check(rest, sample)?;
        Ok(rest)
    }

    /// Returns `∇ E[h]`.
    pub(crate) fn gradient(&self, variables: &V) -> V::Numbers {
        variables.pullback_moments(&self.slope, &self.bend)
    }
}

/// The delta method of first order. It evaluates value and gradient at the mean, and needs a baseline for the
/// residual: a number, or another [`Baseline`].
///
/// ```
/// use samplegrad_core::{
///     LogStdNormal, coefficient::Coefficient, cost::FnWithGradient, delta_method::DeltaMethod, estimator::Estimator,
///     independent::Independent, stream,
/// };
///
/// let x = Independent::<_, 2>::new(&[LogStdNormal::new(1.0, 0.0)?])?;
/// let mut linear = FnWithGradient::<2, _>(|x: &[f32], gradient: &mut [f32]| {
///     gradient[0] = 3.0;
///     3.0 * x[0]
/// });
/// let mut estimator = DeltaMethod { coefficient: Coefficient::fixed(1.0)?, baseline: 0.0 };
/// let estimate = estimator.estimate(&x, &mut linear, &mut stream::xorshift(2026, 0)).unwrap();
/// assert!((estimate.gradient[0] - 3.0).abs() < 1e-5);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeltaMethod<B = f32, L: Lane = f32> {
    /// The weight `β` of the expansion.
    pub coefficient: Coefficient<L>,
    /// The baseline of the residual after the expansion.
    pub baseline: B,
}

/// The delta method of second order. It evaluates value, gradient and curvature at the mean.
///
/// ```
/// use samplegrad_core::{
///     LogStdNormal, coefficient::Coefficient, cost::FnWithHessianDiagonal, delta_method::SecondOrder, estimator::Estimator,
///     independent::Independent, stream,
/// };
///
/// let x = Independent::<_, 2>::new(&[LogStdNormal::new(1.0, 0.0)?])?;
/// let mut square = FnWithHessianDiagonal::<2, _>(|x: &[f32], slope: &mut [f32], curvature: &mut [f32]| {
///     (slope[0], curvature[0]) = (2.0 * x[0], 2.0);
///     x[0] * x[0]
/// });
/// let mut estimator = SecondOrder { coefficient: Coefficient::fixed(1.0)?, baseline: 0.0 };
/// let estimate = estimator.estimate(&x, &mut square, &mut stream::xorshift(2026, 0)).unwrap();
/// assert!((estimate.gradient[0] - 2.0).abs() < 1e-5 && (estimate.gradient[1] - 2.0).abs() < 1e-5);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SecondOrder<B = f32, L: Lane = f32> {
    /// The weight `β` of the expansion.
    pub coefficient: Coefficient<L>,
    /// The baseline of the residual after the expansion.
    pub baseline: B,
}

/// Computes the estimate with an expansion, then updates the weight.
fn estimate<V: PointMoments>(
    variables: &V,
    (x, mean, score): (&V::Values, V::Lane, &V::Numbers),
    expansion: &Expansion<V>,
    coefficient: &mut Coefficient<V::Lane>,
    baseline: &mut impl Baseline<V::Lane>,
) -> Estimated<V> {
    let beta = coefficient.get();
    let rest = expansion.rest(variables, x, mean, beta)?;
    let back = expansion.gradient(variables);
    let mut gradient = score.clone();
    baseline.centre(&(), rest, &mut gradient);
    for (g, &back) in gradient.iter_mut().zip(back.iter()) {
        *g = *g + beta * back;
    }
    if coefficient.learns() {
        let control = expansion.control(variables, x);
        let part: V::Numbers = collected(score.iter().zip(back.iter()).map(|(&s, &back)| control * s - back));
        coefficient.learn(&gradient, &part);
    }
    Ok(Estimate { mean, gradient })
}

impl<V, F, B> Estimator<V, F> for DeltaMethod<B, V::Lane>
where
    V: PointMoments,
    F: Cost<[V::Value], V::Lane> + DifferentiableCost<V::Lane> + ?Sized,
    B: Baseline<V::Lane>,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        let (x, score) = variables.sample_score(source);
        let mean = cost::finite(cost, &x)?;
        let expansion = Expansion::first_order(variables, &x, cost)?;
        estimate(variables, (&x, mean, &score), &expansion, &mut self.coefficient, &mut self.baseline)
    }
}

impl<V, F, B> Estimator<V, F> for SecondOrder<B, V::Lane>
where
    V: PointMoments,
    F: Cost<[V::Value], V::Lane> + TwiceDifferentiableCost<V::Lane> + ?Sized,
    B: Baseline<V::Lane>,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        let (x, score) = variables.sample_score(source);
        let mean = cost::finite(cost, &x)?;
        let expansion = Expansion::second_order(variables, &x, cost)?;
        estimate(variables, (&x, mean, &score), &expansion, &mut self.coefficient, &mut self.baseline)
    }
}
