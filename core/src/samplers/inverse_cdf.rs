//! Inverse-CDF sampling of a class: one uniform word, `K` exponentials, no logarithm.
//!
//! The weights are integers, `W_k = ⌊2^31 e^{l_k − max l}⌋`, and their running sums `C_k` are exact in 64 bits. A word
//! `r` draws the first class with `C_k > ⌊r · C_{K−1} / 2^32⌋`. The probability of each class is therefore its share of
//! the weights, to within 2^−32. This also holds for rare classes, at every position in the list. A sum of floats would
//! lose a class of probability 1e−8 after a class of probability 0.5. A class more than 21.49 nats below the mode has
//! weight zero.

use heapless::Vec;

use crate::{
    arithmetic::{
        lane::{Lane, Mask, Word},
        reduce,
        u64_lanes::{U64, ratio},
    },
    fixed_vec::full,
    noise::source::Source,
    settings::logits::Logits,
};

const TWO_POW_31: f32 = 2_147_483_648.0;

/// Draws a class directly from logits, with one word of the source.
///
/// # Example
/// ```
/// use samplegrad_core::{Logits, inverse_cdf, stream};
///
/// let logits = Logits::<4>::new(&[0.0, 1.0, f32::NEG_INFINITY])?;
/// let class = inverse_cdf::sample(&logits, &mut stream::xorshift(2026, 0));
/// assert!(class < 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline]
pub fn sample<const N: usize, L: Lane, S: Source<L> + ?Sized>(logits: &Logits<N, L>, source: &mut S) -> L::Word {
    if let Some(logits) = full::<N, L>(logits.as_slice()) {
        return draw_inlined(logits, &mut [L::Word::splat(0); N], source.next_word());
    }
    let mut weights: Vec<L::Word, N> = Vec::new();
    // This cannot fail, because the logits have the same capacity.
    let _ = weights.resize(logits.as_slice().len(), L::Word::splat(0));
    draw(logits.as_slice(), &mut weights, source.next_word())
}

/// Draws a class with the word `r`. `weights` is a scratch buffer with the length of the logits. The logits must
/// satisfy the conditions of [`Logits::new`].
#[inline]
pub fn draw<L: Lane>(logits: &[L], weights: &mut [L::Word], r: L::Word) -> L::Word {
    draw_inlined(logits, weights, r)
}

// Inlined where the number of classes is known.
#[inline(always)]
fn draw_inlined<L: Lane>(logits: &[L], weights: &mut [L::Word], r: L::Word) -> L::Word {
    let (_, max) = reduce::arg_max(logits);
    let total = weights.iter_mut().zip(logits).fold(U64::zero(), |total, (w, &l)| {
        *w = weight(l, max);
        total.add(*w)
    });
    select(weights, total, r)
}

/// Returns the weight `⌊2^31 e^{l − max}⌋` of a class, given the largest logit.
///
/// ```
/// assert_eq!(samplegrad_core::inverse_cdf::weight(1.5_f32, 1.5), 1 << 31);
/// ```
#[inline(always)]
pub fn weight<L: Lane>(l: L, max: L) -> L::Word {
    ((l - max).exp() * TWO_POW_31).to_word()
}

/// Draws a class with the word `r` from probabilities, or from weights in `[0, 1]` of which at least one is 2^−31 or
/// more. `weights` is a scratch buffer with the length of `p`.
#[inline]
pub fn draw_from_probabilities<L: Lane>(p: &[L], weights: &mut [L::Word], r: L::Word) -> L::Word {
    let total = weights.iter_mut().zip(p).fold(U64::zero(), |total, (w, &p)| {
        *w = (p * TWO_POW_31).to_word();
        total.add(*w)
    });
    select(weights, total, r)
}

/// Returns the first class whose running sum exceeds `⌊r · total / 2^32⌋`.
#[inline(always)]
fn select<W: Word>(weights: &[W], total: U64<W>, r: W) -> W {
    let target = total.mul_shift_32(r);
    let mut running = U64::zero();
    let mut class = W::splat(0);
    for &w in weights {
        running = running.add(w);
        // Classes whose running sum does not exceed the target precede the drawn class.
        let before = target.lt(running).not();
        class = class.wrapping_add(W::select(before, W::splat(1), W::splat(0)));
    }
    class
}

/// Precomputed thresholds for many draws from the same logits. A draw only compares a word with the thresholds.
///
/// A draw returns the class that [`sample`] returns for the same word.
///
/// ```
/// use samplegrad_core::{Cdf, Logits, inverse_cdf, stream};
///
/// let logits = Logits::<4>::new(&[0.0, 1.0, -2.0])?;
/// let cdf = Cdf::new(&logits);
/// let (mut one, mut other) = (stream::xorshift(1, 0), stream::xorshift(1, 0));
/// assert_eq!(cdf.sample(&mut one), inverse_cdf::sample(&logits, &mut other));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cdf<const N: usize> {
    /// The thresholds `⌈C_k · 2^32 / total⌉`, one for each class before the last class that can be drawn.
    thresholds: Vec<u32, N>,
}

impl<const N: usize> Cdf<N> {
    /// Prepares the thresholds with at most `2 K` exponentials and `K − 1` divisions of 64-bit integers.
    pub fn new(logits: &Logits<N>) -> Self {
        let (_, max) = reduce::arg_max(logits.as_slice());
        let weight = |l: f32| (Lane::exp(l - max) * TWO_POW_31) as u32;
        let total: u64 = logits.as_slice().iter().map(|&l| u64::from(weight(l))).sum();
        let mut thresholds = Vec::new();
        let mut running = 0;
        for &l in logits.as_slice() {
            running += u64::from(weight(l));
            // The last class that can be drawn needs no threshold.
            let threshold = if running < total { ratio(running, total) } else { None };
            let Some(threshold) = threshold else { break };
            // This cannot fail: there are at most as many thresholds as logits.
            let _ = thresholds.push(threshold);
        }
        Self { thresholds }
    }

    /// Draws a class from one word of the source.
    #[inline]
    pub fn sample<L: Lane, S: Source<L> + ?Sized>(&self, source: &mut S) -> L::Word {
        let r = source.next_word();
        self.thresholds.iter().fold(L::Word::splat(0), |class, &threshold| {
            let before = r.lt(L::Word::splat(threshold)).not();
            class.wrapping_add(L::Word::select(before, L::Word::splat(1), L::Word::splat(0)))
        })
    }
}
