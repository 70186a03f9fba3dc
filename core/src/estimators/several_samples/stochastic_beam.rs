//! Stochastic beam search: Gumbel-top-k over the joint values of several variables, without enumerating all of them.
//!
//! The variables are processed in order. A beam holds the `K` prefixes of values with the largest perturbed
//! log-probabilities. Each prefix is continued by every value of the next variable. The Gumbel noise of the
//! continuations is drawn *given* that the maximum over them equals the perturbed log-probability `z` of the prefix.
//! Let `φ` be the log-probability of a continuation and `E = −ln u`. The perturbed log-probability `z'` of the
//! continuation is
//!
//! ```text
//! winner, drawn with p_i:  z' = z,      others:  z' = −logaddexp(ln E − φ, −z)
//! ```
//!
//! The final beam has the distribution and the order of Gumbel-top-k over all `∏ K_i` values, but at most `K Σ_i K_i`
//! prefixes are evaluated. The prefixes discarded from the beam partition all other values. The total probability of
//! the other values is therefore a sum, without a subtraction that cancels.
//!
//! Perturbed log-probabilities of −1024 and less may be equal only because of rounding. Their rounding errors break
//! such ties, as in [`largest_sum`](crate::largest_sum).
//!
//! Source: W. Kool, H. van Hoof and M. Welling, *Stochastic beams and where to find them: the Gumbel-top-k trick for
//! sampling sequences without replacement*, ICML 2019. Here the noise given the maximum is drawn anew, which needs no
//! difference of exponentials.

use crate::{
    arithmetic::{
        elementary::log_add_exp,
        lane::{Lane, Mask, Word},
        largest_sum::{LargestSum, is_less, lost},
    },
    distributions::factorized::Factorized,
    fixed_vec::{FixedVec, by_fields},
    noise::{gumbel, source::Source, uniform::Uniform},
};

/// `K` different values of the variables, drawn without replacement, in order. If fewer than `K` values are possible,
/// the remaining places repeat the first value, with log-probability and perturbed log-probability −∞.
///
/// # Example
/// ```
/// use samplegrad_core::{Bernoullis, stochastic_beam::StochasticBeam, stream};
///
/// let b = Bernoullis::<16>::new(&[0.25; 16])?;                        // 65 536 values
/// let drawn = StochasticBeam::<_, 3>::sample(&b, &mut stream::xorshift(2026, 0));
/// let [one, two, three] = drawn.values();
/// assert!(one != two && two != three && three != one);
/// assert!(drawn.log_rest() < 0.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub struct StochasticBeam<V: Factorized, const K: usize> {
    values: [V::Values; K],
    log_p: [V::Lane; K],
    perturbed: [V::Lane; K],
    threshold: V::Lane,
    log_rest: V::Lane,
}

by_fields! {
    StochasticBeam<V: Factorized, const K: usize> {
        values: [V::Values; K], log_p: [V::Lane; K], perturbed: [V::Lane; K], threshold: V::Lane, log_rest: V::Lane
    }
}

impl<V: Factorized, const K: usize> StochasticBeam<V, K> {
    /// Draws the values. The first variable takes one word of the source per value. Each later variable takes two words
    /// per value for each prefix on the beam: first one word per value to draw the winner, then one word per value for
    /// the noise of the others.
    pub fn sample<S: Source<V::Lane> + ?Sized>(variables: &V, source: &mut S) -> Self {
        search(variables, &mut Perturbed { source, winner: <V::Lane as Lane>::Word::splat(0), first: true }).0
    }

    /// Returns the values in the order in which they were drawn, the largest perturbed log-probability first.
    #[inline]
    pub fn values(&self) -> &[V::Values; K] {
        &self.values
    }

    /// Returns the log-probabilities `ln p(x)` of the values. The terms of each are added from the first variable to
    /// the last.
    #[inline]
    pub fn log_probabilities(&self) -> &[V::Lane; K] {
        &self.log_p
    }

    /// Returns the perturbed log-probabilities `ln p(x) + G` of the values, in descending order.
    #[inline]
    pub fn perturbed(&self) -> &[V::Lane; K] {
        &self.perturbed
    }

    /// Returns the threshold `κ`: the largest perturbed log-probability among all other values; −∞ if there are none.
    #[inline]
    pub fn threshold(&self) -> V::Lane {
        self.threshold
    }

