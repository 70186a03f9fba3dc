//! The delta method: a Taylor expansion of the cost about the mean, of first or second order, as the control variate, with a
//! weight that is fixed or learned. The mean of the expansion, and so its gradient, is known from the variables' first two
//! moments.
//!
//! ```text
//! h(x) = Σ_k f'_k d_k + ½ f''_k d_k²,   d = x − x̄,   x̄ = E[x], held fixed in f, f' and f''
//! g    = (f(x) − f(x̄) − β h(x) − b) ∇ ln p(x) + β ∇_φ E[h]
//! ```
//!
//! with `∇ E[h]`: of normal variables `f'` in `μ` and `f'' σ²` in `ln σ`; of bits and classes, whose coordinates are 0 or 1,
//! `∇ ⟨f' + ½ f'' (1 − 2p), p⟩`. Mixed second derivatives are left out: of independent variables their part of `∇ E[h]` is zero.
//!
//! | | |
//! |---|---|
//! | asks of `f` | a value at one sample; at the mean value and gradient, and of second order the curvature |
//! | bias | none, at every `β` |
//! | variance on the toy | first order with `β = 1` and `b = 0` as [`muprop`](crate::muprop), 1.5625e-2 at logit 0, 4.926838e-2 at logit 2; second order 0 |
//! | cost | two calls of `f` and its derivatives, one sample, `4 N` numbers for a step |
//! | use it | where derivatives at one point are to be had, but not along samples; second order of normal variables with small `σ` |
//! | not | where `f` bends on the scale of the samples' spread, unless `β` is tuned; where samples are differentiable, [`pathwise`](crate::pathwise) is simpler |
//!
//! At `N(1, 1)` with `f = (x − k)²` and `b = 0` the variance in `μ` is 15 at first order, whatever `k`, and 0 at second.
//!
//! Sources: S. Mohamed, M. Rosca, M. Figurnov and A. Mnih, *Monte Carlo gradient estimation in machine learning*, JMLR 21, 2020,
//! §7.4.2; J. Paisley, D. Blei and M. Jordan, *Variational Bayesian inference with stochastic search*, ICML 2012; A. C. Miller,
//! N. Foti, A. D'Amour and R. P. Adams, *Reducing reparameterization gradient variance*, NIPS 2017.

use heapless::Vec;

use crate::{
    arithmetic::lane::Lane,
    distributions::variables::Moments,
    estimators::{
        baselines::baseline::Baseline,
        control_variates::coefficient::Coefficient,
        cost::{self, Cost, CostError, DifferentiableCost, TwiceDifferentiableCost},
        estimator::{Estimate, Estimator},
    },
    fixed_vec::{collected, zeros},
    noise::source::Source,
};

/// The cost near the mean of the variables: `f(x̄) + Σ_k c_k d_k + v_k d_k²`.
pub(crate) struct Expansion<const N: usize, L: Lane> {
    at: Vec<L, N>,
    value: L,
    /// `c = f'`.
    slope: Vec<L, N>,
    /// `v = ½ f''`.
    bend: Vec<L, N>,
}

impl<const N: usize, L: Lane> Expansion<N, L> {
    /// To first order; an error names the sample that it is for.
    pub(crate) fn first_order<V: Moments<N, L>>(
        variables: &V,
        sample: &Vec<V::Value, N>,
        cost: &mut (impl DifferentiableCost<L> + ?Sized),
    ) -> Result<Self, CostError<Vec<V::Value, N>>> {
        let at = variables.means();
        let (mut slope, bend): (Vec<L, N>, Vec<L, N>) = (zeros(at.len()), zeros(at.len()));
        let value = cost::differentiable(cost, sample, &at, &mut slope)?;
        Ok(Self { at, value, slope, bend })
    }

    /// To second order.
    fn second_order<V: Moments<N, L>>(
        variables: &V,
        sample: &Vec<V::Value, N>,
        cost: &mut (impl TwiceDifferentiableCost<L> + ?Sized),
    ) -> Result<Self, CostError<Vec<V::Value, N>>> {
        let at = variables.means();
        let (mut slope, mut bend): (Vec<L, N>, Vec<L, N>) = (zeros(at.len()), zeros(at.len()));
        let value = cost.expand(&at, &mut slope, &mut bend);
        cost::check(value, sample)?;
        for derivative in slope.iter().chain(&bend) {
            cost::check(*derivative, sample)?;
        }
        bend.iter_mut().for_each(|v| *v = *v * 0.5);
        Ok(Self { at, value, slope, bend })
    }

    /// `h`: what depends on the sample, from the first coordinate to the last.
    fn control<V: Moments<N, L>>(&self, variables: &V, sample: &[V::Value]) -> L {
        let point = variables.point(sample);
        let coordinates = point.iter().zip(&self.at).zip(self.slope.iter().zip(&self.bend));
        coordinates.fold(L::ZERO, |total, ((&x, &at), (&c, &v))| {
            let d = x - at;
            total + (c + v * d) * d
        })
    }

