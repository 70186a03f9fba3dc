//! Elementary functions in forms that neither overflow nor cancel: composed from `libm`'s functions, or from
//! polynomials.

use crate::arithmetic::lane::Lane;

pub use crate::arithmetic::{
    hyperbolic::{ln_tanh_derivative, tanh},
    trigonometry::{cos, sin, sin_cos},
};

/// Returns the logistic function `1 / (1 + e^{−x})`, computed as `e^{−|x|}/(1 + e^{−|x|})` or as its complement.
///
/// ```
/// use samplegrad_core::elementary::sigmoid;
///
/// assert_eq!(sigmoid(0.0_f32), 0.5);
/// assert!(sigmoid(-80.0_f32) > 0.0);
/// ```
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline)]
pub fn sigmoid<L: Lane>(x: L) -> L {
    let e = (-x.abs()).exp();
    L::select(x.lt(L::ZERO), e, L::ONE) / (e + 1.0)
}

/// Returns `ln(1 + e^x)`, computed as `max(x, 0) + ln(1 + e^{−|x|})`.
///
/// ```
/// use samplegrad_core::elementary::softplus;
///
/// assert_eq!(softplus(100.0_f32), 100.0);
/// ```
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline)]
pub fn softplus<L: Lane>(x: L) -> L {
    x.max(L::ZERO) + (-x.abs()).exp().ln_1p()
}

/// Returns `ln(e^x + e^y)`, computed as `max + ln(1 + e^{−|x − y|})`. The result is −∞ where both `x` and `y` are −∞.
///
/// ```
/// use samplegrad_core::elementary::log_add_exp;
///
/// assert_eq!(log_add_exp(1e4_f32, -1e4), 1e4);
/// assert_eq!(log_add_exp(f32::NEG_INFINITY, f32::NEG_INFINITY), f32::NEG_INFINITY);
/// ```
#[inline]
pub fn log_add_exp<L: Lane>(x: L, y: L) -> L {
    let larger = x.max(y);
    let gap = x.min(y) - larger;
    // If both are −∞, the gap is NaN and the result is −∞.
    L::select(larger.equals(L::NEG_INFINITY), larger, larger + gap.exp().ln_1p())
}

/// Returns `1 − e^{−x}` for `x ≥ 0`, to full relative precision. It is computed as `(1 − y) x / −ln y` from the rounded
/// `y = e^{−x}` (W. Kahan's `expm1`).
#[inline]
pub(crate) fn one_less_exp<L: Lane>(x: L) -> L {
    let y = (-x).exp();
    let exact = (L::ONE - y) * (x / -y.ln());
    let small = y.equals(L::ONE);
    L::select(small, x, L::select(y.lt(L::splat(1e-7)), L::ONE - y, exact))
}

/// Returns `x`, or the largest float with the sign of `x` where `x` is infinite.
#[inline]
pub(crate) fn within_floats<L: Lane>(x: L) -> L {
    x.max(L::splat(f32::MIN)).min(L::splat(f32::MAX))
}
