//! Reductions, in the one order that is part of every contract: from the first element to the last.
//!
//! A sum is `((x_0 + x_1) + x_2) + …`; the largest element is the first of the largest. No kernel of this crate
//! reduces in any other way, so that results do not depend on a vector width or a compiler's mood.

use crate::lane::{Lane, Word};

/// Sum from first to last; zero if there is none.
///
/// ```
/// assert_eq!(samplegrad_core::reduce::sum(&[1.0_f32, 2.0, 4.0]), 7.0);
/// ```
#[inline(always)]
pub fn sum<L: Lane>(x: &[L]) -> L {
    x.iter().fold(L::ZERO, |total, &x| total + x)
}

/// Inner product `Σ x_i y_i` from first to last, each product rounded before it is added, over the shorter length.
///
/// ```
/// assert_eq!(samplegrad_core::reduce::dot(&[1.0_f32, 2.0], &[3.0, 4.0]), 11.0);
/// ```
#[inline(always)]
pub fn dot<L: Lane>(x: &[L], y: &[L]) -> L {
    x.iter().zip(y).fold(L::ZERO, |total, (&x, &y)| total + x * y)
}

/// The largest element; −∞ if there is none.
///
/// ```
/// assert_eq!(samplegrad_core::reduce::max(&[1.0_f32, 3.0, 2.0]), 3.0);
/// ```
#[inline(always)]
pub fn max<L: Lane>(x: &[L]) -> L {
    x.iter().fold(L::NEG_INFINITY, |largest, &x| largest.max(x))
}

/// Index and value of the largest element, the first one on ties; `(0, −∞)` if there is none.
///
/// ```
/// assert_eq!(samplegrad_core::reduce::arg_max(&[1.0_f32, 3.0, 3.0]), (1, 3.0));
/// ```
#[inline(always)]
pub fn arg_max<L: Lane>(x: &[L]) -> (L::Word, L) {
    let mut class = L::Word::splat(0);
    let mut largest = L::NEG_INFINITY;
    for (k, &x) in x.iter().enumerate() {
        let larger = largest.lt(x);
        class = L::Word::select(larger, L::Word::splat(k as u32), class);
        largest = L::select(larger, x, largest);
    }
    (class, largest)
}
