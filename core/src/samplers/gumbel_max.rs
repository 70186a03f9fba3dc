//! The Gumbel-max trick: add Gumbel noise to the logits, and choose the class with the largest sum. It is a sampler,
//! not an estimator, and computes no gradient.
//!
//! ```text
//! a = argmax_k (l_k + G_k) ~ softmax(l),   max_k (l_k + G_k) ~ Gumbel(ln Σ e^l), independent of a
//! ```
//!
//! | | |
//! |---|---|
//! | requirements on `f` | none |
//! | bias | none, except that the uniform numbers have a resolution of 2^−32; the sums are compared exactly for logits of any size ([`largest_sum`](crate::largest_sum)) |
//! | variance on the toy problem | not applicable, because there is no gradient; [`score_function`](crate::score_function) estimates a gradient from a sampled class |
//! | cost | one word of noise and two logarithms per class; no exponential and no normalization |
//! | use it | if your program needs the noise as well as the class, as relaxations, sampling without replacement and conditional noise do |
//! | do not use it | if your program needs only the class; [`inverse_cdf`](crate::inverse_cdf) takes one word, and [`alias_table`](crate::alias_table) takes one look-up |
//!
//! Sources: E. J. Gumbel, 1954; C. J. Maddison, D. Tarlow and T. Minka, *A\* sampling*, NIPS 2014.

use crate::{
    arithmetic::{lane::Lane, largest_sum::LargestSum},
    check,
    noise::{gumbel, source::Source},
    settings::logits::Logits,
};

/// Draws a class. It takes one word of the source for each class, in class order. A masked class also takes a word.
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

/// Returns the class and the rounded value of `max_k (l_k + g_k)` for given Gumbel noise. The class is the first whose
/// exact sum is largest.
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

/// Draws a class and returns it with the rounded maximum `max_k (l_k + G_k)`. The maximum has the distribution
/// `Gumbel(ln Σ e^l)` and is independent of the class. The logits must satisfy the conditions of [`Logits::new`].
#[inline(always)]
pub fn draw<L: Lane, S: Source<L> + ?Sized>(logits: &[L], source: &mut S) -> (L::Word, L) {
    let largest = largest(logits, core::iter::repeat_with(|| gumbel::sample(source)));
    (largest.class, largest.sum)
}

/// Returns the class and the largest sum of logit and noise, as [`draw`] does. If the lengths differ, excess elements
/// are ignored. The logits must satisfy the conditions of [`Logits::new`].
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
