//! Log-gamma function and its derivatives for positive numbers, composed from `+ − × ÷`, `ln` and `ln_1p`.
//!
//! Each function is a fixed sequence of operations. For `1e-3 ≤ x ≤ 1e6`, absolute errors are below
//! `4e-7 · max(1, |result|)`.
//!
//! Source: M. Abramowitz and I. A. Stegun, *Handbook of mathematical functions*, 1964: the Taylor series 6.1.33,
//! Stirling's series 6.1.41, its derivatives 6.3.18 and 6.4.12, the recurrences 6.1.15, 6.3.5 and 6.4.6.

use crate::arithmetic::lane::{Lane, Mask};

/// Argument from which Stirling's series is used; its three terms are accurate to 3e-10.
pub(crate) const LARGE: f32 = 8.0;

/// Argument from which the derivatives of Stirling's series are used; their six terms are accurate to 2e-9 and 6e-9.
const MIDDLE: f32 = 4.0;

/// Coefficients of `x^−2`, `x^−4`, … in `ln x − ψ(x) − 1/(2x)`: `B_{2k}/(2k)`.
const BERNOULLI: [f32; 5] = [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0];

/// Bernoulli numbers `B_{2k}`.
const BERNOULLI_NUMBERS: [f32; 5] = [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0];

/// The constant `½ ln 2π`.
pub(crate) const HALF_LN_2PI: f32 = 0.918_938_5;

/// Coefficients `(ζ(n) − 1)/n` from `n = 2`, without their alternating signs.
const ZETA: [f32; 12] = [
    0.322_467_03,
    0.067_352_3,
    0.020_580_808,
    0.007_385_551,
    0.002_890_510_3,
    0.001_192_753_9,
    0.000_509_669_5,
    0.000_223_154_76,
    9.945_751e-5,
    4.492_623_7e-5,
    2.050_721_3e-5,
    9.439_488e-6,
];

/// The constant `1 − γ` with Euler's constant `γ`.
const ONE_LESS_EULER: f32 = 0.422_784_34;

/// Returns `ln Γ(1 + t)` for `−½ ≤ t ≤ ½`, to full relative precision near 0.
#[inline]
fn near_one<L: Lane>(t: L) -> L {
    let series = ZETA.iter().rev().fold(L::ZERO, |sum, &c| -(sum * t) + c);
    (series * t + ONE_LESS_EULER) * t - t.ln_1p()
}

/// Returns `ln Γ(1 + t)` for `0 ≤ t ≤ 1`. It has full relative precision near `t = 0`, where the result is about
/// `−γ t`.
///
/// ```
/// use samplegrad_core::special::ln_gamma_1p;
///
/// assert!((ln_gamma_1p(1e-6_f32) / -0.577_215_66e-6 - 1.0).abs() < 1e-5);
/// ```
#[inline]
pub fn ln_gamma_1p<L: Lane>(t: L) -> L {
    let upper = L::splat(0.5).lt(t);
    let near = near_one(L::select(upper, t - 1.0, t));
    L::select(upper, near + L::select(upper, t, L::ONE).ln(), near)
}

/// Returns `ln Γ(x)`.
///
/// ```
/// use samplegrad_core::special::ln_gamma;
///
/// assert_eq!(ln_gamma(1.0_f32), 0.0);
/// assert!((ln_gamma(5.0_f32) - 24.0_f32.ln()).abs() < 1e-6);
/// ```
#[inline]
pub fn ln_gamma<L: Lane>(x: L) -> L {
    let large = x.lt(L::splat(LARGE)).not();
    let of_large = (x - 0.5) * (x.ln() - 1.0) + (stirling(L::select(large, x, L::ONE)) + (HALF_LN_2PI - 0.5));
    // The recurrence Γ(y + 1) = y Γ(y) moves an argument above 3/2 down, or an argument below ½ up, to 1 + t with |t| ≤
    // ½.
    let (mut y, mut product) = (L::select(large, L::ONE, x), L::ONE);
    for _ in 0..7 {
        let above = L::splat(1.5).lt(y);
        y = L::select(above, y - 1.0, y);
        product = L::select(above, product * y, product);
    }
    let low = x.lt(L::splat(0.5));
    let of_small = near_one(L::select(low, y, y - 1.0)) + L::select(low, -y.ln(), product.ln());
    L::select(large, of_large, of_small)
}

/// Returns `1/(12 x) − 1/(360 x³) + 1/(1260 x⁵)`, the remainder of Stirling's formula for `ln Γ(x)`, for `x ≥ 8`.
#[inline]
pub(crate) fn stirling<L: Lane>(x: L) -> L {
    let recip = x.recip();
    let square = recip * recip;
    ((square * (1.0 / 1260.0) - 1.0 / 360.0) * square + 1.0 / 12.0) * recip
}

/// Returns `ln x − ψ(x)` with the digamma function `ψ`. The result is positive. For large `x` it is about `1/(2x)`, to
/// full precision.
///
/// ```
/// use samplegrad_core::special::ln_less_digamma;
///
/// assert!((ln_less_digamma(1e6_f32) / 0.5e-6 - 1.0).abs() < 1e-6);
/// ```
#[inline]
pub fn ln_less_digamma<L: Lane>(x: L) -> L {
    let large = x.lt(L::splat(MIDDLE)).not();
    let y = L::select(large, x, x + MIDDLE);
    let of_large = asymptotic(y);
    // ψ(x) = ψ(x + 4) − Σ_{k<4} 1/(x + k).
    L::select(large, of_large, of_large + (steps(x, |x| x) - (y / x).ln()))
}

