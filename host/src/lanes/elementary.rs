//! `libm`'s `logf`, `expf` and `log1pf` in lanes: the same operations in the same order, with selections in place of
//! the branches of `libm`. Every lane has the bits of `libm` for every input (NaN gives a NaN).
//!
//! The proof is exhaustive: see the tests of this crate.
//!
//! The algorithms and constants are from FreeBSD's `msun`, which is also the source of `libm`:
//!
//! ```text
//! Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
//!
//! Developed at SunPro, a Sun Microsystems, Inc. business.
//! Permission to use, copy, modify, and distribute this
//! software is freely granted, provided that this notice
//! is preserved.
//! ```

use samplegrad_core::lane::{Lane, Mask, Word};

/// Conversion between floats and small signed integers, stored in two's complement words.
pub(crate) trait Convert: Lane {
    /// True if there are instructions that shift each lane by a different number of bits.
    const SHIFTS: bool = true;
    /// Returns the integer part, for a magnitude below 2^31.
    fn to_integer(self) -> Self::Word;
}

/// The methods of [`Lane`] that call the elementary functions below.
macro_rules! elementary_functions {
    () => {
        #[inline(always)]
        fn ln(self) -> Self {
            $crate::lanes::elementary::ln(self)
        }
        #[inline(always)]
        fn exp(self) -> Self {
            $crate::lanes::elementary::exp(self)
        }
        #[inline(always)]
        fn ln_1p(self) -> Self {
            $crate::lanes::elementary::ln_1p(self)
        }
    };
}
pub(crate) use elementary_functions;

/// Computes [`Lane::normalized`] with instructions that shift each lane by a different number of bits. This is the
/// default implementation.
#[inline(always)]
pub(crate) fn normalized<L: Lane>(k: L::Word) -> (L, L) {
    let zeros = k.leading_zeros();
    (L::from_small(zeros), L::from_signed(k.or(L::Word::splat(1 << 31)).rotate_left_by(zeros)))
}

const LN2_HI: f32 = 6.931_381_2e-1;
const LN2_LO: f32 = 9.058_001e-6;
const LG1: f32 = 0.666_666_6;
const LG2: f32 = 0.400_009_72;
const LG3: f32 = 0.284_987_87;
const LG4: f32 = 0.242_790_79;

const ONE_BITS: u32 = 0x3f80_0000;
const HALF_SQRT_2_BITS: u32 = 0x3f35_04f3;

/// Writes a positive normal number as `2^k (1 + f)` with `1 + f` in `[√½, √2)`. Returns the word `k + 127` and `f`.
#[inline(always)]
fn reduce<L: Convert>(bits: L::Word) -> (L::Word, L) {
    let shifted = bits.wrapping_add(L::Word::splat(ONE_BITS - HALF_SQRT_2_BITS));
    let mantissa = shifted.and(L::Word::splat(0x007f_ffff)).wrapping_add(L::Word::splat(HALF_SQRT_2_BITS));
    (shifted.shr(23), L::from_bits(mantissa) - 1.0)
}

/// Computes `ln(2^k (1 + f)) + c` as `msun` does.
#[inline(always)]
fn log_reduced<L: Convert>(k: L, f: L, c: L) -> L {
    let s = f / (f + 2.0);
    let z = s * s;
    let w = z * z;
    let t1 = w * (w * LG4 + LG2);
    let t2 = z * (w * LG3 + LG1);
    let r = t2 + t1;
    let half_square = f * 0.5 * f;
    s * (half_square + r) + (k * LN2_LO + c) - half_square + f + k * LN2_HI
}

/// Computes the natural logarithm.
#[inline(always)]
pub(crate) fn ln<L: Convert>(x: L) -> L {
    let bits = x.to_bits();
    // All inputs but positive normal numbers: zeros, subnormals, negative numbers, infinities, NaN.
    let special = bits.wrapping_sub(L::Word::splat(0x0080_0000)).lt(L::Word::splat(0x7f00_0000)).not();
    if special.any() { ln_of_any(x) } else { ln_of_scaled(x, L::ZERO) }
}

/// Computes `ln(x) − less · ln 2`. `less = 25` if `x` has been scaled up from a subnormal number, otherwise `less = 0`.
#[inline(always)]
fn ln_of_scaled<L: Convert>(x: L, less: L) -> L {
    let (exponent, f) = reduce::<L>(x.to_bits());
    let k = L::from_signed(exponent) - 127.0 - less;
    log_reduced(k, f, L::ZERO)
}

#[inline(always)]
fn ln_of_any<L: Convert>(x: L) -> L {
    let bits = x.to_bits();
    let subnormal = bits.lt(L::Word::splat(0x0080_0000));
    let scaled = L::select(subnormal, x * 33_554_432.0, x);
    let result = ln_of_scaled(scaled, L::select(subnormal, L::splat(25.0), L::ZERO));
    // +∞ and NaN are returned as they are.
    let above = bits.lt(L::Word::splat(0x7f80_0000)).not().and(bits.lt(L::Word::splat(0x8000_0000)));
    let result = L::select(above, x, result);
    let result = L::select(x.lt(L::ZERO).or(x.equals(x).not()), L::splat(f32::NAN), result);
    L::select(x.equals(L::ZERO), L::NEG_INFINITY, result)
}

