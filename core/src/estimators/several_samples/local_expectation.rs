//! Local expectation gradients: each variable is summed over its values, with the other variables at their values in one
//! sample.
//!
//! ```text
//! g = Σ_i Σ_k p_i(k) f(x with x_i = k) ∇ ln p_i(k),     x ~ p
//! ```
//!
//! The choice of a variable's own value adds no variance, only the values of the others do. The estimate of one variable
//! alone is the exact gradient.
//!
//! | | |
//! |---|---|
//! | needs from `f` | values at the sample and at `Σ_i K_i` samples that differ from it in at most one variable |
//! | bias | none |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit: 0 at either logit, because the sum over its values is exact |
//! | cost | `1 + Σ_i K_i` calls, where a bit has 2 values; one sample |
//! | use it | for few variables with few values each, when calls of `f` are cheap or made at once |
//! | avoid it | for many variables: [`DisArm`](crate::DisArm) or [`LeaveOneOut`](crate::LeaveOneOut) spend the calls on different samples |
//!
//! Source: M. K. Titsias and M. Lázaro-Gredilla, *Local expectation gradients for black box variational inference*,
//! NeurIPS 2015, equation 9, for independent variables.

use crate::{
    arithmetic::lane::{Lane, Mask, Word},
    distributions::{factorized::Factorized, variables::Embedded},
    estimators::{
        cost::{self, Cost},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::FixedVec,
    noise::source::Source,
};

/// The estimator that sums over the values of each variable in turn, for any discrete variables.
///
/// ```
/// use samplegrad_core::{Bernoullis, LocalExpectation, estimator::Estimator, stream};
///
/// // One bit: the exact gradient.
/// let b = Bernoullis::<1>::new(&[0.0])?;
/// let mut cost = |b: &[f32]| (b[0] - 0.45) * (b[0] - 0.45);
/// let estimate = LocalExpectation.estimate(&b, &mut cost, &mut stream::xorshift(2026, 0)).unwrap();
/// assert!((estimate.gradient[0] - 0.025).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LocalExpectation;

impl<V, F> Estimator<V, F> for LocalExpectation
where
    V: Factorized + Embedded,
    F: Cost<[V::Value], V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        at(variables, &variables.sample(source), cost)
    }
}

/// Computes the estimate from a given sample. Values of each variable are evaluated in their order; in lanes where a value
/// is impossible, its cost is ignored.
///
/// ```
/// use samplegrad_core::{Bernoullis, local_expectation};
///
/// let b = Bernoullis::<2>::new(&[0.0, 0.0])?;
/// let estimate = local_expectation::at(&b, &[1.0, 0.0].into_iter().collect(), &mut |b: &[f32]| b[0] + 2.0 * b[1]).unwrap();
/// assert_eq!((estimate.mean, estimate.gradient.as_slice()), (1.0, &[0.25, 0.5][..]));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
///
/// # Errors
/// [`CostError`](crate::cost::CostError) with the sample whose cost is not finite.
pub fn at<V: Factorized + Embedded>(
    variables: &V,
    sample: &V::Values,
    cost: &mut (impl Cost<[V::Value], V::Lane> + ?Sized),
) -> Estimated<V> {
    let mean = cost::finite(cost, sample)?;
    let mut differences: V::Numbers = FixedVec::zeros(variables.parameters());
    let mut changed = sample.clone();
    for (i, &drawn) in sample.iter().enumerate() {
        let set = |to: &mut V::Values, value: V::Value| to.iter_mut().skip(i).take(1).for_each(|x| *x = value);
        let value = |number: u32| variables.value(<V::Lane as Lane>::Word::splat(number));
        set(&mut changed, value(0));
        let origin = variables.embed(&changed);
        let mut of_first = mean;
        for (number, log_p) in (0..).zip(variables.log_probabilities_of(i)) {
            let impossible = log_p.equals(V::Lane::NEG_INFINITY);
            if impossible.all() {
                continue;
            }
            set(&mut changed, value(number));
            let found = V::Lane::select(impossible, of_first, cost.value(&changed));
            cost::check(found, &changed)?;
            if number == 0 {
                of_first = found;
            }
            // The coordinate of this value is the one that is 0 for the first value and 1 for this one.
            for (d, (&here, &there)) in differences.iter_mut().zip(variables.embed(&changed).iter().zip(origin.iter()))
            {
                *d = *d + (found - of_first) * (here - there).max(V::Lane::ZERO);
            }
        }
        set(&mut changed, drawn);
    }
    Ok(Estimate { mean, gradient: variables.pullback_mean(&differences) })
}
