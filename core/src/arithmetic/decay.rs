//! `e^x` of what is not positive, without a division, a case or a table: for weights relative to the largest of them.

use super::lane::{Lane, Word};

/// Below this the result is zero: a weight that no sum with a 1 in it notices, and whose quotients are normal numbers still.
const SMALLEST: f32 = -80.0;

/// `e^x` for `x ≤ 0`, −∞ included; zero below −80. Within one unit in the last place.
///
/// `x = k ln 2 + r` with `|r| ≤ ½ ln 2`, and `e^r ≈ 1 + r + r² q(r)` with `q` of degree 4, which is as near as 3.1e−9 before
/// rounding (Remez).
// As `unit_log::ln`.
#[inline(always)]
pub(crate) fn decay<L: Lane>(x: L) -> L {
    /// Added, it leaves the nearest integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    const LN2_HI: f32 = 6.931_457_5e-1;
    const LN2_LO: f32 = 1.428_606_8e-6;

    let rounded = x * core::f32::consts::LOG2_E + ROUND;
    let k = rounded - ROUND;
    let r = x - k * LN2_HI - k * LN2_LO;
    let rr = r * r;
    let low = r * 1.666_652_04e-1 + 4.999_999_343e-1;
    let high = r * 8.368_745_116e-3 + 4.166_839_079e-2;
    let q = low + rr * (high + rr * 1.381_453_999e-3);
    let y = r + rr * q + 1.0;
    // Times 2^k: the other bits of `rounded` are shifted out.
    let scaled = L::from_bits(y.to_bits().wrapping_add(rounded.to_bits().shl(23)));
    L::select(x.lt(L::splat(SMALLEST)), L::ZERO, scaled)
}

#[cfg(test)]
mod tests {
    use super::decay;

    #[test]
    fn is_the_exponential_to_the_last_place() {
        assert_eq!((decay(0.0), decay(-80.01), decay(f32::NEG_INFINITY)), (1.0, 0.0, 0.0));
        assert_eq!(decay(-0.0_f32), 1.0);
        // Every 97th float between; the worst of all of them is 0.990.
        let mut worst = 0.0_f64;
        for bits in ((-1e-9_f32).to_bits()..=(-80.0_f32).to_bits()).step_by(97) {
            let x = f32::from_bits(bits);
            let exact = libm::exp(x.into());
            let unit = f64::from(libm::exp2f(libm::floorf(libm::log2f(exact as f32)))) * f64::from(f32::EPSILON);
            worst = worst.max((f64::from(decay(x)) - exact).abs() / unit);
        }
        assert!(worst < 1.0, "{worst}");
    }
}
