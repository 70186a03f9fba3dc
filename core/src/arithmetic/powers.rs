//! Powers and differences of exponentials at full precision.
//!
//! An absolute error of the argument becomes a relative error of the exponential. If `a b` is rounded to 24 bits, the
//! error of `e^{ab}` is about `a b` units in the last place. The argument is therefore represented as a sum of two
//! floats.
//!
//! Sources: T. J. Dekker, *A floating-point technique for extending the available precision*, Numerische Mathematik 18,
//! 1971; M. Mächler, *Accurately computing log(1 − exp(−|a|))*, 2012; W. Kahan's forms of `ln(1 + x)` and `e^x − 1`.

use crate::arithmetic::lane::{Lane, Word};

/// Returns `a · b` as a sum of two floats, which is exact unless it over- or underflows. This is Dekker's product, with
/// each factor split into halves by a bit mask.
#[inline]
pub(crate) fn product<L: Lane>(a: L, b: L) -> (L, L) {
    let split = |x: L| {
        let high = L::from_bits(x.to_bits().and(L::Word::splat(0xffff_f000)));
        (high, x - high)
    };
    let ((a1, a2), (b1, b2)) = (split(a), split(b));
    let high = a * b;
    (high, ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2)
}

/// Returns `a + b` as an exact sum of two floats (D. E. Knuth).
#[inline]
pub(crate) fn sum<L: Lane>(a: L, b: L) -> (L, L) {
    let high = a + b;
    let of_b = high - a;
    (high, (a - (high - of_b)) + (b - of_b))
}

/// Returns `e^{high + low}` for `low` much smaller than `high`.
#[inline]
fn exp_of_sum<L: Lane>(high: L, low: L) -> L {
    let e = high.exp();
    // For magnitudes above 104 the value is 0 or ∞, and `low` may be NaN.
    let near = e + e * L::select(high.abs().lt(L::splat(104.0)), low, L::ZERO);
    L::select(e.equals(L::splat(f32::INFINITY)), e, near)
}

/// Returns `e^{a b}`.
#[inline]
pub(crate) fn exp_of_product<L: Lane>(a: L, b: L) -> L {
    let (high, low) = product(a, b);
    exp_of_sum(high, low)
}

/// Returns `e^{a/b}`.
#[inline]
pub(crate) fn exp_of_quotient<L: Lane>(a: L, b: L) -> L {
    let quotient = a / b;
    let (high, low) = product(quotient, b);
    exp_of_sum(quotient, ((a - high) - low) / b)
}

/// Returns `e^{c + a b}`.
#[inline]
pub(crate) fn exp_of_linear<L: Lane>(c: L, a: L, b: L) -> L {
    exp_of_linear_pair(c, a, (b, L::ZERO))
}

/// Returns `e^{c + a (b + rest)}` for a `rest` much smaller than `b`.
#[inline]
pub(crate) fn exp_of_linear_pair<L: Lane>(c: L, a: L, (b, rest): (L, L)) -> L {
    let (high, low) = product(a, b);
    let (total, of_total) = sum(c, high);
    exp_of_sum(total, of_total + (low + a * rest))
}

/// Returns `1 − e^{−t}` for `t ≥ 0`, to full relative precision.
#[inline]
pub(crate) fn one_minus_exp<L: Lane>(t: L) -> L {
    // The rounding error of e^{−t} cancels against the error of its logarithm.
    let u = (-t).exp();
    let rest = -u + 1.0;
    let exact = L::select(rest.equals(L::ZERO), t, rest * (t / -u.ln()));
    L::select(L::ONE.lt(t), rest, exact)
}

/// Returns `ln(1 − e^{−t})` for `t > 0`.
#[inline]
pub(crate) fn ln_one_minus_exp<L: Lane>(t: L) -> L {
    let far = L::splat(core::f32::consts::LN_2).lt(t);
    L::select(far, (-(-t).exp()).ln_1p(), one_minus_exp(t).ln())
}

/// Returns `e^t − 1` for `t ≥ 0`, to full relative precision.
#[inline]
pub(crate) fn exp_minus_one<L: Lane>(t: L) -> L {
    let u = t.exp();
    let rest = u - 1.0;
    let exact = L::select(rest.equals(L::ZERO), t, rest * (t / u.ln()));
    L::select(L::ONE.lt(t), rest, exact)
}
