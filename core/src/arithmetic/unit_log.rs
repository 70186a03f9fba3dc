//! Logarithm of positive numbers. There are no special cases for other inputs. The code is generic over lanes. It uses
//! no division, because a vector unit takes as long for a division as for sixteen products.
//!
//! ```text
//! of a number   x = 2^k (1 + f),   1 + f in [¾, 3/2),   −ln x = −k ln 2 − (f + f² q(f))
//! of a word     u = (1 + f)/2^n,       f in [−½, 0),    −ln u =  n ln 2 − (f + f² q(f))
//! ```
//!
//! Each `q` is a polynomial of degree 7, computed by the Remez algorithm. Before rounding, the relative error of the
//! logarithm is 2.8e−8 for a number and 2.4e−8 for a word. After rounding, the error is at most 3.2 units in the last
//! place for a number, including numbers near 1. For a word, it is at most 2.5 units in the last place. For a word, `n`
//! is the number of leading zeros. The terms `n ln 2` and `−(f + f² q(f))` have the same sign, so they do not cancel.
//! One formula is therefore accurate at both ends of the unit interval.

use crate::arithmetic::lane::{Lane, Mask, Word};

/// Returns `−ln x` for `0 < x ≤ 1`.
// This function is inlined, because a call would reload a dozen constants for every number.
#[inline(always)]
pub(crate) fn neg_ln<L: Lane>(x: L) -> L {
    let (k, f) = split_any(x);
    neg_ln_reduced(k, f)
}

/// Returns `−ln x` of a positive normal number.
#[inline(always)]
pub(crate) fn neg_ln_of_normal<L: Lane>(x: L) -> L {
    let (k, f) = split(x);
    neg_ln_reduced(k, f)
}

/// Returns `−ln u`. In lanes of the mask `upper`, `tail` is `1 − u`. In the other lanes, `tail` is `u`. In every lane,
/// `tail` is in `(0, ½]`.
#[inline(always)]
pub(crate) fn neg_ln_of_tail<L: Lane>(tail: L, upper: L::Mask) -> L {
    let (k, f) = split_any(L::select(upper, -tail + 1.0, tail));
    // If k is 0, u is at least ¾ and `upper` is true. Then f = u − 1 = −tail is exact, because it is not computed from
    // the rounded u.
    neg_ln_reduced(k, L::select(k.equals(L::ZERO), -tail, f))
}

/// Returns `2k + 1` and whether the nearer end of the word's range is the upper end. `k` is the distance of the word
/// from the nearer end.
#[inline(always)]
pub(crate) fn odd<L: Lane>(k: L::Word) -> (L::Word, L::Mask) {
    let sign = k.shr_signed(31);
    (k.shl(1).xor(sign).or(L::Word::splat(1)), L::Word::splat(0).equals(sign).not())
}

/// Returns `−ln u` of `u = (k + ½)/2^32`.
#[inline(always)]
pub(crate) fn neg_ln_of_word<L: Lane>(k: L::Word) -> L {
    let (halvings, below) = L::normalized(k);
    // The ½ affects the result if u is near 1.
    let f = (below + 0.5) * (1.0 / 4_294_967_296.0);
    let ff = f * f;
    let c12 = f * 3.336_321_221e-1 - 4.999_952_172e-1;
    let c34 = f * 2.636_911_677e-1 - 2.436_825_809e-1;
    let c56 = f * 1.208_716_375 + 1.809_533_025e-1;
    let c78 = f * 1.414_549_163 + 1.639_592_586;
    let q = (c12 + ff * c34) + ff * ff * (c56 + ff * c78);
    halvings * core::f32::consts::LN_2 - (f + ff * q)
}

/// Splits a positive normal number into `2^k (1 + f)` with `1 + f` in `[¾, 3/2)`. Returns `k·2^23` and `f`.
#[inline(always)]
fn split<L: Lane>(x: L) -> (L, L) {
    let mantissa = x.mantissa();
    (L::from_signed(x.to_bits().wrapping_sub(mantissa.to_bits())), mantissa - 1.0)
}

/// Splits a positive number of at most 1 as `split` does. The number may be subnormal.
#[inline(always)]
fn split_any<L: Lane>(x: L) -> (L, L) {
    // Scaling makes a subnormal number normal. For other numbers, scaling is exact.
    let (k, f) = split(x * 33_554_432.0);
    (k - 25.0 * 8_388_608.0, f)
}

/// Returns `−ln(2^k (1 + f))`, given `k·2^23` and `f`.
#[inline(always)]
fn neg_ln_reduced<L: Lane>(k: L, f: L) -> L {
    // Evaluation by pairs has a dependency chain half as long as the chain of Horner's rule.
    let ff = f * f;
    let c12 = f * 3.333_354_855e-1 - 5.000_006_065e-1;
    let c34 = f * 1.997_707_729e-1 - 2.499_344_228e-1;
    let c56 = f * 1.498_391_583e-1 - 1.682_281_13e-1;
    let c78 = f * 5.413_249_723e-2 - 1.206_736_929e-1;
    let q = (c12 + ff * c34) + ff * ff * (c56 + ff * c78);
    k * (-core::f32::consts::LN_2 / 8_388_608.0) - (f + ff * q)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the error, measured in units in the last place of the exact result.
    fn units(found: f32, exact: f64) -> f64 {
        let unit = f64::from(libm::exp2f(libm::floorf(libm::log2f(exact as f32)))) * f64::from(f32::EPSILON);
        let unit = unit.max(f64::from(f32::from_bits(1)));
        libm::fabs(f64::from(found) - exact) / unit
    }

    #[test]
    fn is_right_to_the_last_places() {
        let (mut below, mut lower, mut upper) = (0.0_f64, 0.0_f64, 0.0_f64);
        // The loop visits every 997th float, including subnormal floats.
        for bits in (1..f32::to_bits(0.5)).step_by(997) {
            let t = f32::from_bits(bits);
            lower = lower.max(units(neg_ln_of_tail(t, false), -libm::log(t.into())));
            upper = upper.max(units(neg_ln_of_tail(t, true), -libm::log1p((-t).into())));
        }
        for bits in (1..f32::to_bits(1.0)).step_by(997) {
            let x = f32::from_bits(bits);
            below = below.max(units(neg_ln(x), -libm::log(x.into())));
        }
        assert!(below < 3.2 && lower < 3.2 && upper < 3.2, "{below} {lower} {upper}");
        assert_eq!(neg_ln(1.0_f32), 0.0);
        // The test uses every 641st word, the words next to powers of two, and the words next to the ends.
        let ends =
            (0..32).flat_map(|bit| (0..100).flat_map(move |i| [(1 << bit) + i, u32::MAX.wrapping_sub(1 << bit) - i]));
        let mut of_words = 0.0_f64;
        for k in (0..=u32::MAX).step_by(641).chain(ends) {
            let rest = (f64::from(!k) + 0.5) / 4_294_967_296.0;
            let exact =
                if k >> 31 == 1 { -libm::log1p(-rest) } else { -libm::log((f64::from(k) + 0.5) / 4_294_967_296.0) };
            of_words = of_words.max(units(neg_ln_of_word(k), exact));
        }
        assert!(of_words < 2.5, "{of_words}");
    }
}
