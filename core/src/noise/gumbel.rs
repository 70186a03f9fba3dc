//! Gumbel noise: `G = −ln(−ln u)`, the standard Gumbel (type-I extreme value) distribution.
//!
//! Source: E. J. Gumbel and J. Lieblein, *Statistical theory of extreme values and some practical applications*,
//! National Bureau of Standards, 1954.

use crate::{
    arithmetic::{lane::Lane, unit_log},
    noise::{source::Source, uniform::Uniform},
};

/// Returns the standard Gumbel number at lower-tail probability `u`. It is `−ln(−ln u)`, which increases with `u`.
///
/// ```
/// use samplegrad_core::noise::{Uniform, gumbel};
///
/// let smallest = gumbel::quantile(Uniform::<f32>::from_word(0));
/// let largest = gumbel::quantile(Uniform::<f32>::from_word(u32::MAX));
/// assert!((smallest + 3.13).abs() < 1e-3);
/// assert!((largest - 22.87).abs() < 1e-2);
/// ```
// This function is inlined for the same reason as `neg_ln`.
#[inline(always)]
pub fn quantile<L: Lane>(u: Uniform<L>) -> L {
    of_arrival(u.neg_ln())
}

/// Returns the Gumbel number `−ln E` for an arrival time `E = −ln u`.
#[inline(always)]
pub(crate) fn of_arrival<L: Lane>(arrival: L) -> L {
    // The arrival time is between 2^−126 and 104, so it is a normal float.
    unit_log::neg_ln_of_normal(arrival)
}

/// Draws a number from one word of the source.
#[inline(always)]
pub fn sample<L: Lane, S: Source<L> + ?Sized>(source: &mut S) -> L {
    of_word(source.next_word())
}

/// Returns the Gumbel number for the word `k`. It is the [`quantile`] at the uniform number of the word, but computed
/// in fewer steps. The two results differ only in the last places.
///
/// ```
/// use samplegrad_core::noise::{Uniform, gumbel};
///
/// let (g, same) = (gumbel::of_word::<f32>(7), gumbel::quantile(Uniform::<f32>::from_word(7)));
/// assert!((g - same).abs() < 1e-6);
/// ```
#[inline(always)]
pub fn of_word<L: Lane>(k: L::Word) -> L {
    of_arrival(Uniform::neg_ln_of_word(k))
}
