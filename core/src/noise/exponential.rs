//! Exponential noise: `E = −ln(1 − u)`, standard exponential, mean 1.

use crate::{
    arithmetic::lane::{Lane, Word},
    noise::{source::Source, uniform::Uniform},
};

/// Returns the standard exponential number at lower-tail probability `u`: `−ln(1 − u)`, increasing in `u`.
///
/// ```
/// use samplegrad_core::noise::{Uniform, exponential};
///
/// let e = exponential::quantile(Uniform::new(0.5_f32)?);
/// assert!((e - core::f32::consts::LN_2).abs() < 1e-7);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline(always)]
pub fn quantile<L: Lane>(u: Uniform<L>) -> L {
    u.complement().neg_ln()
}

/// Draws a number from one word of the source.
#[inline(always)]
pub fn sample<L: Lane, S: Source<L> + ?Sized>(source: &mut S) -> L {
    of_word(source.next_word())
}

/// Returns the exponential number for the word `k`. It is the [`quantile`] at the uniform number of the word, computed
/// in fewer steps; only the last places differ.
///
/// ```
/// use samplegrad_core::noise::{Uniform, exponential};
///
/// let (e, same) = (exponential::of_word::<f32>(7), exponential::quantile(Uniform::<f32>::from_word(7)));
/// assert!((e - same).abs() < 1e-6 * same);
/// ```
#[inline(always)]
pub fn of_word<L: Lane>(k: L::Word) -> L {
    // The complement of the word is the word of 1 − u.
    Uniform::neg_ln_of_word(k.not())
}
