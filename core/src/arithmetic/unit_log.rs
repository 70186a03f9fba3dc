//! The logarithm of what is known to be a positive number, so that it needs no case for anything else: written once over
//! lanes, without a division: one takes a vector unit as long as sixteen products.
//!
//! ```text
//! x = (1 + f)/2^n,   1 + f in [√½, √2),   −ln x = n ln 2 − (f + f² q(f))
//! ```
//!
//! with `q` of degree 7, as near as 3.0e−8 of the logarithm before rounding (Remez). Within 3.2 units in the last place of the
//! result, near 1 too. The reduction is that of FreeBSD's `msun` (Sun Microsystems, 1993).

use super::lane::{Lane, Mask, Word};

const ONE: u32 = 0x3f80_0000;
const HALF_SQRT_2: u32 = 0x3f35_04f3;

/// `−ln x` for `0 < x ≤ 1`.
// Called, it would load a dozen constants anew for every number.
#[inline(always)]
pub(crate) fn neg_ln<L: Lane>(x: L) -> L {
    let (halvings, f) = reduced(x);
    neg_ln_reduced(L::from_small(halvings), f)
}

/// `−ln x` of a positive normal number.
#[inline(always)]
pub(crate) fn neg_ln_of_normal<L: Lane>(x: L) -> L {
    let (exponent, f) = split(x);
    neg_ln_reduced(-(L::from_small(exponent) - 127.0), f)
}

/// `−ln u` of the `u` at distance `tail`, in `(0, ½]`, from 1 where `upper` holds, and from 0 elsewhere.
#[inline(always)]
pub(crate) fn neg_ln_of_tail<L: Lane>(tail: L, upper: L::Mask) -> L {
    let (halvings, f) = reduced(L::select(upper, -tail + 1.0, tail));
    // Only an upper u is above √½: there f = u − 1 is known without the rounding of u.
    let near = halvings.equals(L::Word::splat(0));
    neg_ln_reduced(L::from_small(halvings), L::select(near, -tail, f))
}

/// Of the word `k`: twice it and one, counted from the nearer end of all words, and whether that is the upper end.
#[inline(always)]
pub(crate) fn odd<L: Lane>(k: L::Word) -> (L::Word, L::Mask) {
    let sign = k.shr_signed(31);
    (k.shl(1).xor(sign).or(L::Word::splat(1)), L::Word::splat(0).equals(sign).not())
}

/// `−ln u` of `u = (k + ½)/2^32`: [`neg_ln_of_tail`] with everything times 2^33, which rounds nothing.
#[inline(always)]
pub(crate) fn neg_ln_of_word<L: Lane>(k: L::Word) -> L {
    const SCALE: f32 = 8_589_934_592.0;
    let (odd, upper) = odd::<L>(k);
    let tail = L::from_word(odd);
    let (exponent, f) = split(L::select(upper, -tail + SCALE, tail));
    let halvings = L::Word::splat(127 + 33).wrapping_sub(exponent);
    let near = halvings.equals(L::Word::splat(0));
    neg_ln_reduced(L::from_small(halvings), L::select(near, tail * (-1.0 / SCALE), f))
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

/// `−ln((1 + f)/2^n)`.
#[inline(always)]
fn neg_ln_reduced<L: Lane>(n: L, f: L) -> L {
    // By pairs: half as long a chain as one product after the other.
    let ff = f * f;
    let c12 = f * 3.333_395_026e-1 - 4.999_999_161e-1;
    let c34 = f * 1.996_207_029e-1 - 2.500_175_538e-1;
    let c56 = f * 1.491_799_078e-1 - 1.657_050_377e-1;
    let c78 = f * 8.734_843_983e-2 - 1.430_756_376e-1;
    let q = (c12 + ff * c34) + ff * ff * (c56 + ff * c78);
    n * core::f32::consts::LN_2 - (f + ff * q)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error in units in the last place of the exact result.
    fn units(found: f32, exact: f64) -> f64 {
        let unit = f64::from(libm::exp2f(libm::floorf(libm::log2f(exact as f32)))) * f64::from(f32::EPSILON);
        let unit = unit.max(f64::from(f32::from_bits(1)));
        libm::fabs(f64::from(found) - exact) / unit
    }

    #[test]
    fn is_right_to_the_last_places() {
        let (mut below, mut lower, mut upper) = (0.0_f64, 0.0_f64, 0.0_f64);
        // Every 997th float; subnormal ones too.
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
    }
}
