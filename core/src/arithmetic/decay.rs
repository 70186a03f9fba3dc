//! The exponential `e^x` for `x ≤ 0`, computed without division, branches or tables. It serves weights relative to the
//! largest weight.

use crate::arithmetic::lane::Lane;

/// Argument up to which the result is zero. Adding `e^−80` to 1 has no effect, and quotients of `e^−80` are still
/// normal numbers.
const SMALLEST: f32 = -80.0;

/// Returns `e^x` for `x ≤ 0`, −∞ included. The result is zero for `x ≤ −80`. The error is within `3 + 1.25 |x|` units
/// in the last place, because the product `x log₂ e` is rounded. Differences of logits are already rounded in the same
/// way.
///
/// `x log₂ e = k + r` with `|r| ≤ ½`, and `2^r ≈ 1 + r q(r)`. The polynomial `q` has degree 4 (Remez), and the error is
/// 9.2e−8 before rounding.
// Inlined for the reason given at `unit_log::neg_ln`.
#[inline(always)]
pub(crate) fn decay<L: Lane>(x: L) -> L {
    let (r, power) = (x * core::f32::consts::LOG2_E).split_integer();
    let rr = r * r;
    let low = r * 2.402_224_111e-1 + 6.931_469_769e-1;
    let high = r * 9.671_576_444e-3 + 5.550_734_516e-2;
    let y = r * (low + rr * (high + rr * 1.326_464_538e-3)) + 1.0;
    L::select(L::splat(SMALLEST).lt(x), y.times_power(power), L::ZERO)
}

#[cfg(test)]
mod tests {
    use super::decay;

    #[test]
    fn is_the_exponential_to_the_last_places() {
        assert_eq!((decay(0.0), decay(-80.01), decay(f32::NEG_INFINITY)), (1.0, 0.0, 0.0));
        assert_eq!(decay(-0.0_f32), 1.0);
        // Every 97th float in this range.
        let mut worst = 0.0_f64;
        for bits in ((-1e-9_f32).to_bits()..=(-80.0_f32).to_bits()).step_by(97) {
            let x = f32::from_bits(bits);
            let exact = libm::exp(x.into());
            let unit = f64::from(libm::exp2f(libm::floorf(libm::log2f(exact as f32)))) * f64::from(f32::EPSILON);
            let units = libm::fabs(f64::from(decay(x)) - exact) / unit;
            worst = worst.max(units - 1.25 * f64::from(x.abs()));
        }
        assert!(worst < 3.0, "{worst}");
    }
}
