//! Sum and sample: the `C` most probable values are summed exactly. One of the other values is drawn and weighted by
//! their total probability. Summed values add no variance.
//!
//! ```text
//! g = Σ_{c∈C} p(c) (f(c) − b) ∇ ln p(c) + p(D∖C) (f(v) − b) ∇ ln p(v),     v ~ p( · | v ∉ C)
//! ```
//!
//! The baseline is a given constant, or the mean cost of the summed values, `b = Σ_{c∈C} p(c) f(c) / p(C)`. This
//! built-in baseline is not random, so it adds no bias.
//!
//! The set `C` holds joint values of all variables and is found by beam search. The prefixes discarded from the beam
//! partition all other values. One discarded prefix is chosen at random, in proportion to the probabilities of the
//! prefixes, and continued by unconstrained draws. A sample of the other values therefore needs no rejection.
//!
//! | | |
//! |---|---|
//! | needs from `f` | values at `C + 1` different samples |
//! | bias | none |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit: 0 at either logit, because the value outside the sum is certain |
//! | cost | `C + 1` calls; one word per value of every prefix that is continued, and one word per value of every variable but the first |
//! | use it | when few values carry most of the probability: late in training, sharp logits |
//! | avoid it | early in training, when `p(C)` is small: the estimator is then nearly the score function, at `C + 1` times the cost; for many variables, since every joint value then has a small probability |
//!
//! Sources: C. Liang, M. Norouzi, J. Berant, Q. V. Le and N. Lao, *Memory augmented policy optimization for program
//! synthesis and semantic parsing*, NeurIPS 2018; R. Liu, J. Regier, N. Tripuraneni, M. I. Jordan and J. McAuliffe,
//! *Rao-Blackwellized stochastic gradients for discrete distributions*, ICML 2019.

use crate::{
    arithmetic::{
        lane::{Lane, Mask, Word},
        largest_sum::LargestSum,
    },
    distributions::factorized::Factorized,
    estimators::{
        cost::{self, Cost},
        estimator::{Estimate, Estimated, Estimator},
        several_samples::stochastic_beam::{Place, Ranking, StochasticBeam, choose, continued, search},
    },
    fixed_vec::FixedVec,
    noise::{gumbel, source::Source},
};

/// The estimator that sums over `C` values and samples from the others, for any discrete variables.
///
/// ```
/// use samplegrad_core::{Categoricals, Logits, estimator::Estimator, stream, sum_and_sample::SumAndSample};
///
/// // Two of three classes are summed, so the third is certain: the exact gradient p (f − E[f]).
/// let x = Categoricals::<4>::one(&Logits::new(&[0.0, 0.0, 0.0])?);
/// let rng = &mut stream::xorshift(2026, 0);
/// let mut cost = |x: &[u32]| [1.0, 2.0, 6.0][x[0] as usize];
/// let estimate = SumAndSample::<2> { baseline: None }.estimate(&x, &mut cost, rng).unwrap();
/// for (g, exact) in estimate.gradient.iter().zip([-2.0 / 3.0, -1.0 / 3.0, 1.0]) {
///     assert!((g - exact).abs() < 1e-6);
/// }
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SumAndSample<const C: usize, L: Lane = f32> {
    /// The baseline `b`, finite; `None` for the mean cost of the summed values.
    pub baseline: Option<L>,
}

/// A ranking by probability that keeps one of the discarded prefixes.
struct KeepOne<'a, P, L: Lane, S: ?Sized> {
    source: &'a mut S,
    /// The largest perturbed log-probability.
    largest: LargestSum<L>,
    /// The kept prefix: the place of its parent, the index of its last value, and its variable.
    parent: L::Word,
    number: L::Word,
    variable: L::Word,
    prefix: P,
    /// True if the kept prefix belongs to the current variable.
    new: L::Mask,
}

