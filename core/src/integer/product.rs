//! Products of more than 32 bits, computed from 16-bit halves. The multiplication of the smallest cores has a 32-bit
//! result, and wider products call a library function. A compiler that recognises a wider product here calls the
//! library function too. There is one wider product in a sample, and four in a step.

use crate::arithmetic::lane::Word;

/// Computes the high half of the 64-bit product, [`Word::mul_high`], from four products of halves.
#[inline]
pub(super) fn high<W: Word>(a: W, b: W) -> W {
    let half = W::splat(0xffff);
    let (a_high, a_low, b_high, b_low) = (a.shr(16), a.and(half), b.shr(16), b.and(half));
    // The sum of (2^16 − 1)² and two 16-bit halves is below 2^32.
    let first = a_high.wrapping_mul(b_low).wrapping_add(a_low.wrapping_mul(b_low).shr(16));
    let second = a_low.wrapping_mul(b_high).wrapping_add(first.and(half));
    a_high.wrapping_mul(b_high).wrapping_add(first.shr(16)).wrapping_add(second.shr(16))
}

/// Computes `a · b` of a signed and an unsigned number with 16 fraction bits, rounded towards zero. The product must
/// be below 2^15.
#[inline]
pub(super) fn fixed<W: Word>(a: W, b: W) -> W {
    let (zero, magnitude) = (W::splat(0), magnitude(a));
    let product = high(magnitude, b).shl(16).or(magnitude.wrapping_mul(b).shr(16));
    W::select(a.lt_signed(zero), zero.wrapping_sub(product), product)
}

/// Returns the magnitude of a signed number.
#[inline]
pub(super) fn magnitude<W: Word>(a: W) -> W {
    let zero = W::splat(0);
    W::select(a.lt_signed(zero), zero.wrapping_sub(a), a)
}

/// Returns a signed number kept within `low ..= high`.
#[inline]
pub(super) fn clamped<W: Word>(x: W, low: i32, high: i32) -> W {
    let (low, high) = (W::splat(low as u32), W::splat(high as u32));
    W::select(x.lt_signed(low), low, W::select(high.lt_signed(x), high, x))
}

/// Returns whether `x` is larger than `largest`, both signed, and the larger of the two numbers.
#[inline]
pub(super) fn larger<W: Word>(largest: W, x: W) -> (W::Mask, W) {
    let above = largest.lt_signed(x);
    (above, W::select(above, x, largest))
}
