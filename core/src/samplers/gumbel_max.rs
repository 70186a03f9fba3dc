//! The Gumbel-max trick: add Gumbel noise to the logits and take the largest. It is a sampler, not an estimator: it
//! differentiates nothing.
//!
//! ```text
//! a = argmax_k (l_k + G_k) ~ softmax(l),   max_k (l_k + G_k) ~ Gumbel(ln Σ e^l), independent of a
//! ```
//!
//! | | |
//! |---|---|
//! | requirements on `f` | none |
//! | bias | none: exact up to the grid of the noise, 2^−32, for logits of any size ([`largest_sum`](crate::largest_sum)) |
//! | variance on the toy | no gradient; with a sampled class see [`score_function`](crate::score_function) |
//! | cost | one word of noise and two logarithms per class, no exponential, no normalization |
//! | use it | if the noise is needed with the class: relaxations, classes without replacement, conditional noise |
//! | do not use it | for a class alone: [`inverse_cdf`](crate::inverse_cdf) takes one word, [`alias_table`](crate::alias_table) a look-up |
//!
//! Sources: E. J. Gumbel, 1954; C. J. Maddison, D. Tarlow and T. Minka, *A\* sampling*, NIPS 2014.

use crate::{
    arithmetic::{lane::Lane, largest_sum::LargestSum},
    check,
    noise::{gumbel, source::Source},
    settings::logits::Logits,
};

/// Draws a class from one word of the source per class, in class order, masked classes included.
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

/// Draws a class and returns it with the rounded maximum `max_k (l_k + G_k)`, which is `Gumbel(ln Σ e^l)` and
/// independent of the class. Needs checked logits.
#[inline(always)]
pub fn draw<L: Lane, S: Source<L> + ?Sized>(logits: &[L], source: &mut S) -> (L::Word, L) {
    let largest = largest(logits, core::iter::repeat_with(|| gumbel::sample(source)));
    (largest.class, largest.sum)
}

/// Returns the largest sum of logits and noise, over the shorter length, as [`draw`] does. Needs checked logits.
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
