//! Sine and cosine of any finite angle in single precision, by the same operations in every lane.
//!
//! An angle is a number `k` of quarter turns and a rest, `|x| = k π/2 + r` with `|r| ≤ π/4`. The rest is a sum of two
//! floats, so it is also accurate next to a multiple of π/2, where the result is near 0.
//!
//! ```text
//! |x| ≤ 3217   r = ((|x| − k c₁) − k c₂) − k c₃,   c₁ + c₂ + c₃ = π/2    relative error of r at most 2.1e−8
//! |x| > 3217   the fraction of |x| · 2/π, from 96 bits of 2/π            relative error of r at most 2.0e−9
//!
//! sin r = r + r³ p(r²),    cos r = 1 − r²/2 + r⁴ q(r²)
//! ```
//!
//! `p` and `q` have degree 2 and are computed by the Remez algorithm. Before rounding, the relative error of the sine is
//! 4.0e−9, and that of the cosine 1.5e−10. After rounding, the errors over all finite floats are at most 0.917 and 0.912
//! units in the last place.
//!
//! `libm::sinf` and `libm::cosf` compute in double precision, which a core with a single-precision unit does in
//! software.
//!
//! Sources: W. J. Cody and W. Waite, *Software manual for the elementary functions*, 1980 (three parts of π/2); M. H.
//! Payne and R. N. Hanek, *Radian reduction for trigonometric functions*, SIGNUM Newsletter 18, 1983 (bits of 2/π).

use crate::arithmetic::lane::{Lane, Mask, Word};

/// Largest magnitude that is reduced by parts of π/2: 2048 quarter turns.
const BY_PARTS: f32 = 3217.0;

/// First part of π/2. It has 12 bits, so its product with a number of quarter turns up to 2^11 is exact.
const HALF_PI_1: f32 = 1.570_800_781;
/// Second part of π/2. It has 13 bits.
const HALF_PI_2: f32 = -4.454_515_874e-6;
/// Third part of π/2.
const HALF_PI_3: f32 = 6.077_100_628e-11;

/// Addend that leaves the nearest integer in the low bits.
const ROUND: f32 = 12_582_912.0;

/// The constant π/2 in units of 2^−30.
const HALF_PI_WORD: u32 = 0x6487_ed51;

/// Coefficients of `r³`, `r⁵`, `r⁷` in `sin r`.
const SIN: [f32; 3] = [-1.666_665_524e-1, 8.332_188_241e-3, -1.951_809_536e-4];
/// Coefficients of `r⁴`, `r⁶`, `r⁸` in `cos r`.
const COS: [f32; 3] = [4.166_664_556e-2, -1.388_730_132e-3, 2.443_067_024e-5];

/// Words of four consecutive bytes of 2/π. The last byte of element `i` is byte `i` after the binary point.
const TWO_OVER_PI: [u32; 24] = windows([
    0xa2, 0xf9, 0x83, 0x6e, 0x4e, 0x44, 0x15, 0x29, 0xfc, 0x27, 0x57, 0xd1, 0xf5, 0x34, 0xdd, 0xc0, 0xdb, 0x62, 0x95,
    0x99, 0x3c, 0x43, 0x90, 0x41,
]);

/// Returns the words of four bytes that end at each byte.
const fn windows(bytes: [u8; 24]) -> [u32; 24] {
    let (mut words, mut word, mut i) = ([0; 24], 0, 0);
    while i < bytes.len() {
        word = word << 8 | bytes[i] as u32;
        words[i] = word;
        i += 1;
    }
    words
}

/// A reduced angle: a number of quarter turns, of which the two lowest bits count, and a rest in radians.
struct Reduced<L: Lane> {
    turns: L::Word,
    rest: L,
    /// The part of the rest below the last place of `rest`.
    tail: L,
}

/// Returns the sine of an angle in radians, with an error of at most 0.92 units in the last place for every finite
/// angle. The function is odd, and it returns a zero with its sign. The result is NaN for NaN and infinite angles.
///
/// ```
/// use samplegrad_core::elementary::sin;
///
/// assert_eq!(sin(0.5_f32), 0.479_425_55);
/// assert_eq!(sin(core::f32::consts::PI), -8.742_278e-8); // π is not a float
/// assert!(sin(f32::INFINITY).is_nan());
/// ```
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline)]
pub fn sin<L: Lane>(x: L) -> L {
    let reduced = reduce(x.abs());
    let (sin, cos) = near_zero(reduced.rest, reduced.tail);
    sin_of_turns(x, reduced.turns, sin, cos)
}