/// Computes the exponential.
#[inline(always)]
pub(crate) fn exp<L: Convert>(x: L) -> L {
    const EXP_LN2_HI: f32 = 6.931_457_5e-1;
    const EXP_LN2_LO: f32 = 1.428_606_8e-6;
    const INV_LN2: f32 = core::f32::consts::LOG2_E;
    const P1: f32 = 1.666_662_5e-1;
    const P2: f32 = -2.766_733_3e-3;

    let sign = x.to_bits().and(L::Word::splat(0x8000_0000));
    let magnitude = x.to_bits().and(L::Word::splat(0x7fff_ffff));
    let above = |bits: u32| L::Word::splat(bits).lt(magnitude);
    let signed = |x: f32| L::from_bits(L::Word::splat(x.to_bits()).or(sign));

    // k is the nearest integer to x / ln 2 where |x| exceeds 1.5 ln 2, ±1 where |x| exceeds 0.5 ln 2, and otherwise 0.
    let nearest = (x * INV_LN2 + signed(0.5)).to_integer();
    let one = L::Word::select(sign.equals(L::Word::splat(0)), L::Word::splat(1), L::Word::splat(u32::MAX));
    let k = L::Word::select(above(0x3f85_1592), nearest, one);
    let k = L::Word::select(above(0x3eb1_7218), k, L::Word::splat(0));

    let kf = L::from_signed(k);
    let hi = x - kf * EXP_LN2_HI;
    let lo = kf * EXP_LN2_LO;
    let r = hi - lo;
    let rr = r * r;
    let c = r - rr * (rr * P2 + P1);
    let y = (r * c / (-c + 2.0) - lo + hi) + 1.0;
    let y = L::select(above(0x3900_0000), y, x + 1.0);

    let special = L::Word::splat(0x42ae_ac50 - 1).lt(magnitude);
    if special.any() { scale_any(x, y, k) } else { scale(y, k) }
}

/// Computes `y · 2^k` for `−126 ≤ k ≤ 127`.
#[inline(always)]
fn scale<L: Convert>(y: L, k: L::Word) -> L {
    y * L::from_bits(k.wrapping_add(L::Word::splat(127)).shl(23))
}

/// Computes `y · 2^k` by the steps of `scalbnf`, so that a subnormal result is rounded once. Also handles overflow,
/// underflow and NaN.
#[inline(always)]
fn scale_any<L: Convert>(x: L, y: L, k: L::Word) -> L {
    // 512 is added to the words, so that unsigned comparisons can replace signed comparisons.
    let moved = k.wrapping_add(L::Word::splat(512));
    let low = moved.lt(L::Word::splat(512 - 126));
    let high = L::Word::splat(512 + 127).lt(moved);
    let zero = L::Word::splat(0);
    let first = L::select(high, L::splat(f32::from_bits(0x7f00_0000)), L::ONE);
    let first = L::select(low, L::splat(f32::from_bits((127 - 102) << 23)), first);
    let less = L::Word::select(high, L::Word::splat(127), zero);
    let less = L::Word::select(low, L::Word::splat(102_u32.wrapping_neg()), less);
    let scaled = scale(y * first, k.wrapping_sub(less));

    let magnitude = x.to_bits().and(L::Word::splat(0x7fff_ffff));
    let positive = L::ZERO.lt(x);
    let overflow = L::Word::splat(0x42b1_7218 - 1).lt(magnitude).and(positive);
    let underflow = L::Word::splat(0x42cf_f1b5 - 1).lt(magnitude).and(x.lt(L::ZERO));
    let result = L::select(overflow, L::splat(f32::INFINITY), scaled);
    let result = L::select(underflow, L::ZERO, result);
    L::select(x.equals(x), result, x)
}

/// Computes `ln(1 + x)`.
#[inline(always)]
pub(crate) fn ln_1p<L: Convert>(x: L) -> L {
    let bits = x.to_bits();
    // Where √½ ≤ 1 + x < √2, no reduction is needed. The test is on the bits of x.
    let negative = L::Word::splat(0x7fff_ffff).lt(bits);
    let near = L::Word::select(negative, bits, bits.wrapping_add(L::Word::splat(0xbe95_f619 - 0x3ed4_13cf)))
        .lt(L::Word::splat(0xbe95_f619 + 1));

    let u = x + 1.0;
    let (exponent, f) = reduce::<L>(u.to_bits());
    let k = L::from_signed(exponent) - 127.0;
    // The part of x lost by the rounding of 1 + x.
    let lost = L::select(k.lt(L::splat(2.0)), x - (u - 1.0), -(u - x) + 1.0);
    let c = L::select(k.lt(L::splat(25.0)), lost / u, L::ZERO);

    let k = L::select(near, L::ZERO, k);
    let c = L::select(near, L::ZERO, c);
    let f = L::select(near, x, f);
    let result = log_reduced(k, f, c);

    let magnitude = bits.and(L::Word::splat(0x7fff_ffff));
    let tiny = magnitude.lt(L::Word::splat(0x3380_0000));
    let result = L::select(tiny, x, result);
    let special = L::Word::splat(0xbf80_0000 - 1).lt(bits).or(L::Word::splat(0x7f80_0000 - 1).lt(magnitude));
    if special.any() { ends_of_ln_1p(x, result) } else { result }
}

/// Replaces the results for `x ≤ −1`, +∞ and NaN.
#[inline(always)]
fn ends_of_ln_1p<L: Convert>(x: L, result: L) -> L {
    let result = L::select(x.lt(L::splat(-1.0)), L::splat(f32::NAN), result);
    let result = L::select(x.equals(L::splat(-1.0)), L::NEG_INFINITY, result);
    L::select(x.equals(L::splat(f32::INFINITY)).or(x.equals(x).not()), x, result)
}
