//! The unordered-set estimator: `K` different values are drawn without replacement. The weight of each value is the
//! probability that it was drawn first, given the set. No value is evaluated twice, except if fewer than `K` values are
//! possible.
//!
//! ```text
//! g = Σ_{s∈S} p(s) R(S,s) (f(s) − B_s) ∇ ln p(s),          R(S,s) = p^{D∖s}(S∖s) / p(S)
//! B_s = Σ_{s'∈S} p(s') R^{D∖s}(S,s') f(s'),                R^{D∖s}(S,s') = p^{D∖{s,s'}}(S∖{s,s'}) / p^{D∖s}(S∖s),   R^{D∖s}(S,s) = 1
//! ```
//!
//! `D` is the set of all values, and `S` is the set of the values drawn. `p^{D∖C}(A)` is the probability that the first
//! `|A|` values drawn without replacement from `D∖C` are the elements of `A`. All of these probabilities are computed
//! from one table over the subsets of `S`. Let `r` be the total probability of the values not drawn, and `m(A)` the total
//! probability of the elements of `A`. Then
//!
//! ```text
//! W(∅) = 1,   W(A) = Σ_{a∈A} p(a)/(r + m(A)) · W(A∖a),     p(S) = W(S),  p^{D∖s}(S∖s) = W(S∖s),  …
//! ```
//!
//! The table has `2^K` entries, and no term cancels. `p(s) R(S,s)` is the probability that `s` was drawn first,
//! given the set `S`, so these weights sum to one. With the built-in baseline `B_s` only differences of costs remain:
//! `f(s) − B_s = (1 − p(s)) Σ_{s'≠s} w_{s'|s} (f(s) − f(s'))`, with weights `w_{s'|s}` that also sum to one.
//!
//! | | |
//! |---|---|
//! | needs from `f` | values at `K` different samples |
//! | bias | none |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit: 0 at either logit, because a bit has only two values |
//! | cost | `K` calls, `K` from 2 to 8; as many words as [`StochasticBeam::sample`]; a table of 2^8 floats, of which `2^K` are used; about `(K/2 + 1) 2^K + K²` exponentials |
//! | use it | for one variable or a few variables with an expensive cost: no value is evaluated twice. If `K` is the number of possible values, the estimate is the exact gradient |
//! | avoid it | where all values can be evaluated ([`enumeration`](crate::enumeration)); for many bits, where no value repeats anyway and [`LeaveOneOut`](crate::leave_one_out::LeaveOneOut) needs less arithmetic |
//!
//! The built-in baseline usually lowers the variance, but not always. Example: one of five equally probable classes
//! costs 1, the others 0. With two samples the trace of the covariance matrix is 0.048 without the baseline and 0.096
//! with it.
//!
//! Source: W. Kool, H. van Hoof and M. Welling, *Estimating gradients for discrete random variables by sampling without
//! replacement*, ICLR 2020: equation 11, equation 12, and equation 16 with the second-order leave-one-out ratio.

use crate::{
    arithmetic::{lane::Lane, reduce},
    distributions::factorized::Factorized,
    estimators::{
        cost::{self, Cost},
        estimator::{Estimate, Estimated, Estimator},
        several_samples::stochastic_beam::StochasticBeam,
    },
    fixed_vec::FixedVec,
    noise::source::Source,
};

/// The unordered-set estimator of `K` samples, for any discrete variables. The elements of the set are joint values.
///
/// ```
/// use samplegrad_core::{Categoricals, Logits, estimator::Estimator, stream, unordered_set::UnorderedSet};
///
/// // Three samples of three possible classes: the exact gradient p (f − E[f]).
/// let x = Categoricals::<4>::one(&Logits::new(&[0.0, 0.0, f32::NEG_INFINITY, 0.0])?);
/// let rng = &mut stream::xorshift(2026, 0);
/// let mut cost = |x: &[u32]| [1.0, 2.0, 1e9, 6.0][x[0] as usize];
/// let estimate = UnorderedSet::<3> { baseline: true }.estimate(&x, &mut cost, rng).unwrap();
/// for (g, exact) in estimate.gradient.iter().zip([-2.0 / 3.0, -1.0 / 3.0, 0.0, 1.0]) {
///     assert!((g - exact).abs() < 1e-6);
/// }
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UnorderedSet<const K: usize> {
    /// True if the baseline `B_s` is subtracted from each cost; false for no baseline.
    pub baseline: bool,
}

/// The largest number of samples: the table over the subsets then has 2^8 entries.
const MOST: u32 = 8;

/// The probability `p(S)` of a set, and the probabilities, given the set, that its elements were drawn first or second.
///
/// ```
/// use samplegrad_core::unordered_set::Weights;
///
/// // Two elements have the probabilities ½ and ¼. All other values together have ¼.
/// // The probabilities of the two orders are ½ · (¼/½) = ¼ and ¼ · (½/¾) = ⅙.
/// let weights = Weights::new(&[0.5_f32.ln(), 0.25_f32.ln()], 0.25_f32.ln());
/// assert!((weights.first(0) - 0.6).abs() < 1e-6 && (weights.first(1) - 0.4).abs() < 1e-6);
/// assert!((weights.probability() - 5.0 / 12.0).abs() < 1e-6);
/// assert_eq!(weights.second(1, 0), 1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Weights<const K: usize, L: Lane = f32> {
    probability: L,
    first: [L; K],
    second: [[L; K]; K],
}

