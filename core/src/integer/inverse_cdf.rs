//! Sampling by the inverse of the distribution function. A sample takes one word of the source. It computes `2^x` for
//! `K` numbers and does no division.

use crate::{
    arithmetic::lane::{Lane, Word},
    integer::{exp2::exp2, logits::FixedLogits, product},
    noise::source::Source,
};

/// Integer weights of `K` classes and their sum.
///
/// The weight `W_k` is `2^S 2^{l_k − max l}`, computed with a relative error of at most 3.7e-6 and rounded down. `S` is
/// the largest number up to 30 for which the sum of `K` weights is below 2^32. For ten classes, `S` is 28. If a logit
/// is more than `S` below the largest logit, the weight of the class is zero.
///
/// ```
/// use samplegrad_core::integer::{FixedLogits, FixedWeights};
///
/// let weights = FixedWeights::<2>::new(&FixedLogits::new([0, -1 << 16])?);
/// assert_eq!(weights.as_array(), &[1 << 30, 1 << 29]);
/// assert_eq!((weights.draw(0x8000_0000), weights.draw(0xc000_0000)), (0, 1));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FixedWeights<const K: usize, L: Lane = f32> {
    weights: [L::Word; K],
    total: L::Word,
}

impl<const K: usize, L: Lane> FixedWeights<K, L> {
    /// The exponent `S`. The weight of the mode is 2^S.
    pub const SCALE: u32 = {
        assert!(K > 0 && K <= 1 << 16, "from 1 to 65536 classes");
        let largest = (u32::MAX / K as u32).ilog2();
        if largest < 30 { largest } else { 30 }
    };

    /// Computes the weights of the classes and their sum. The weights are added from first to last.
    #[inline]
    pub fn new(logits: &FixedLogits<K, L>) -> Self {
        // exp2 has 30 fraction bits. `top` is the largest logit plus 30 − S. The weight 2^(l − top) then
        // has S fraction bits, so that the sum fits a word.
        let top = logits.max().wrapping_add(L::Word::splat((30 - Self::SCALE) << 16));
        let mut total = L::Word::splat(0);
        let weights = logits.as_array().map(|l| {
            let weight = exp2(top.wrapping_sub(l));
            total = total.wrapping_add(weight);
            weight
        });
        Self { weights, total }
    }

    /// Returns the weights.
    #[inline]
    pub fn as_array(&self) -> &[L::Word; K] {
        &self.weights
    }

    /// Returns the sum of the weights. The sum is at least 2^S and below 2^32.
    #[inline]
    pub fn total(&self) -> L::Word {
        self.total
    }

    /// Returns the class drawn by the word `r`. It is the first class whose running sum exceeds `⌊r · total / 2^32⌋`.
    #[inline]
    pub fn draw(&self, r: L::Word) -> L::Word {
        let target = product::high(r, self.total);
        let (mut running, mut class) = (L::Word::splat(0), L::Word::splat(0));
        for &w in &self.weights {
            running = running.wrapping_add(w);
            // Classes whose running sum does not exceed the target lie before the drawn class.
            let after = target.lt(running);
            class = class.wrapping_add(L::Word::select(after, L::Word::splat(0), L::Word::splat(1)));
        }
        class
    }

    /// Draws a class from one word of the source.
    #[inline]
    pub fn sample<S: Source<L> + ?Sized>(&self, source: &mut S) -> L::Word {
        self.draw(source.next_word())
    }
}

/// Computes the weights of the logits and draws a class with one word of the source. For several draws from the same
/// logits, use [`FixedWeights`].
///
/// ```
/// use samplegrad_core::{integer::{FixedLogits, inverse_cdf}, stream};
///
/// let logits = FixedLogits::<3>::new([0, 1 << 16, FixedLogits::<3>::MASKED])?;
/// assert!(inverse_cdf::sample(&logits, &mut stream::xorshift(2026, 0)) < 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline]
pub fn sample<const K: usize, L: Lane, S: Source<L> + ?Sized>(logits: &FixedLogits<K, L>, source: &mut S) -> L::Word {
    FixedWeights::new(logits).sample(source)
}
