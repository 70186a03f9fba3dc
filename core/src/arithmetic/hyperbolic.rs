//! Hyperbolic tangent and the logarithm of its derivative in single precision, by the same operations in every lane.
//!
//! ```text
//! |x| < 0.625   tanh x = x + x³ p(x²)                               p of degree 4, relative error 4.5e−9
//! otherwise     tanh |x| = 1 − 2/(e^(2|x|) + 1)
//!
//! |x| < 0.75    ln(1 − tanh² x) = −(x² + x⁴ q(x²))                  q of degree 4, relative error 4.9e−9
//! otherwise     ln(1 − tanh² x) = −2 (|x| − ln 2 + ln(1 + e^(−2|x|)))
//! ```
//!
//! `p` and `q` are computed by the Remez algorithm. Neither form cancels within its range. The errors over all floats are
//! at most 1.307 units in the last place for tanh and 1.590 for the logarithm.
//!
//! Source: W. J. Cody and W. Waite, *Software manual for the elementary functions*, 1980 (the two forms of tanh).

use crate::arithmetic::lane::{Lane, Mask, Word};

/// Magnitude below which tanh is a polynomial.
const NEAR_TANH: f32 = 0.625;
/// Coefficients of `x³`, `x⁵`, … in `tanh x`.
const TANH: [f32; 5] = [-3.333_328_068e-1, 1.333_140_582e-1, -5.373_651_534e-2, 2.062_816_732e-2, -5.692_296_196e-3];

/// Magnitude below which the logarithm of the derivative is a polynomial.
const NEAR_LN: f32 = 0.75;
/// Coefficients of `x⁴`, `x⁶`, … in `−ln(1 − tanh² x)`.
const LN: [f32; 5] = [-1.666_662_693e-1, 4.443_414_509e-2, -1.340_448_856e-2, 4.041_125_067e-3, -8.678_120_794e-4];

/// Returns the hyperbolic tangent, with an error of at most 1.31 units in the last place. The function is odd, it never
/// falls, and it returns a zero with its sign. The result is ±1 for ±∞.
///
/// ```
/// use samplegrad_core::elementary::tanh;
///
/// assert_eq!(tanh(1e-10_f32), 1e-10);
/// assert_eq!(tanh(1.0_f32), 0.761_594_2);
/// assert_eq!(tanh(f32::NEG_INFINITY), -1.0);
/// ```
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline)]
pub fn tanh<L: Lane>(x: L) -> L {
    let sign = x.to_bits().and(L::Word::splat(1 << 31));
    let a = x.abs();
    let near = a.lt(L::splat(NEAR_TANH));
    let square = a * a;
    let by_series = a + a * square * polynomial(square, &TANH);
    if near.all() {
        return L::from_bits(by_series.to_bits().or(sign));
    }
    let by_exp = L::ONE - L::splat(2.0) / ((a + a).exp() + 1.0);
    L::from_bits(L::select(near, by_series, by_exp).to_bits().or(sign))
}

/// Returns `ln(1 − tanh² x)`, the logarithm of the derivative of [`tanh`], with an error of at most 1.6 units in the
/// last place. For a sample `tanh x`, it is the log-determinant of the Jacobian. The function is even and at most 0.
///
/// The result is finite for every finite `x`: where the exact result is below the smallest float, for `|x|` above
/// 1.7e38, it is the smallest float. The result is −∞ for ±∞.
///
/// ```
/// use samplegrad_core::elementary::ln_tanh_derivative;
///
/// assert_eq!(ln_tanh_derivative(1e-3_f32), -1e-6);
/// assert_eq!(ln_tanh_derivative(-100.0_f32), -198.613_71);
/// ```
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline)]
pub fn ln_tanh_derivative<L: Lane>(x: L) -> L {
    let a = x.abs();
    let near = a.lt(L::splat(NEAR_LN));
    let square = a * a;
    // The subtraction from 0 makes the result for 0 a positive zero.
    let by_series = L::ZERO - (square + square * (square * polynomial(square, &LN)));
    if near.all() {
        return by_series;
    }
    let half = (a - core::f32::consts::LN_2) + (-(a + a)).exp().ln_1p();
    let by_exp = -(half + half);
    let finite = a.lt(L::splat(f32::INFINITY));
    L::select(near, by_series, L::select(finite, by_exp.max(L::splat(f32::MIN)), by_exp))
}

/// Returns `c₀ + c₁ z + … + c₄ z⁴`.
#[inline(always)]
fn polynomial<L: Lane>(z: L, c: &[f32; 5]) -> L {
    (((z * c[4] + c[3]) * z + c[2]) * z + c[1]) * z + c[0]
}
