//! The logarithm of what is known to be a positive number, so that it needs no case for anything else: written once over
//! lanes, with the bits of `libm`'s `logf` wherever its argument is a float.
//!
//! The algorithm and constants are those of FreeBSD's `msun`, from which `libm` has them:
//!
//! ```text
//! Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
//!
//! Developed at SunPro, a Sun Microsystems, Inc. business.
//! Permission to use, copy, modify, and distribute this
//! software is freely granted, provided that this notice
//! is preserved.
//! ```

use super::lane::{Lane, Word};

const ONE: u32 = 0x3f80_0000;
const HALF_SQRT_2: u32 = 0x3f35_04f3;

/// `ln x` for `0 < x ≤ 1`.
// Called, it would load a dozen constants anew for every number.
#[inline(always)]
pub(crate) fn ln<L: Lane>(x: L) -> L {
    let (halvings, f) = reduced(x);
    ln_reduced(L::from_small(halvings), f)
}

/// `ln x` of a positive normal number.
#[inline(always)]
pub(crate) fn ln_of_normal<L: Lane>(x: L) -> L {
    let (exponent, f) = split(x);
    ln_reduced(-(L::from_small(exponent) - 127.0), f)
}

/// `ln u` of the `u` at distance `tail`, in `(0, ½]`, from 1 where `upper` holds, and from 0 elsewhere.
#[inline(always)]
pub(crate) fn ln_of_tail<L: Lane>(tail: L, upper: L::Mask) -> L {
    let (halvings, f) = reduced(L::select(upper, -tail + 1.0, tail));
    // Only an upper u is above √½: there f = u − 1 is known without the rounding of u.
    let near = halvings.equals(L::Word::splat(0));
    ln_reduced(L::from_small(halvings), L::select(near, -tail, f))
}

/// `x = (1 + f)/2^n` with `1 + f` in `[√½, √2)`: the word `n` and `f`.
#[inline(always)]
fn reduced<L: Lane>(x: L) -> (L::Word, L) {
    // Scaled, a subnormal number is normal, and the others lose nothing.
    let (exponent, f) = split(x * 33_554_432.0);
    (L::Word::splat(127 + 25).wrapping_sub(exponent), f)
}

/// A positive normal number as `2^k (1 + f)` with `1 + f` in `[√½, √2)`: the word `k + 127` and `f`.
#[inline(always)]
fn split<L: Lane>(x: L) -> (L::Word, L) {
    let shifted = x.to_bits().wrapping_add(L::Word::splat(ONE - HALF_SQRT_2));
    let mantissa = shifted.and(L::Word::splat(0x007f_ffff)).wrapping_add(L::Word::splat(HALF_SQRT_2));
    (shifted.shr(23), L::from_bits(mantissa) - 1.0)
}

/// `ln((1 + f)/2^n)`.
#[inline(always)]
fn ln_reduced<L: Lane>(n: L, f: L) -> L {
    let s = f / (f + 2.0);
    let z = s * s;
    let w = z * z;
    let t1 = w * (w * 0.242_790_79 + 0.400_009_72);
    let t2 = z * (w * 0.284_987_87 + 0.666_666_6);
    let r = t2 + t1;
    let half_square = f * 0.5 * f;
    s * (half_square + r) - n * 9.058_001e-6 - half_square + f - n * 6.931_381_2e-1
}
