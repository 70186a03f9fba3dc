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
//! | bias | none: exact, but for the grid of the noise, 2^−32 |
//! | variance on the toy | no gradient; with a sampled class see [`score_function`](crate::score_function) |
//! | cost | a word of noise and two logarithms per class, no exponential, no normalising |
//! | use it | where the noise is wanted with the class: relaxations, classes without replacement, conditional noise |
//! | not | for a class alone: [`inverse_cdf`](crate::inverse_cdf) takes one word, [`alias_table`](crate::alias_table) a look-up |
//!
//! Sources: E. J. Gumbel, 1954; C. J. Maddison, D. Tarlow and T. Minka, *A\* sampling*, NIPS 2014.

use crate::{
    Logits, Source, check,
    lane::{Lane, Word},
    noise::gumbel,
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

/// The class and the value of `max_k (l_k + g_k)` for Gumbel noise that is given; the first class on ties.
///
/// # Errors
/// [`Error::Length`](crate::Error::Length) unless there is one number per class.
pub fn with_noise<const N: usize, L: Lane>(logits: &Logits<N, L>, noise: &[L]) -> Result<(L::Word, L), crate::Error> {
    check::length("noise", logits.as_slice().len(), noise.len())?;
    Ok(perturbed_arg_max(logits.as_slice(), noise.iter().copied()))
}

/// The class drawn and the maximum `max_k (l_k + G_k)`, which is `Gumbel(ln Σ e^l)` and independent of the class. On a
/// slice of checked logits.
#[inline(always)]
pub fn draw<L: Lane, S: Source<L> + ?Sized>(logits: &[L], source: &mut S) -> (L::Word, L) {
    perturbed_arg_max(logits, core::iter::repeat_with(|| gumbel::sample(source)))
}

#[inline(always)]
fn perturbed_arg_max<L: Lane>(logits: &[L], noise: impl Iterator<Item = L>) -> (L::Word, L) {
    let (mut class, mut largest) = (L::Word::splat(0), L::NEG_INFINITY);
    for ((k, &l), g) in logits.iter().enumerate().zip(noise) {
        let z = l + g;
        let larger = largest.lt(z);
        class = L::Word::select(larger, L::Word::splat(k as u32), class);
        largest = L::select(larger, z, largest);
    }
    (class, largest)
}
