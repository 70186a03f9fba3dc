//! The Gumbel-max trick with integers. Each class takes one word of the source and two logarithms.

use crate::{
    arithmetic::lane::{Lane, Word},
    integer::{log2::log2, logits::FixedLogits, product},
    noise::source::Source,
};

/// The offset `2^24 (−5 − log2 ln 2)`. It corrects a logarithm that is 5 too large and has base 2 instead of base e.
const OFFSET: u32 = (8_871_228 - (5 << 24)) as u32;

/// The distance 64. A logit that is more than 64 below the mode is set to the mode minus 64. Two noise numbers differ by
/// at most 31, so this does not change the drawn class.
const REACH: u32 = 64 << 16;

/// Computes Gumbel noise to base 2, `−log2(−ln u)`. The result is signed and has 24 fraction bits. `u` is `(k +
/// ½)/2^24`, where `k` is the upper 24 bits of a word.
///
/// The noise lies between −4.2 and 25. Multiplied by `ln 2`, it has the standard Gumbel distribution.
///
/// ```
/// use samplegrad_core::integer::gumbel_max::noise;
///
/// let median = noise(0x8000_0000_u32) as i32 as f32 / 16_777_216.0;
/// assert!((median - 0.528766).abs() < 1e-6);
/// ```
#[inline]
pub fn noise<W: Word>(word: W) -> W {
    let u = word.and(W::splat(!0xff)).or(W::splat(0x80));
    log2(log2(u)).wrapping_add(W::splat(4)).shr(3).wrapping_add(W::splat(OFFSET))
}

/// Draws a class. It takes one word of the source for each class, in class order. A masked class also takes a word.
///
/// ```
/// use samplegrad_core::{integer::{FixedLogits, gumbel_max}, stream};
///
/// let logits = FixedLogits::<3>::new([0, 1 << 16, FixedLogits::<3>::MASKED])?;
/// assert!(gumbel_max::sample(&logits, &mut stream::xorshift(2026, 0)) < 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline]
pub fn sample<const K: usize, L: Lane, S: Source<L> + ?Sized>(logits: &FixedLogits<K, L>, source: &mut S) -> L::Word {
    arg_max(logits, core::iter::repeat_with(|| source.next_word()))
}

/// Draws a class from given words `r_k`, one per class. The drawn class has the largest `l_k + noise(r_k)`, computed
/// with 24 fraction bits. On ties it is the first such class.
#[inline]
pub fn draw<const K: usize, L: Lane>(logits: &FixedLogits<K, L>, words: &[L::Word; K]) -> L::Word {
    arg_max(logits, words.iter().copied())
}

#[inline]
fn arg_max<const K: usize, L: Lane>(logits: &FixedLogits<K, L>, words: impl Iterator<Item = L::Word>) -> L::Word {
    let (max, reach) = (logits.max(), L::Word::splat(REACH));
    let (mut class, mut largest) = (L::Word::splat(0), L::Word::splat(i32::MIN as u32));
    for ((k, &l), word) in (0..).zip(logits.as_array()).zip(words) {
        let below = max.wrapping_sub(l);
        let below = L::Word::select(below.lt(reach), below, reach);
        let above;
        (above, largest) = product::larger(largest, noise(word).wrapping_sub(below.shl(8)));
        class = L::Word::select(above, L::Word::splat(k), class);
    }
    class
}
