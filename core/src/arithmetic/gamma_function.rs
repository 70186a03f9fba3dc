//! Differences of `ln Γ` for moments and entropies, by Stirling's series after eight steps of the recurrence
//! `Γ(x + 1) = x Γ(x)`. Each difference is computed term by term, so that nothing cancels.
//!
//! Source: NIST Digital Library of Mathematical Functions, 5.5.1, 5.11.1 and 5.11.2.

use crate::arithmetic::lane::Lane;

/// Number of recurrence steps before the series.
const STEPS: u8 = 8;

/// Returns `ln Γ(x + s) − ln Γ(x)` for `x ≥ 1` and `s ≥ 0`.
pub(crate) fn ln_gamma_ratio<L: Lane>(x: L, s: L) -> L {
    let steps = (0..STEPS).fold(L::ZERO, |total, i| {
        let below = x + f32::from(i);
        total + (s / below).ln_1p()
    });
    let (below, above) = (x + f32::from(STEPS), x + f32::from(STEPS) + s);
    let (r, q) = (below.recip(), above.recip());
    let series = (q - r) * (1.0 / 12.0) - (q * q * q - r * r * r) * (1.0 / 360.0);
    (below - 0.5) * (s / below).ln_1p() + s * (above.ln() - 1.0) + series - steps
}

/// Returns `ln Γ(x + 2s) − 2 ln Γ(x + s) + ln Γ(x)` for `x ≥ 1` and `s ≥ 0`. The result is positive because `ln Γ` is
/// convex.
pub(crate) fn ln_gamma_bend<L: Lane>(x: L, s: L) -> L {
    let square = s * s;
    let steps = (0..STEPS).fold(L::ZERO, |total, i| {
        let below = x + f32::from(i);
        total + (square / (below * (below + s + s))).ln_1p()
    });
    let below = x + f32::from(STEPS);
    let (middle, above) = (below + s, below + s + s);
    let ratio = s / middle;
    let (r, p, q) = (below.recip(), middle.recip(), above.recip());
    let series = square * (r * p * q) * (1.0 / 6.0) - (q * q * q - p * p * p * 2.0 + r * r * r) * (1.0 / 360.0);
    (middle - 0.5) * (-(ratio * ratio)).ln_1p() + s * ((s + s) / below).ln_1p() + series + steps
}

/// Returns the harmonic number `H_x = ψ(x + 1) + γ` for `x ≥ 0`.
pub(crate) fn harmonic<L: Lane>(x: L) -> L {
    let steps = (1..=STEPS).fold(L::ZERO, |total, i| total + x / ((x + f32::from(i)) * f32::from(i)));
    let n = f32::from(STEPS + 1);
    let (r, q) = (1.0 / n, (x + n).recip());
    let squares = -(q * q) + r * r;
    let fourths = -(q * q * q * q) + r * r * r * r;
    steps + (x / n).ln_1p() + (-q + r) * 0.5 + squares * (1.0 / 12.0) - fourths * (1.0 / 120.0)
}