impl<L: Lane, P: FixedVec<L::Word>, S: Source<L> + ?Sized> Ranking<P, L> for KeepOne<'_, P, L, S> {
    fn begin(&mut self, _: impl Iterator<Item = L>) {}
    fn rank(&mut self, _: &Place<L>, _: u32, log_p: L) -> (L, L) {
        (log_p, L::ZERO)
    }
    fn discard(&mut self, place: &Place<L>) {
        let larger = self.largest.see(0, place.log_p, gumbel::sample(self.source));
        self.parent = L::Word::select(larger, place.parent, self.parent);
        self.number = L::Word::select(larger, place.number, self.number);
        self.new = self.new.or(larger);
    }
    fn end(&mut self, variable: usize, before: &[P]) {
        let prefix = continued(before, self.parent, self.number);
        // If the kept prefix belongs to an earlier variable, its numbers stay, and the number for this variable is
        // chosen later.
        for (i, &number) in prefix.iter().enumerate() {
            match self.prefix.get_mut(i) {
                Some(kept) => *kept = L::Word::select(self.new, number, *kept),
                // Cannot fail: there is room for one number per variable.
                None => self.prefix.add(number),
            }
        }
        self.variable = L::Word::select(self.new, L::Word::splat(variable as u32), self.variable);
        self.new = L::Mask::splat(false);
    }
}

impl<const C: usize, V, F> Estimator<V, F> for SumAndSample<C, V::Lane>
where
    V: Factorized,
    F: Cost<[V::Value], V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        let zero = <V::Lane as Lane>::Word::splat(0);
        let mut keep = KeepOne {
            source,
            largest: LargestSum::new(),
            parent: zero,
            number: zero,
            variable: zero,
            prefix: V::Of::default(),
            new: <V::Lane as Lane>::Mask::splat(false),
        };
        let (summed, first) = search::<C, V::Lane, V>(variables, &mut keep);
        let nothing = keep.largest.sum.equals(V::Lane::NEG_INFINITY);
        let mut sample = V::Values::default();
        for (i, (&kept, &of_first)) in keep.prefix.iter().zip(first.iter()).enumerate() {
            let mut number = kept;
            if i > 0 {
                let free = choose(variables.log_probabilities_of(i), keep.source);
                number = <V::Lane as Lane>::Word::select(
                    keep.variable.lt(<V::Lane as Lane>::Word::splat(i as u32)),
                    free,
                    number,
                );
            }
            // Cannot fail: there is room for one number per variable.
            sample.add(variables.value(<V::Lane as Lane>::Word::select(nothing, of_first, number)));
        }
        of_values(&summed, &sample, self.baseline, variables, cost)
    }
}

/// Computes the estimate from the summed values and the value drawn from the others. Sums run over the values, the
/// most probable first, the drawn value last.
///
/// If fewer than `C + 1` values are possible, the cost is evaluated at the first value again, with weight zero.
fn of_values<const C: usize, V: Factorized>(
    summed: &StochasticBeam<V, C>,
    sample: &V::Values,
    baseline: Option<V::Lane>,
    variables: &V,
    cost: &mut (impl Cost<[V::Value], V::Lane> + ?Sized),
) -> Estimated<V> {
    let mut costs = [V::Lane::ZERO; C];
    for (f, x) in costs.iter_mut().zip(summed.values()) {
        *f = cost::finite(cost, x)?;
    }
    let of_sample = cost::finite(cost, sample)?;
    let log_p = summed.log_probabilities();
    let baseline = baseline.unwrap_or_else(|| mean(log_p, &costs));
    let mut gradient: V::Numbers = FixedVec::zeros(variables.parameters());
    let mut excess = V::Lane::ZERO;
    let values = summed.values().iter().zip(log_p).zip(&costs).map(|((x, &log_p), &f)| (x, log_p, f));
    for (x, log_p, f) in values.chain([(sample, summed.log_rest(), of_sample)]) {
        let share = log_p.exp() * (f - baseline);
        excess = excess + share;
        for (g, &score) in gradient.iter_mut().zip(variables.score(x).iter()) {
            *g = *g + share * score;
        }
    }
    Ok(Estimate { mean: baseline + excess, gradient })
}

/// Computes `Σ_{c∈C} p(c) f(c) / p(C)` from costs and probabilities relative to the first value.
fn mean<L: Lane>(log_p: &[L], costs: &[L]) -> L {
    let (Some(&log_first), Some(&first)) = (log_p.first(), costs.first()) else { return L::ZERO };
    let (mut total, mut excess) = (L::ZERO, L::ZERO);
    for (&log_p, &f) in log_p.iter().zip(costs) {
        let share = (log_p - log_first).exp();
        total = total + share;
        excess = excess + share * (f - first);
    }
    first + excess / total
}