    /// Returns the logarithm of the probability of all other values; −∞ if there are none.
    #[inline]
    pub fn log_rest(&self) -> V::Lane {
        self.log_rest
    }
}

/// A prefix on a beam: the place of its parent prefix, and the index of the value of its last variable.
#[derive(Clone, Copy)]
pub(crate) struct Place<L: Lane> {
    pub rank: L,
    /// The rounding error of the rank, which breaks ties between equal ranks.
    pub lost: L,
    pub log_p: L,
    pub parent: L::Word,
    pub number: L::Word,
}

/// A ranking of the prefixes on a beam that also receives the discarded prefixes.
pub(crate) trait Ranking<P, L: Lane> {
    /// Starts the continuations of a prefix; `own` are the log-probabilities of the next variable.
    fn begin(&mut self, own: impl Iterator<Item = L>);
    /// Returns the rank of a continuation with this log-probability, −∞ if it is impossible, and the rounding error of
    /// the rank.
    fn rank(&mut self, parent: &Place<L>, number: u32, log_p: L) -> (L, L);
    /// Receives a continuation that is discarded from the beam. An empty place has the log-probability −∞.
    fn discard(&mut self, place: &Place<L>);
    /// Ends a variable, after all prefixes in `before` have been continued by its values.
    fn end(&mut self, variable: usize, before: &[P]);
}

/// A ranking by perturbed log-probabilities.
struct Perturbed<'a, S: ?Sized, W> {
    source: &'a mut S,
    winner: W,
    first: bool,
}

impl<P, L: Lane, S: Source<L> + ?Sized> Ranking<P, L> for Perturbed<'_, S, L::Word> {
    fn begin(&mut self, own: impl Iterator<Item = L>) {
        if !self.first {
            self.winner = choose(own, self.source);
        }
    }
    fn rank(&mut self, parent: &Place<L>, number: u32, log_p: L) -> (L, L) {
        let word = self.source.next_word();
        let (z, error) = if self.first {
            let g = gumbel::of_word::<L>(word);
            let z = log_p + g;
            (z, lost(log_p, g, z))
        } else {
            let ln = Uniform::<L>::neg_ln_of_word(word).ln();
            let own = ln - log_p;
            let (other, error) = add_exp((own, lost(-log_p, ln, own)), (-parent.rank, -parent.lost));
            let won = self.winner.equals(L::Word::splat(number));
            (L::select(won, parent.rank, -other), L::select(won, parent.lost, -error))
        };
        let impossible = log_p.equals(L::NEG_INFINITY);
        (L::select(impossible, log_p, z), L::select(impossible, L::ZERO, error))
    }
    fn discard(&mut self, _: &Place<L>) {}
    fn end(&mut self, _: usize, _: &[P]) {
        self.first = false;
    }
}

/// Computes [`log_add_exp`] of two sums, given with their rounding errors, and the rounding error of the result.
fn add_exp<L: Lane>(x: (L, L), y: (L, L)) -> (L, L) {
    let swapped = is_less(x, y);
    let larger = (L::select(swapped, y.0, x.0), L::select(swapped, y.1, x.1));
    let smaller = (L::select(swapped, x.0, y.0), L::select(swapped, x.1, y.1));
    let gap = (smaller.0 - larger.0) + (smaller.1 - larger.1);
    let more = gap.exp().ln_1p();
    let rough = larger.0 + more;
    let error = lost(larger.0, more, rough) + larger.1;
    // The error of two roundings may exceed half a unit.
    let sum = rough + error;
    (sum, error - (sum - rough))
}

/// Draws one of the indices whose log-probabilities are given, with one word of the source per index.
pub(crate) fn choose<L: Lane, S: Source<L> + ?Sized>(log_p: impl Iterator<Item = L>, source: &mut S) -> L::Word {
    let mut largest = LargestSum::new();
    for (number, log_p) in (0..).zip(log_p) {
        largest.see(number, log_p, gumbel::sample(source));
    }
    largest.class
}

