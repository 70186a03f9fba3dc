//! The straight-line paths of `libm`'s `expf` and `logf`. They are short enough to be inlined into the loop of a
//! kernel. Inputs outside these paths call `libm`. On all 2^32 inputs the results are bit-for-bit equal to those of
//! `libm`; an exhaustive test on the host checks this equality.
//!
//! A call of `libm`'s `expf` takes 65 instructions on a Cortex-M4F. Most of these instructions handle cases that never
//! occur in a softmax.
//!
//! The algorithms and constants come from FreeBSD's `msun`, from which `libm` is derived:
//!
//! ```text
//! Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
//!
//! Developed at SunPro, a Sun Microsystems, Inc. business.
//! Permission to use, copy, modify, and distribute this
//! software is freely granted, provided that this notice
//! is preserved.
//! ```

const SIGN: u32 = 0x8000_0000;
const HALF: u32 = 0x3f00_0000;
const ONE: u32 = 0x3f80_0000;
const HALF_SQRT_2: u32 = 0x3f35_04f3;
const INFINITY: u32 = 0x7f80_0000;
const MIN_POSITIVE: u32 = 0x0080_0000;

/// Bit patterns of the magnitudes above 2^−13 and below 87.3. The exponential of such a number is a normal float.
const EXP_STRAIGHT: core::ops::Range<u32> = 0x3900_0001..0x42ae_ac50;

/// Computes `libm::expf`.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let bits = x.to_bits();
    if !EXP_STRAIGHT.contains(&(bits & !SIGN)) {
        return libm::expf(x);
    }
    // x = k ln 2 + r. If |x| is below ½ ln 2, k is 0. `libm` skips the operations with k = 0. This code does them,
    // because they do not change the result.
    let half = f32::from_bits(bits & SIGN | HALF);
    let k = (half + x * 1.442_695_02) as i32;
    let kf = k as f32;
    let hi = x - kf * 6.931_457_5e-1;
    let lo = kf * 1.428_606_8e-6;
    let r = hi - lo;
    let square = r * r;
    let c = r - square * (1.666_662_54e-1 + square * -2.766_733_3e-3);
    let y = 1.0 + (r * c / (2.0 - c) - lo + hi);
    // The float 2^k is normal, because |k| < 127.
    y * f32::from_bits(((k + 127) as u32) << 23)
}

/// Computes `libm::logf`.
#[inline(always)]
pub(crate) fn ln(x: f32) -> f32 {
    let bits = x.to_bits();
    if !(MIN_POSITIVE..INFINITY).contains(&bits) {
        return libm::logf(x);
    }
    // Split x = 2^k (1 + f) with 1 + f in [√½, √2).
    let shifted = bits + (ONE - HALF_SQRT_2);
    let k = ((shifted >> 23) as i32 - 127) as f32;
    let f = f32::from_bits((shifted & 0x007f_ffff) + HALF_SQRT_2) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let t1 = w * (0.400_009_72 + w * 0.242_790_79);
    let t2 = z * (0.666_666_6 + w * 0.284_987_87);
    let r = t2 + t1;
    let half_square = 0.5 * f * f;
    s * (half_square + r) + k * 9.058_001e-6 - half_square + f + k * 6.931_381_2e-1
}
