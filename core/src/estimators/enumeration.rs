//! The exact sum over all values: the gradient without a sample, its variance zero, while there are few enough values.
//!
//! Also what a sample would have cost: the exact variances of the score-function estimator, for choosing a baseline and
//! for testing estimators. The order of every sum is that of the values, the first variable changing fastest.

use heapless::Vec;

use crate::{
    Source,
    cost::{self, Cost, CostError},
    estimator::{Estimate, Estimator},
    fixed_vec::zeros,
    lane::{Lane, Mask},
    variables::Enumerable,
};

/// The exact sum as an estimator: it draws nothing, asks for every value, and has no variance.
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

impl<const N: usize, L, V, F> Estimator<N, V, F, L> for Enumeration
where
    L: Lane,
    V: Enumerable<N, L>,
    F: Cost<[V::Value], L> + ?Sized,
{
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &V,
        cost: &mut F,
        _: &mut S,
    ) -> Result<Estimate<N, L>, CostError<Vec<V::Value, N>>> {
        gradient(variables, cost)
    }
}

/// Sums over all values: `∇_l E[f] = Σ_x p(x) (f(x) − f(x_0)) ∇_l ln p(x)` with the first possible value `x_0`, which changes nothing
/// in exact arithmetic and takes a common offset away. One call of the cost for each of the `∏ K_i` values that any lane
/// draws with a probability above zero; a lane that does not draw it, a masked class, ignores what the cost returns.
///
/// # Errors
/// [`CostError`] with the first value whose cost is not finite.
pub fn gradient<const N: usize, L: Lane, V: Enumerable<N, L>>(
    variables: &V,
    cost: &mut (impl Cost<[V::Value], L> + ?Sized),
) -> Result<Estimate<N, L>, CostError<Vec<V::Value, N>>> {
    let mut gradient: Vec<L, N> = zeros(variables.parameters());
    let (mut total, mut offset, mut seen) = (L::ZERO, L::ZERO, L::Mask::splat(false));
    for_each(variables, |x, p| {
        let (value, possible) = ask(cost, x, p)?;
        offset = L::select(seen, offset, value);
        seen = seen.or(possible);
        let share = p * (value - offset);
        total = total + share;
        for (g, &s) in gradient.iter_mut().zip(&variables.score(x)) {
            *g = *g + share * s;
        }
        Ok(())
    })?;
    Ok(Estimate { mean: offset + total, gradient })
}

/// The cost of a value, zero in the lanes in which it has no probability, and the others.
fn ask<X: core::ops::Deref<Target = [T]> + Clone, T, L: Lane>(
    cost: &mut (impl Cost<[T], L> + ?Sized),
    x: &X,
    p: L,
) -> Result<(L, L::Mask), CostError<X>> {
    let possible = L::ZERO.lt(p);
    let value = L::select(possible, cost.value(x), L::ZERO);
    cost::check(value, x)?;
    Ok((value, possible))
}

/// Calls `visit` with every value that is possible in any lane, and its probability.
fn for_each<const N: usize, L: Lane, V: Enumerable<N, L>, E>(
    variables: &V,
    mut visit: impl FnMut(&Vec<V::Value, N>, L) -> Result<(), E>,
) -> Result<(), E> {
    let mut x = variables.first();
    loop {
        let p = variables.probability(&x);
        if L::ZERO.lt(p).any() {
            visit(&x, p)?;
        }
        if !variables.next(&mut x) {
            return Ok(());
        }
    }
}

/// The law of a cost and of its score-function estimator, per logit: with `s = ∂ ln p/∂l_j` and `d = f − E[f]`.
///
/// ```
/// use samplegrad_core::{Bernoullis, enumeration};
///
/// let b = Bernoullis::<1>::new(&[0.0])?;
/// let law = enumeration::law(&b, &mut |b: &[f32]| (b[0] - 0.45) * (b[0] - 0.45)).unwrap();
/// assert!((law.variance(0, 0.0) - 1.593906e-2).abs() < 1e-7);               // REINFORCE without a baseline
/// assert!((law.variance_leave_one_out(0) - 6.25e-4).abs() < 1e-7);          // two samples, each the other's baseline
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Law<const N: usize, L: Lane = f32> {
    exact: Estimate<N, L>,
    variance: L,
    /// `E[s²]`.
    s2: Vec<L, N>,
    /// `E[d s²]`.
    ds2: Vec<L, N>,
    /// `E[d² s²]`.
    d2s2: Vec<L, N>,
}

/// Enumerates twice, so the cost must say the same both times.
///
/// # Errors
/// As [`gradient`].
pub fn law<const N: usize, L: Lane, V: Enumerable<N, L>>(
    variables: &V,
    cost: &mut (impl Cost<[V::Value], L> + ?Sized),
) -> Result<Law<N, L>, CostError<Vec<V::Value, N>>> {
    let exact = gradient(variables, cost)?;
    let count = variables.parameters();
    let (mut s2, mut ds2, mut d2s2): (Vec<L, N>, Vec<L, N>, Vec<L, N>) = (zeros(count), zeros(count), zeros(count));
    let mut variance = L::ZERO;
    for_each(variables, |x, p| {
        let (value, possible) = ask(cost, x, p)?;
        let d = L::select(possible, value - exact.mean, L::ZERO);
        variance = variance + p * (d * d);
        for (((s2, ds2), d2s2), &s) in s2.iter_mut().zip(&mut ds2).zip(&mut d2s2).zip(&variables.score(x)) {
            let share = p * (s * s);
            *s2 = *s2 + share;
            *ds2 = *ds2 + share * d;
            *d2s2 = *d2s2 + share * (d * d);
        }
        Ok(())
    })?;
    Ok(Law { exact, variance, s2, ds2, d2s2 })
}

impl<const N: usize, L: Lane> Law<N, L> {
    /// `E[f]` and its gradient.
    pub fn exact(&self) -> &Estimate<N, L> {
        &self.exact
    }

    /// `Var[f]`.
    pub fn cost_variance(&self) -> L {
        self.variance
    }

    /// Variance of one sample's estimate `(f − b) s` for logit `j` with the constant baseline `b`; zero for a logit that does
    /// not exist.
    pub fn variance(&self, j: usize, baseline: L) -> L {
        let shift = baseline - self.exact.mean;
        let (s2, ds2, d2s2) = self.moments(j);
        let g = at(&self.exact.gradient, j);
        let second = (d2s2 - ds2 * (shift + shift)) + s2 * (shift * shift);
        (second - g * g).max(L::ZERO)
    }

    /// The constant baseline that makes that variance smallest, `E[f s²]/E[s²]`; `E[f]` where the score is always zero.
    pub fn optimal_baseline(&self, j: usize) -> L {
        let (s2, ds2, _) = self.moments(j);
        let shift = L::select(s2.equals(L::ZERO), L::ZERO, ds2 / s2);
        self.exact.mean + shift
    }

    /// Variance of the estimate of two samples, each the other's baseline: `(E[d² s²] + Var[f] E[s²])/2`.
    pub fn variance_leave_one_out(&self, j: usize) -> L {
        let (s2, _, d2s2) = self.moments(j);
        (d2s2 + self.variance * s2) * 0.5
    }

    fn moments(&self, j: usize) -> (L, L, L) {
        (at(&self.s2, j), at(&self.ds2, j), at(&self.d2s2, j))
    }
}

fn at<L: Lane>(x: &[L], j: usize) -> L {
    x.get(j).copied().unwrap_or(L::ZERO)
}