/// Runs a beam search for the `K` values of highest rank, the first on ties. The terms of `log_rest` are added in the
/// order in which prefixes are discarded. Also returns the indices of the first value.
pub(crate) fn search<const K: usize, L: Lane, V: Factorized<Lane = L>>(
    variables: &V,
    ranking: &mut impl Ranking<V::Of<L::Word>, L>,
) -> (StochasticBeam<V, K>, V::Of<L::Word>) {
    const { assert!(K > 0, "at least one value is drawn") };
    let zero = L::Word::splat(0);
    let empty = Place { rank: L::NEG_INFINITY, lost: L::ZERO, log_p: L::NEG_INFINITY, parent: zero, number: zero };
    let mut beam = [Place { rank: L::ZERO, log_p: L::ZERO, ..empty }; K];
    let mut prefixes: [V::Of<L::Word>; K] = core::array::from_fn(|_| Default::default());
    let (mut threshold, mut log_rest) = (L::NEG_INFINITY, L::NEG_INFINITY);
    // The number of occupied places, equal in all lanes.
    let mut taken = 1;
    for variable in 0..variables.len() {
        let (mut next, mut children) = ([empty; K], 0_usize);
        for (place, parent) in (0..).zip(beam.iter().take(taken)) {
            ranking.begin(variables.log_probabilities_of(variable));
            for (number, own) in (0..).zip(variables.log_probabilities_of(variable)) {
                let log_p = parent.log_p + own;
                let (rank, lost) = ranking.rank(parent, number, log_p);
                let child = Place { rank, lost, log_p, parent: L::Word::splat(place), number: L::Word::splat(number) };
                let off = insert(&mut next, child);
                threshold = threshold.max(off.rank);
                log_rest = log_add_exp(log_rest, off.log_p);
                ranking.discard(&off);
                children = children.saturating_add(1);
            }
        }
        ranking.end(variable, &prefixes);
        let before = core::mem::replace(&mut prefixes, core::array::from_fn(|_| Default::default()));
        for (prefix, place) in prefixes.iter_mut().zip(&next) {
            *prefix = continued(&before, place.parent, place.number);
        }
        (beam, taken) = (next, children.min(K));
    }
    let first = prefixes.first().cloned().unwrap_or_default();
    let mut values: [V::Values; K] = core::array::from_fn(|_| V::Values::default());
    for ((value, numbers), place) in values.iter_mut().zip(&prefixes).zip(&beam) {
        let missing = place.rank.equals(L::NEG_INFINITY);
        for (&number, &of_first) in numbers.iter().zip(first.iter()) {
            // Cannot fail: there is room for one number per variable.
            value.add(variables.value(L::Word::select(missing, of_first, number)));
        }
    }
    let (log_p, perturbed) = (beam.map(|place| place.log_p), beam.map(|place| place.rank));
    (StochasticBeam { values, log_p, perturbed, threshold, log_rest }, first)
}

/// Inserts a newcomer before the first place of lower rank and returns the place that drops off the end.
fn insert<const K: usize, L: Lane>(beam: &mut [Place<L>; K], newcomer: Place<L>) -> Place<L> {
    let (mut off, mut moves) = (newcomer, L::Mask::splat(false));
    for place in beam {
        moves = moves.or(is_less((place.rank, place.lost), (off.rank, off.lost)));
        (*place, off) = (select(moves, &off, place), select(moves, place, &off));
    }
    off
}

fn select<L: Lane>(mask: L::Mask, yes: &Place<L>, no: &Place<L>) -> Place<L> {
    Place {
        rank: L::select(mask, yes.rank, no.rank),
        lost: L::select(mask, yes.lost, no.lost),
        log_p: L::select(mask, yes.log_p, no.log_p),
        parent: L::Word::select(mask, yes.parent, no.parent),
        number: L::Word::select(mask, yes.number, no.number),
    }
}

/// Returns one of the prefixes, extended by a number.
pub(crate) fn continued<W: Word, P: FixedVec<W>>(before: &[P], parent: W, number: W) -> P {
    let mut prefix = before.first().cloned().unwrap_or_default();
    for (place, other) in (0..).zip(before) {
        let this = parent.equals(W::splat(place));
        for (x, &other) in prefix.iter_mut().zip(other.iter()) {
            *x = W::select(this, other, *x);
        }
    }
    // Cannot fail: there is room for one number per variable.
    prefix.add(number);
    prefix
}
