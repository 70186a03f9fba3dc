//! Enumeration computes the exact sum over all values. The gradient needs no sample and has no variance. For a discrete
//! variable with few values, consider enumeration first.
//!
//! ```text
//! ∇_l E[f] = Σ_x p(x) (f(x) − f(x_0)) ∇_l ln p(x),     x_0 the first possible value
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | values at every possible sample |
//! | bias | none |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit: 0 at either logit |
//! | cost | at most `∏ K_i` calls, because values of probability zero are not evaluated; no noise |
//! | use it | for fewer values than the number at which sampling becomes cheaper (see below) |
//! | avoid it | for more than a dozen bits, or if a less precise gradient at a lower cost is enough |
//!
//! # The number of values at which sampling becomes cheaper
//! Consider pairs of samples. In a pair, the cost of each sample is the baseline of the other sample
//! ([`LeaveOneOut`](crate::leave_one_out::LeaveOneOut)). The estimate of one pair takes two calls of the cost. Let `V`
//! be the variance of this estimate. After `n` calls, the mean of `n/2` pairs has the standard error `e = √(2V/n)`.
//! Therefore the error `e` takes `n = 2V/e²` calls ([`Law::calls_to_reach`]). With `n = ∏ K_i` calls, sampling reaches
//! the error `√(2V/∏ K_i)` ([`Law::break_even`]). For a smaller error, enumerate. If a larger error is acceptable,
//! sample.
//!
//! An enumeration also gives the exact variances of the score-function estimator. The variances are used to choose a
//! baseline and to test estimators. Every sum adds the values in a fixed order, in which the first variable changes
//! fastest.

use crate::{
    arithmetic::{
        lane::{Lane, Mask},
        reduce,
    },
    distributions::variables::Enumerable,
    estimators::{
        cost::{self, Cost, CostError},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::{FixedVec, by_fields},
    noise::source::Source,
};

/// The exact sum, as an implementation of [`Estimator`]. It draws nothing, evaluates every possible value, and has no
/// variance.
///
/// ```
/// use samplegrad_core::{Bernoullis, enumeration};
///
/// let b = Bernoullis::<2>::new(&[0.0])?;
/// let exact = enumeration::gradient(&b, &mut |b: &[f32]| (b[0] - 0.45) * (b[0] - 0.45)).unwrap();
/// assert!((exact.mean - 0.2525).abs() < 1e-6 && (exact.gradient[0] - 0.025).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Enumeration;

impl<V, F> Estimator<V, F> for Enumeration
where
    V: Enumerable,
    F: Cost<[V::Value], V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, _: &mut S) -> Estimated<V> {
        gradient(variables, cost)
    }
}

/// Computes `∇_l E[f] = Σ_x p(x) (f(x) − f(x_0)) ∇_l ln p(x)` over all values, where `x_0` is the first possible value.
/// In exact arithmetic, subtracting `f(x_0)` does not change the result. In floating point, the subtraction removes a
/// common offset. The cost is called once for each value that has a probability above zero in some lane. There are at
/// most `∏ K_i` such values.
///
/// # Errors
/// [`CostError`] with the first value whose cost is not finite.
pub fn gradient<V: Enumerable>(variables: &V, cost: &mut (impl Cost<[V::Value], V::Lane> + ?Sized)) -> Estimated<V> {
    let mut gradient: V::Numbers = FixedVec::zeros(variables.parameters());
    let (mut total, mut offset, mut known) = (V::Lane::ZERO, V::Lane::ZERO, <V::Lane as Lane>::Mask::splat(false));
    for_each(variables, cost, |x, p, value| {
        offset = V::Lane::select(known.or(p.equals(V::Lane::ZERO)), offset, value);
        known = known.or(V::Lane::ZERO.lt(p));
        let share = p * (value - offset);
        total = total + share;
        for (g, &s) in gradient.iter_mut().zip(variables.score(x).iter()) {
            *g = *g + share * s;
        }
    })?;
    Ok(Estimate { mean: offset + total, gradient })
}