/// Returns `1/(2x) + Σ_k B_{2k}/(2k) x^{−2k}`, for `x ≥ 4`.
#[inline]
fn asymptotic<L: Lane>(x: L) -> L {
    let recip = x.recip();
    let square = recip * recip;
    BERNOULLI.iter().rev().fold(L::ZERO, |sum, &b| sum * square + b) * square + recip * 0.5
}

/// Returns `Σ_{k<4} 1/of(x + k)`. The terms are added from `k = 3` down to `k = 0`, so that the smallest term is first.
#[inline]
fn steps<L: Lane>(x: L, of: impl Fn(L) -> L) -> L {
    (0..MIDDLE as u32).rev().fold(L::ZERO, |sum, k| sum + of(x + k as f32).recip())
}

/// Returns the digamma function `ψ(x)`, the derivative of `ln Γ(x)`.
///
/// ```
/// use samplegrad_core::special::digamma;
///
/// assert!((digamma(1.0_f32) + 0.577_215_66).abs() < 3e-7);
/// ```
#[inline]
pub fn digamma<L: Lane>(x: L) -> L {
    let large = x.lt(L::splat(MIDDLE)).not();
    let y = L::select(large, x, x + MIDDLE);
    let of_large = y.ln() - asymptotic(y);
    L::select(large, of_large, of_large - steps(x, |x| x))
}

/// Returns `ψ(x + s) − ψ(x)` for `s ≥ 0`, to full relative precision. No large terms cancel where `s ≪ x`.
///
/// ```
/// use samplegrad_core::special::digamma_step;
///
/// assert!((digamma_step(1.0_f32, 1.0) - 1.0).abs() < 3e-7);
/// assert!((digamma_step(1e3_f32, 1e-3) / 1.000_500_2e-6 - 1.0).abs() < 1e-6);
/// ```
#[inline]
pub fn digamma_step<L: Lane>(x: L, s: L) -> L {
    let large = x.lt(L::splat(MIDDLE)).not();
    let y = L::select(large, x, x + MIDDLE);
    // The difference between z and y of ln x − 1/(2x) − Σ_k B_{2k}/(2k) x^{−2k} is computed term by term. The second
    // term contributes ½ (1/y − 1/z). The sum contributes 1/y² − 1/z² times its divided difference.
    let z = y + s;
    let (r, q) = (y.recip(), z.recip());
    let first = s * r * q;
    let (square, other) = (r * r, q * q);
    let divided = |(sum, slope): (L, L), &b: &f32| (sum * square + b, slope * other + sum);
    let (sum, slope) = BERNOULLI.iter().rev().fold((L::ZERO, L::ZERO), divided);
    let of_large = (s * r).ln_1p() + first * 0.5 + first * (r + q) * (slope * other + sum);
    let step = |sum: L, k: u32| {
        let below = x + k as f32;
        sum + s / (below * (below + s))
    };
    L::select(large, of_large, (0..MIDDLE as u32).rev().fold(of_large, step))
}

/// Returns the trigamma function `ψ'(x)`.
///
/// ```
/// use samplegrad_core::special::trigamma;
///
/// assert!((trigamma(1.0_f32) - core::f32::consts::PI * core::f32::consts::PI / 6.0).abs() < 1e-6);
/// ```
#[inline]
pub fn trigamma<L: Lane>(x: L) -> L {
    let large = x.lt(L::splat(MIDDLE)).not();
    let y = L::select(large, x, x + MIDDLE);
    let recip = y.recip();
    let square = recip * recip;
    // 1/y + 1/(2y²) + Σ_k B_{2k} y^{−2k−1}.
    let series = BERNOULLI_NUMBERS.iter().rev().fold(L::ZERO, |sum, &b| sum * square + b);
    let of_large = series * (square * recip) + square * 0.5 + recip;
    L::select(large, of_large, of_large + steps(x, |x| x * x))
}

/// Returns `e^x − 1 − x`, to full relative precision. The result is never negative.
///
/// ```
/// use samplegrad_core::special::exp_less_line;
///
/// assert!((exp_less_line(1e-10_f32) / 0.5e-20 - 1.0).abs() < 1e-6);
/// ```
#[inline]
pub fn exp_less_line<L: Lane>(x: L) -> L {
    let near = x.abs().lt(L::ONE);
    // x²/2 (1 + x/3 (1 + x/4 (… (1 + x/11)))).
    let inner = L::select(near, x, L::ZERO);
    let series = RECIPS.iter().fold(L::ONE, |sum, &recip| inner * recip * sum + 1.0);
    let series = inner * inner * 0.5 * series;
    if near.all() {
        return series;
    }
    L::select(near, series, x.exp() - 1.0 - x)
}

/// Reciprocals of 11, 10, … 3.
const RECIPS: [f32; 9] =
    [1.0 / 11.0, 1.0 / 10.0, 1.0 / 9.0, 1.0 / 8.0, 1.0 / 7.0, 1.0 / 6.0, 1.0 / 5.0, 1.0 / 4.0, 1.0 / 3.0];

/// Returns `e^x − 1`, to full relative precision.
///
/// ```
/// assert_eq!(samplegrad_core::special::exp_1m(1e-10_f32), 1e-10);
/// ```
#[inline]
pub fn exp_1m<L: Lane>(x: L) -> L {
    let near = x.abs().lt(L::ONE);
    let by_series = exp_less_line(L::select(near, x, L::ZERO)) + x;
    if near.all() {
        return by_series;
    }
    L::select(near, by_series, x.exp() - 1.0)
}