impl<const K: usize, L: Lane> Weights<K, L> {
    /// Computes the weights from the log-probabilities of the elements and the log-probability of all other values. An
    /// absent element has the log-probability −∞. The terms of each sum are added from the first element to the last.
    pub fn new(log_p: &[L; K], log_rest: L) -> Self {
        const { assert!(K > 0 && K <= MOST as usize, "from one to eight samples") };
        let mut table = [L::ZERO; 1 << MOST];
        let all = (1_usize << K) - 1;
        for subset in 0..=all {
            let terms = terms(log_p, log_rest, subset, &table);
            let mut w = if subset == 0 { L::ONE } else { reduce::sum(&terms) };
            for (a, &log_p) in log_p.iter().enumerate().filter(|&(a, _)| subset & (1 << a) != 0) {
                // A set with an absent element equals the set without it.
                w = L::select(log_p.equals(L::NEG_INFINITY), entry(&table, subset & !(1 << a)), w);
            }
            if let Some(entry) = table.get_mut(subset) {
                *entry = w;
            }
        }
        let weights = |subset: usize| {
            let sum = entry(&table, subset);
            terms(log_p, log_rest, subset, &table).map(|term| L::select(sum.equals(L::ZERO), L::ZERO, term / sum))
        };
        let mut second = [[L::ZERO; K]; K];
        for (s, second) in second.iter_mut().enumerate() {
            *second = weights(all & !(1 << s));
        }
        Self { probability: entry(&table, all), first: weights(all), second }
    }

    /// Returns `p(S)`, the probability that these elements are drawn, in any order.
    #[inline]
    pub fn probability(&self) -> L {
        self.probability
    }

    /// Returns `p(s) R(S,s)`, the probability that element `s` was drawn first, given the set; zero for an absent element.
    #[inline]
    pub fn first(&self, s: usize) -> L {
        self.first.get(s).copied().unwrap_or(L::ZERO)
    }

    /// Returns `w_{t|s} = p(t) R^{D∖s}(S,t)/(1 − p(s))`. This is the probability that `t` was drawn first, given that
    /// `S∖s` was drawn from all values except `s`. It is zero for `t = s`.
    #[inline]
    pub fn second(&self, s: usize, t: usize) -> L {
        self.second.get(s).and_then(|of| of.get(t)).copied().unwrap_or(L::ZERO)
    }
}

fn entry<L: Lane>(table: &[L], subset: usize) -> L {
    table.get(subset).copied().unwrap_or(L::ZERO)
}

/// Computes the terms of `W(A)`: `p(a)/(r + p(A)) · W(A∖a)` for each element `a` of the subset, zero for the others.
/// Probabilities are relative to the largest, so that no term that matters underflows.
fn terms<const K: usize, L: Lane>(log_p: &[L; K], log_rest: L, subset: usize, table: &[L]) -> [L; K] {
    let elements = || log_p.iter().enumerate().filter(|&(a, _)| subset & (1 << a) != 0);
    let max = elements().fold(log_rest, |max, (_, &log_p)| max.max(log_p));
    // If no element is present, the result is not used, but it must be finite.
    let max = L::select(max.equals(L::NEG_INFINITY), L::ZERO, max);
    let (mut terms, mut total) = ([L::ZERO; K], (log_rest - max).exp());
    for (term, (a, &log_p)) in terms.iter_mut().zip(log_p.iter().enumerate()) {
        if subset & (1 << a) != 0 {
            *term = (log_p - max).exp();
            total = total + *term;
        }
    }
    let recip = L::select(total.equals(L::ZERO), L::ZERO, total.recip());
    for (a, term) in terms.iter_mut().enumerate() {
        *term = (*term * recip) * entry(table, subset & !(1 << a));
    }
    terms
}

impl<const K: usize, V, F> Estimator<V, F> for UnorderedSet<K>
where
    V: Factorized,
    F: Cost<[V::Value], V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        const { assert!(K > 1, "the number of samples must be at least 2") };
        of_set(&StochasticBeam::<V, K>::sample(variables, source), self.baseline, variables, cost)
    }
}

/// Computes the estimate from values drawn without replacement. Sums run over values in the order in which they were
/// drawn.
///
/// If fewer than `K` values are possible, the cost is evaluated at the first value again, with weight zero.
///
/// # Errors
/// [`CostError`](crate::cost::CostError) with a value whose cost is not finite.
pub fn of_set<const K: usize, V: Factorized>(
    drawn: &StochasticBeam<V, K>,
    baseline: bool,
    variables: &V,
    cost: &mut (impl Cost<[V::Value], V::Lane> + ?Sized),
) -> Estimated<V> {
    let mut costs = [V::Lane::ZERO; K];
    for (f, x) in costs.iter_mut().zip(drawn.values()) {
        *f = cost::finite(cost, x)?;
    }
    let weights = Weights::new(drawn.log_probabilities(), drawn.log_rest());
    let p = drawn.log_probabilities().map(|log_p| log_p.exp());
    let rest = drawn.log_rest().exp();
    let mut gradient: V::Numbers = FixedVec::zeros(variables.parameters());
    let (mut excess, offset) = (V::Lane::ZERO, costs.first().copied().unwrap_or(V::Lane::ZERO));
    for (s, (&f, x)) in costs.iter().zip(drawn.values()).enumerate() {
        let weight = weights.first(s);
        excess = excess + weight * (f - offset);
        let advantage = if baseline {
            let (mut others, mut difference) = (rest, V::Lane::ZERO);
            for (t, (&p, &of_other)) in p.iter().zip(&costs).enumerate().filter(|&(t, _)| t != s) {
                others = others + p;
                difference = difference + weights.second(s, t) * (f - of_other);
            }
            others * difference
        } else {
            f
        };
        let scale = weight * advantage;
        for (g, &score) in gradient.iter_mut().zip(variables.score(x).iter()) {
            *g = *g + scale * score;
        }
    }
    Ok(Estimate { mean: offset + excess, gradient })
}