/// Calls `visit` with every value that is possible in some lane, and with the probability and the cost of the value.
/// The cost is zero in lanes where the value is impossible.
fn for_each<V: Enumerable>(
    variables: &V,
    cost: &mut (impl Cost<[V::Value], V::Lane> + ?Sized),
    mut visit: impl FnMut(&V::Values, V::Lane, V::Lane),
) -> Result<(), CostError<V::Values>> {
    let mut x = variables.first();
    loop {
        let p = variables.probability(&x);
        let impossible = p.equals(V::Lane::ZERO);
        if !impossible.all() {
            // In lanes where the value is impossible, the cost is ignored.
            let value = V::Lane::select(impossible, V::Lane::ZERO, cost.value(&x));
            cost::check(value, &x)?;
            visit(&x, p, value);
        }
        if !variables.next(&mut x) {
            return Ok(());
        }
    }
}

/// Moments of a cost, and moments of its score-function estimator for each logit `j`. In these moments, `s = ∂ ln
/// p/∂l_j` and `d = f − E[f]`.
///
/// ```
/// use samplegrad_core::{Bernoullis, enumeration};
///
/// let b = Bernoullis::<1>::new(&[0.0])?;
/// let law = enumeration::law(&b, &mut |b: &[f32]| (b[0] - 0.45) * (b[0] - 0.45)).unwrap();
/// assert!((law.variance(0, 0.0) - 1.593906e-2).abs() < 1e-7);               // REINFORCE without a baseline
/// assert!((law.variance_leave_one_out(0) - 6.25e-4).abs() < 1e-7);          // two samples, each the other's baseline
/// assert!((law.break_even(0) - 0.025).abs() < 1e-6);                        // both take two calls
/// assert!((law.calls_to_reach(0, 0.0025) - 200.0).abs() < 1e-2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub struct Law<V: Enumerable> {
    exact: Estimate<V>,
    variance: V::Lane,
    /// The number of possible values.
    values: V::Lane,
    /// `E[s²]`.
    s2: V::Numbers,
    /// `E[d s²]`.
    ds2: V::Numbers,
    /// `E[d² s²]`.
    d2s2: V::Numbers,
}

by_fields! {
    Law<V: Enumerable> {
        exact: Estimate<V>, variance: V::Lane, values: V::Lane, s2: V::Numbers, ds2: V::Numbers, d2s2: V::Numbers
    }
}

/// Computes the moments. The values are enumerated twice. The cost must return equal numbers in both enumerations.
///
/// # Errors
/// The errors of [`gradient`].
pub fn law<V: Enumerable>(
    variables: &V,
    cost: &mut (impl Cost<[V::Value], V::Lane> + ?Sized),
) -> Result<Law<V>, CostError<V::Values>> {
    let exact = gradient(variables, cost)?;
    let count = variables.parameters();
    let (mut s2, mut ds2, mut d2s2) = (V::Numbers::zeros(count), V::Numbers::zeros(count), V::Numbers::zeros(count));
    let (mut variance, mut values) = (V::Lane::ZERO, V::Lane::ZERO);
    for_each(variables, cost, |x, p, value| {
        let d = value - exact.mean;
        variance = variance + p * (d * d);
        values = values + V::Lane::select(V::Lane::ZERO.lt(p), V::Lane::ONE, V::Lane::ZERO);
        for (((s2, ds2), d2s2), &s) in
            s2.iter_mut().zip(ds2.iter_mut()).zip(d2s2.iter_mut()).zip(variables.score(x).iter())
        {
            let share = p * (s * s);
            *s2 = *s2 + share;
            *ds2 = *ds2 + share * d;
            *d2s2 = *d2s2 + share * (d * d);
        }
    })?;
    Ok(Law { exact, variance, values, s2, ds2, d2s2 })
}

impl<V: Enumerable> Law<V> {
    /// Returns `E[f]` and its gradient.
    pub fn exact(&self) -> &Estimate<V> {
        &self.exact
    }

