//! Reductions in documented orders, so that results do not depend on a vector width or a compiler.
//!
//! A sum is `((x_0 + x_1) + x_2) + …`, from the first element to the last; of several largest elements, the first is
//! used. Where documented, a sum uses sixteen strides instead. A host that sums a row of a thousand numbers can then
//! start an addition before the previous addition has finished. For sixteen numbers or fewer both orders are the same.

use crate::arithmetic::lane::{Lane, Word};

/// Returns the sum from first to last; zero for an empty slice.
///
/// ```
/// assert_eq!(samplegrad_core::reduce::sum(&[1.0_f32, 2.0, 4.0]), 7.0);
/// ```
#[inline(always)]
pub fn sum<L: Lane>(x: &[L]) -> L {
    x.iter().fold(L::ZERO, |total, &x| total + x)
}

/// Returns the inner product `Σ_i x_i y_i`. Each product is rounded, and the products are added from first to last.
/// Extra elements of the longer slice are ignored.
///
/// ```
/// assert_eq!(samplegrad_core::reduce::dot(&[1.0_f32, 2.0], &[3.0, 4.0]), 11.0);
/// ```
#[inline(always)]
pub fn dot<L: Lane>(x: &[L], y: &[L]) -> L {
    x.iter().zip(y).fold(L::ZERO, |total, (&x, &y)| total + x * y)
}

/// Number of strides, each with a partial sum.
pub const STRIDES: usize = 16;

/// Sums in strides: each `s_j = x_j + x_{j+16} + x_{j+32} + …` from first to last, then `s_0 + s_1 + … + s_15`.
///
/// ```
/// use samplegrad_core::reduce;
///
/// // Next to 2^24 a 1 is lost, and 2^24 + 2 is a number.
/// let mut x = [0.0_f32; 18];
/// (x[0], x[1], x[17]) = (16_777_216.0, 1.0, 1.0);
/// assert_eq!(reduce::sum(&x), 16_777_216.0);
/// assert_eq!(reduce::sum_in_strides(&x), 16_777_218.0);   // x_1 and x_17 are summed first
/// ```
#[inline(always)]
pub fn sum_in_strides<L: Lane>(x: &[L]) -> L {
    if x.len() <= STRIDES {
        return sum(x);
    }
    (0..STRIDES).fold(L::ZERO, |total, stride| {
        total + x.chunks(STRIDES).filter_map(|x| x.get(stride)).fold(L::ZERO, |sum, &x| sum + x)
    })
}

/// Returns the inner product `Σ_i x_i y_i`. Each product is rounded, and the products are added in strides as in
/// [`sum_in_strides`]. Extra elements of the longer slice are ignored.
///
/// ```
/// assert_eq!(samplegrad_core::reduce::dot_in_strides(&[2.0_f32; 40], &[0.5; 40]), 40.0);
/// ```
#[inline(always)]
pub fn dot_in_strides<L: Lane>(x: &[L], y: &[L]) -> L {
    if x.len() <= STRIDES || y.len() <= STRIDES {
        return dot(x, y);
    }
    (0..STRIDES).fold(L::ZERO, |total, stride| {
        let pairs = x.chunks(STRIDES).zip(y.chunks(STRIDES));
        let pairs = pairs.filter_map(|(x, y)| x.get(stride).zip(y.get(stride)));
        total + pairs.fold(L::ZERO, |sum, (&x, &y)| sum + x * y)
    })
}

/// Returns the largest element; −∞ for an empty slice.
///
/// ```
/// assert_eq!(samplegrad_core::reduce::max(&[1.0_f32, 3.0, 2.0]), 3.0);
/// ```
#[inline(always)]
pub fn max<L: Lane>(x: &[L]) -> L {
    x.iter().fold(L::NEG_INFINITY, |largest, &x| largest.max(x))
}

/// Returns the index and value of the largest element, the first one on ties; `(0, −∞)` for an empty slice.
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