/// Returns the cosine of an angle in radians, with an error of at most 0.92 units in the last place for every finite
/// angle. The function is even. The result is NaN for NaN and infinite angles.
///
/// ```
/// use samplegrad_core::elementary::cos;
///
/// assert_eq!(cos(0.0_f32), 1.0);
/// assert_eq!(cos(3.0_f32), cos(-3.0));
/// ```
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline)]
pub fn cos<L: Lane>(x: L) -> L {
    let reduced = reduce(x.abs());
    let (sin, cos) = near_zero(reduced.rest, reduced.tail);
    cos_of_turns(reduced.turns, sin, cos)
}

/// Returns the sine and the cosine of an angle in radians. They have the bits of [`sin`] and [`cos`], and the angle is
/// reduced once.
///
/// ```
/// use samplegrad_core::elementary::{cos, sin, sin_cos};
///
/// assert_eq!(sin_cos(2.0_f32), (sin(2.0), cos(2.0)));
/// ```
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline)]
pub fn sin_cos<L: Lane>(x: L) -> (L, L) {
    let reduced = reduce(x.abs());
    let (sin, cos) = near_zero(reduced.rest, reduced.tail);
    (sin_of_turns(x, reduced.turns, sin, cos), cos_of_turns(reduced.turns, sin, cos))
}

/// Returns the sine of `x`, given the sine and the cosine of the rest of `|x|`.
#[inline(always)]
fn sin_of_turns<L: Lane>(x: L, turns: L::Word, sin: L, cos: L) -> L {
    // The sine is negative after two and three quarter turns.
    with_sign(L::select(is_odd::<L>(turns), cos, sin), turns.shl(30).xor(x.to_bits()))
}

/// Returns the cosine of `|x|`, given the sine and the cosine of the rest.
#[inline(always)]
fn cos_of_turns<L: Lane>(turns: L::Word, sin: L, cos: L) -> L {
    // The cosine is negative after one and two quarter turns.
    with_sign(L::select(is_odd::<L>(turns), sin, cos), turns.wrapping_add(L::Word::splat(1)).shl(30))
}

/// Returns whether the number of quarter turns is odd.
#[inline(always)]
fn is_odd<L: Lane>(turns: L::Word) -> L::Mask {
    turns.and(L::Word::splat(1)).equals(L::Word::splat(1))
}

/// Changes the sign of `x` where the highest bit of `sign` is set.
#[inline(always)]
fn with_sign<L: Lane>(x: L, sign: L::Word) -> L {
    L::from_bits(x.to_bits().xor(sign.and(L::Word::splat(1 << 31))))
}

/// Returns the sine and the cosine of `r + tail` for `|r| ≤ π/4`.
#[inline(always)]
fn near_zero<L: Lane>(r: L, tail: L) -> (L, L) {
    let square = r * r;
    let p = (square * SIN[2] + SIN[1]) * square + SIN[0];
    let sin = r + (r * square * p + tail);
    let q = (square * COS[2] + COS[1]) * square + COS[0];
    // The rounding error of 1 − r²/2 is exact in the inner bracket, and is added to the small terms.
    let half = square * 0.5;
    let first = L::ONE - half;
    let cos = first + (((L::ONE - first) - half) + (square * square * q - r * tail));
    (sin, cos)
}

/// Reduces a magnitude to at most an eighth of a turn. The rest is NaN where `a` is NaN or infinite.
#[inline(always)]
fn reduce<L: Lane>(a: L) -> Reduced<L> {
    let near = by_parts(a);
    let large = a.gt(L::splat(BY_PARTS)).and(a.lt(L::splat(f32::INFINITY)));
    if !large.any() {
        return near;
    }
    let far = by_words(a);
    Reduced {
        turns: L::Word::select(large, far.turns, near.turns),
        rest: L::select(large, far.rest, near.rest),
        tail: L::select(large, far.tail, near.tail),
    }
}

/// Reduces a magnitude up to [`BY_PARTS`].
#[inline(always)]
fn by_parts<L: Lane>(a: L) -> Reduced<L> {
    let rounded = a * core::f32::consts::FRAC_2_PI + ROUND;
    let turns = rounded - ROUND;
    // The first difference and both products are exact. `low` is the rounding error of the second difference, and the
    // third part.
    let first = a - turns * HALF_PI_1;
    let second = turns * HALF_PI_2;
    let high = first - second;
    let low = ((first - high) - second) - turns * HALF_PI_3;
    let rest = high + low;
    Reduced { turns: rounded.to_bits(), rest, tail: (high - rest) + low }
}