    /// What a cost leaves of itself when the expansion is taken away, `f − f(x̄) − β h`; an error if the expansion is so steep
    /// that it is not finite.
    pub(crate) fn rest<V: Moments<N, L>>(
        &self,
        variables: &V,
        sample: &Vec<V::Value, N>,
        value: L,
        beta: L,
    ) -> Result<L, CostError<Vec<V::Value, N>>> {
        let rest = (value - self.value) - beta * self.control(variables, sample);
        cost::check(rest, sample)?;
        Ok(rest)
    }

    /// `∇ E[h]`.
    pub(crate) fn gradient<V: Moments<N, L>>(&self, variables: &V) -> Vec<L, N> {
        variables.pullback_moments(&self.slope, &self.bend)
    }
}

/// The delta method of first order: it asks for value and gradient at the mean. Needs a baseline for what the expansion
/// leaves: a number, or what else is a [`Baseline`].
///
/// ```
/// use samplegrad_core::{
///     Gaussian, coefficient::Coefficient, cost::Smooth, delta_method::DeltaMethod, estimator::Estimator,
///     independent::Independent, stream,
/// };
///
/// let x = Independent::<_, 2>::new(&[Gaussian::new(1.0, 0.0)?])?;
/// let mut linear = Smooth::<2, _>(|x: &[f32], gradient: &mut [f32]| {
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
    /// What is taken from what the expansion leaves.
    pub baseline: B,
}

/// The delta method of second order: it asks for value, gradient and curvature at the mean.
///
/// ```
/// use samplegrad_core::{
///     Gaussian, coefficient::Coefficient, cost::Curved, delta_method::SecondOrder, estimator::Estimator,
///     independent::Independent, stream,
/// };
///
/// let x = Independent::<_, 2>::new(&[Gaussian::new(1.0, 0.0)?])?;
/// let mut square = Curved::<2, _>(|x: &[f32], slope: &mut [f32], curvature: &mut [f32]| {
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
    /// What is taken from what the expansion leaves.
    pub baseline: B,
}

/// The estimate with an expansion; then its weight learns.
fn estimate<const N: usize, L: Lane, V: Moments<N, L>>(
    variables: &V,
    (x, mean, score): (&Vec<V::Value, N>, L, &Vec<L, N>),
    expansion: &Expansion<N, L>,
    coefficient: &mut Coefficient<L>,
    baseline: &mut impl Baseline<L>,
) -> Result<Estimate<N, L>, CostError<Vec<V::Value, N>>> {
    let beta = coefficient.get();
    let rest = expansion.rest(variables, x, mean, beta)?;
    let back = expansion.gradient(variables);
    let mut gradient = score.clone();
    baseline.centre(rest, &mut gradient);
    for (g, &back) in gradient.iter_mut().zip(&back) {
        *g = *g + beta * back;
    }
    if coefficient.learns() {
        let control = expansion.control(variables, x);
        let part: Vec<L, N> = collected(score.iter().zip(&back).map(|(&s, &back)| control * s - back));
        coefficient.learn(&gradient, &part);
    }
    Ok(Estimate { mean, gradient })
}

impl<const N: usize, L, V, F, B> Estimator<N, V, F, L> for DeltaMethod<B, L>
where
    L: Lane,
    V: Moments<N, L>,
    F: Cost<[V::Value], L> + DifferentiableCost<L> + ?Sized,
    B: Baseline<L>,
{
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &V,
        cost: &mut F,
        source: &mut S,
    ) -> Result<Estimate<N, L>, CostError<Vec<V::Value, N>>> {
        let (x, score) = variables.sample_score(source);
        let mean = cost::finite(cost, &x, |x| x.as_slice())?;
        let expansion = Expansion::first_order(variables, &x, cost)?;
        estimate(variables, (&x, mean, &score), &expansion, &mut self.coefficient, &mut self.baseline)
    }
}

impl<const N: usize, L, V, F, B> Estimator<N, V, F, L> for SecondOrder<B, L>
where
    L: Lane,
    V: Moments<N, L>,
    F: Cost<[V::Value], L> + TwiceDifferentiableCost<L> + ?Sized,
    B: Baseline<L>,
{
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &V,
        cost: &mut F,
        source: &mut S,
    ) -> Result<Estimate<N, L>, CostError<Vec<V::Value, N>>> {
        let (x, score) = variables.sample_score(source);
        let mean = cost::finite(cost, &x, |x| x.as_slice())?;
        let expansion = Expansion::second_order(variables, &x, cost)?;
        estimate(variables, (&x, mean, &score), &expansion, &mut self.coefficient, &mut self.baseline)
    }
}
