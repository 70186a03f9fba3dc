//! The Gumbel-max trick: add Gumbel noise to the logits and take the largest. A sampler, not an estimator: nothing is
//! differentiated, and this page is about sampling.
//!
//! ```text
//! a = argmax_k (l_k + G_k) ~ softmax(l),   max_k (l_k + G_k) ~ Gumbel(ln Σ e^l), independent of a
//! ```
//!
//! | | |
//! |---|---|
//! | asks of `f` | nothing |
//! | bias | none: exact, but for the grid of the noise, 2^−32; at logits of any size ([`largest_sum`](crate::largest_sum)) |
//! | variance on the toy | no gradient; with a sampled class see [`score_function`](crate::score_function) |
//! | cost | a word of noise and two logarithms per class, no exponential, no normalising |
//! | use it | where the noise is wanted with the class: relaxations, classes without replacement, conditional noise |
//! | not | for a class alone: [`inverse_cdf`](crate::inverse_cdf) takes one word, [`alias_table`](crate::alias_table) a look-up |
//!
//! Sources: E. J. Gumbel, 1954; C. J. Maddison, D. Tarlow and T. Minka, *A\* sampling*, NIPS 2014.

use crate::{
    arithmetic::{lane::Lane, largest_sum::LargestSum},
    check,
    noise::{gumbel, source::Source},
    settings::logits::Logits,
};

/// Draws a class: one word of the source per class, in class order, masked classes included.
///
/// # Example
/// ```
/// use samplegrad_core::{Logits, gumbel_max, stream};
///
/// let logits = Logits::<4>::new(&[0.0, 1.0, f32::NEG_INFINITY])?;
/// let class = gumbel_max::sample(&logits, &mut stream::xorshift(2026, 0));
/// assert!(class < 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline(always)]
pub fn sample<const N: usize, L: Lane, S: Source<L> + ?Sized>(logits: &Logits<N, L>, source: &mut S) -> L::Word {
    draw(logits.as_slice(), source).0
}

/// The class and the rounded value of `max_k (l_k + g_k)` for Gumbel noise that is given: of the exact sums, the first class
/// on ties.
///
/// # Errors
/// [`Error::Length`](crate::Error::Length) unless there is one number per class.
pub fn with_noise<const N: usize, L: Lane>(
    logits: &Logits<N, L>,
    noise: &[L],
) -> Result<(L::Word, L), crate::error::Error> {
    check::length("noise", logits.as_slice().len(), noise.len())?;
    let largest = largest(logits.as_slice(), noise.iter().copied());
    Ok((largest.class, largest.sum))
}

/// The class drawn and the rounded maximum `max_k (l_k + G_k)`, which is `Gumbel(ln Σ e^l)` and independent of the class. On a
/// slice of checked logits.
#[inline(always)]
pub fn draw<L: Lane, S: Source<L> + ?Sized>(logits: &[L], source: &mut S) -> (L::Word, L) {
    let largest = largest(logits, core::iter::repeat_with(|| gumbel::sample(source)));
    (largest.class, largest.sum)
}

/// The largest of the sums of logits and noise, over the shorter length: what [`draw`] decides by. On checked logits.
///
/// ```
/// use samplegrad_core::gumbel_max;
///
/// assert_eq!(gumbel_max::largest(&[1e8_f32, 1e8], [0.5, 2.0]).class, 1);
/// ```
#[inline(always)]
pub fn largest<L: Lane>(logits: &[L], noise: impl IntoIterator<Item = L>) -> LargestSum<L> {
    let mut largest = LargestSum::new();
    for ((k, &l), g) in logits.iter().enumerate().zip(noise) {
        largest.see(k as u32, l, g);
    }
    largest
}
