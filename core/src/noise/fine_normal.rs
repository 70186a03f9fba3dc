//! Normal numbers as a sum of two floats, with a total error of 1.2e-7. They are the arguments of exponentials. A
//! normal number in one float has a rounding error, and [`normal::quantile`](super::normal::quantile) has a relative
//! error of 4.5e-7. A scale multiplies both errors, and the exponential makes them relative errors of its result.
//!
//! Let `t` be the tail and `d = ½ − t`. For `d ≤ 0.425` the number is `z = d F(0.180625 − d²)`. For larger `d` it is
//! `z = √2 r − g(1/r)` with `r = √(−ln t)`. The large part of `F` and of `g` is a constant of two floats. The rest is a
//! ratio of polynomials, whose rounding error matters little. `F` and `g` were fitted by least squares at Chebyshev's
//! points and are accurate to 5e-9. For `g` this holds down to the smallest normal tail.

use crate::{
    arithmetic::{
        lane::{Lane, Mask, Word},
        powers::{product, sum},
    },
    noise::uniform::Uniform,
};

/// Constants of the centre: `F(0)`, and the polynomials of the ratio `(F(0) − F(r))/r`, constant terms first.
const CENTRE: (f32, f32) = (3.387_132_9, -1.027_553_2e-8);
const CENTRE_RATIO: [[f32; 4]; 2] =
    [[10.179_201, 136.313_44, 347.563_2, 30.638_319], [1.0, 20.730_984, 117.016_12, 159.498_28]];

/// Constants of the tail: `g` at `1/r = MIDDLE`, and the polynomials of the ratio `(g(w) − g(MIDDLE))/(w − MIDDLE)`.
const MIDDLE: f32 = 0.3125;
const TAIL: (f32, f32) = (0.553_997_4, 3.508_821_5e-9);
const TAIL_RATIO: [[f32; 5]; 2] =
    [[1.747_360_1, 39.716_965, 121.036_494, 16.532_328, -1.807_759_8], [1.0, 26.484_424, 117.815_61, 87.791_02, 0.0]];

/// Constants `√2` and `ln 2`. The first part of `ln 2` has 12 bits, so that its multiples are exact.
const ROOT_2: (f32, f32) = (core::f32::consts::SQRT_2, 2.420_323_4e-8);
const LN_2: (f32, f32) = (0.693_145_75, 1.428_606_8e-6);

/// Returns the standard normal number `Φ^{−1}(u)` at lower-tail probability `u`, with the larger part first.
#[inline]
pub(crate) fn quantile<L: Lane>(u: Uniform<L>) -> (L, L) {
    let (d, rest) = sum(L::splat(0.5), -u.tail());
    let centre = L::splat(0.425).lt(d).not();
    let (near, far) = (in_centre(d, rest), in_tail(u.tail()));
    let part = |near, far| {
        let magnitude = L::select(centre, near, far);
        L::select(u.is_upper(), magnitude, -magnitude)
    };
    (part(near.0, far.0), part(near.1, far.1))
}

fn in_centre<L: Lane>(d: L, rest: L) -> (L, L) {
    let r = -(d * d) + 0.180_625;
    let (f, f_rest) = sum(L::splat(CENTRE.0), -(r * ratio(r, &CENTRE_RATIO)));
    let (z, z_rest) = product(d, f);
    (z, z_rest + (d * (f_rest + CENTRE.1) + rest * f))
}

fn in_tail<L: Lane>(tail: L) -> (L, L) {
    let (depth, depth_rest) = neg_ln(tail);
    let r = depth.sqrt();
    let (square, square_rest) = product(r, r);
    let r_rest = (((depth - square) - square_rest) + depth_rest) / (r + r);
    let w = r.recip();
    let (one, one_rest) = product(w, r);
    let w_rest = ((-one + 1.0) - one_rest - w * r_rest) * w;
    let rest_of_g = ((w - MIDDLE) + w_rest) * ratio(w, &TAIL_RATIO);
    let (line, line_rest) = product(r, L::splat(ROOT_2.0));
    let (z, first) = sum(line, L::splat(-TAIL.0));
    let (z, second) = sum(z, -rest_of_g);
    (z, second + ((first - TAIL.1) + (line_rest + (r_rest * ROOT_2.0 + r * ROOT_2.1))))
}

/// Returns `−ln t` of a tail `t = 2^k m`. The logarithm is computed as `k ln 2 + 2 artanh s` with
/// `s = (m − 1)/(m + 1)`.
fn neg_ln<L: Lane>(tail: L) -> (L, L) {
    let m = tail.mantissa();
    let exponent = tail.to_bits().wrapping_add(L::Word::splat(0x0040_0000)).shr(23);
    let k = L::from_small(exponent) - 127.0;
    let (above, above_rest) = sum(m, L::ONE);
    let s = (m - 1.0) / above;
    let (back, back_rest) = product(s, above);
    let s_rest = (((m - 1.0) - back) - back_rest - s * above_rest) / above;
    let square = s * s;
    let powers = (((square * (2.0 / 9.0) + 2.0 / 7.0) * square + 2.0 / 5.0) * square + 2.0 / 3.0) * square * s;
    let (ln, rest) = sum(k * LN_2.0, s + s);
    let (ln, rest) = sum(ln, rest + (k * LN_2.1 + (powers + (s_rest + s_rest))));
    (-ln, -rest)
}

/// Evaluates a ratio of two polynomials, each by Horner's rule from the highest power down.
#[inline]
fn ratio<L: Lane, const K: usize>(x: L, [p, q]: &[[f32; K]; 2]) -> L {
    let of = |c: &[f32; K]| c.iter().rev().fold(L::ZERO, |sum, &c| sum * x + c);
    of(p) / of(q)
}