    /// Returns the variance of the cost, `Var[f]`.
    pub fn cost_variance(&self) -> V::Lane {
        self.variance
    }

    /// Returns the variance of the estimate `(f − b) s` from one sample, for logit `j` and the constant baseline `b`.
    /// The result is zero for a logit that does not exist.
    pub fn variance(&self, j: usize, baseline: V::Lane) -> V::Lane {
        let shift = baseline - self.exact.mean;
        let (s2, ds2, d2s2) = self.moments(j);
        let g = at(&self.exact.gradient, j);
        let second = (d2s2 - ds2 * (shift + shift)) + s2 * (shift * shift);
        (second - g * g).max(V::Lane::ZERO)
    }

    /// Returns the constant baseline with the smallest variance for logit `j`. This baseline is `E[f s²]/E[s²]`, or
    /// `E[f]` if the score is always zero.
    pub fn optimal_baseline(&self, j: usize) -> V::Lane {
        let (s2, ds2, _) = self.moments(j);
        let shift = V::Lane::select(s2.equals(V::Lane::ZERO), V::Lane::ZERO, ds2 / s2);
        self.exact.mean + shift
    }

    /// Returns the constant baseline, common to all logits, with the smallest [`Law::total_variance`]. This baseline is
    /// `E[f ‖s‖²]/E[‖s‖²]`, or `E[f]` if the score is always zero.
    pub fn optimal_common_baseline(&self) -> V::Lane {
        let (s2, ds2) = (reduce::sum(&self.s2), reduce::sum(&self.ds2));
        let shift = V::Lane::select(s2.equals(V::Lane::ZERO), V::Lane::ZERO, ds2 / s2);
        self.exact.mean + shift
    }

    /// Returns the total variance of the estimate from one sample. It is the sum of [`Law::variance`] over the logits,
    /// added from first to last.
    pub fn total_variance(&self, baseline: V::Lane) -> V::Lane {
        (0..self.s2.len()).fold(V::Lane::ZERO, |total, j| total + self.variance(j, baseline))
    }

    /// Returns the variance of the estimate from two samples, where the cost of each sample is the baseline of the
    /// other. This variance is `(E[d² s²] + Var[f] E[s²])/2`.
    pub fn variance_leave_one_out(&self, j: usize) -> V::Lane {
        let (s2, _, d2s2) = self.moments(j);
        (d2s2 + self.variance * s2) * 0.5
    }

    /// Returns the number of possible values. One enumeration calls the cost once for each of them.
    pub fn values(&self) -> V::Lane {
        self.values
    }

    /// Returns the number of cost calls that pairs of samples need to reach the standard error `e` for logit `j`. This
    /// number is `2V/e²` with the variance `V` of [`Law::variance_leave_one_out`]. If it exceeds [`Law::values`],
    /// enumeration is cheaper. If `V` is zero, the number is zero. If `V` is above zero and `e` is zero, the number is
    /// +∞.
    pub fn calls_to_reach(&self, j: usize, standard_error: V::Lane) -> V::Lane {
        let doubled = self.variance_leave_one_out(j) * 2.0;
        V::Lane::select(doubled.equals(V::Lane::ZERO), V::Lane::ZERO, (doubled / standard_error) / standard_error)
    }

    /// Returns the standard error that pairs of samples reach for logit `j` with as many calls as one enumeration. This
    /// error is `√(2V/∏ K_i)`. If a larger error is acceptable, sampling is cheaper.
    pub fn break_even(&self, j: usize) -> V::Lane {
        ((self.variance_leave_one_out(j) * 2.0) / self.values).sqrt()
    }

    fn moments(&self, j: usize) -> (V::Lane, V::Lane, V::Lane) {
        (at(&self.s2, j), at(&self.ds2, j), at(&self.d2s2, j))
    }
}

fn at<L: Lane>(x: &[L], j: usize) -> L {
    x.get(j).copied().unwrap_or(L::ZERO)
}