/// Reduces a finite magnitude of at least 2, in integers. No finite float is nearer to a multiple of π/2 than 1.6e-9,
/// so 62 bits of the fraction suffice.
// A device seldom calls this function, so it is not inlined there. The lanes of a host have to be inlined.
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline(never))]
fn by_words<L: Lane>(a: L) -> Reduced<L> {
    let word = L::Word::splat;
    // a = m 2^(8 at − 22) with an integer m below 2^31.
    let bits = a.to_bits();
    let exponent = bits.shr(23).wrapping_sub(word(128));
    let m = bits.and(word(0x007f_ffff)).or(word(0x0080_0000)).shl_by(exponent.and(word(7)));
    let at = exponent.shr(3);
    // Bits of 2/π before the window contribute multiples of four quarter turns. Bits after it contribute less than
    // 2^−63 quarter turns.
    let first = L::Word::gather(&TWO_OVER_PI, at);
    let second = L::Word::gather(&TWO_OVER_PI, at.wrapping_add(word(4)));
    let third = L::Word::gather(&TWO_OVER_PI, at.wrapping_add(word(8)));
    // The two upper words of the product of m and the window, modulo 2^96, in units of 2^−62 quarter turns.
    let carried = m.mul_high(third);
    let low = m.wrapping_mul(second).wrapping_add(carried);
    let carry = L::Word::select(low.lt(carried), word(1), word(0));
    let high = m.wrapping_mul(first).wrapping_add(m.mul_high(second)).wrapping_add(carry);

    let turns = high.wrapping_add(word(1 << 29)).shr(30);
    // The fraction in [−½, ½) as a signed number of two words, then its sign and magnitude.
    let (high, low) = (high.shl(2).or(low.shr(30)), low.shl(2));
    let sign = high.shr_signed(31);
    let (high, low) = (high.xor(sign), low.xor(sign));
    let zeros = high.leading_zeros();
    let fraction = high.shl_by(zeros).or(low.shr_by(word(32).wrapping_sub(zeros)));
    // The rest is `radians` 2^(−30 − zeros). The upper 24 bits of `radians` are one float, the lower bits are the tail.
    let radians = fraction.mul_high(word(HALF_PI_WORD));
    let upper = radians.wrapping_add(word(64)).and(word(!127));
    let unit = L::from_bits(word(127 - 30).wrapping_sub(zeros).shl(23).or(sign.and(word(1 << 31))));
    let tail = L::from_signed(radians.wrapping_sub(upper)) * unit;
    Reduced { turns, rest: L::from_signed(upper) * unit, tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that the products of the parts of π/2 are exact and that the parts add up to π/2.
    #[test]
    fn parts_of_half_pi() {
        let bits = |x: f32| 24 - (x.to_bits() & 0x007f_ffff | 0x0080_0000).trailing_zeros();
        assert!(bits(HALF_PI_1) <= 12 && bits(HALF_PI_2) <= 13);
        let rest = core::f64::consts::FRAC_PI_2 - f64::from(HALF_PI_1) - f64::from(HALF_PI_2);
        // Double precision has π/2 to 6.1e-17.
        assert!(libm::fabs(rest - f64::from(HALF_PI_3)) < 1e-16);
    }

    /// Checks both reductions against each other where both are defined.
    #[test]
    fn reductions_agree() {
        for bits in (f32::to_bits(2.0)..f32::to_bits(BY_PARTS)).step_by(1009) {
            let a = f32::from_bits(bits);
            let (near, far) = (by_parts(a), by_words(a));
            let rest = |reduced: &Reduced<f32>| f64::from(reduced.rest) + f64::from(reduced.tail);
            // Halves of quarter turns may be rounded to either side.
            if near.turns & 3 == far.turns {
                let error = libm::fabs(rest(&near) / rest(&far) - 1.0);
                assert!(error < 2.5e-8, "{a}: {} {}", rest(&near), rest(&far));
            } else {
                assert!(libm::fabs(rest(&near)) > 0.785, "{a}: {} {}", near.turns & 3, far.turns);
            }
        }
    }
}
