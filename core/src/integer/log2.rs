//! Logarithms from two tables.

use crate::{arithmetic::lane::Word, integer::product};

/// The number of segments of the tables between 1 and 2.
const SEGMENTS: usize = 64;

/// The constant `2^62 / ln 2`, rounded down.
const LOG2_E: u128 = 0x5c55_1d94_ae0b_f85d;

/// The table of `2^27 (1 − log2 b)`, rounded to nearest, for the upper end `b = 1 + (i + 1)/64` of segment `i`.
///
/// The bits of a logarithm are computed one by one. Squaring a number doubles its logarithm. A square that reaches 2
/// is halved and gives the bit 1. The integers have 62 fraction bits; their errors together stay below 2^−56.
const LOGARITHMS: [u32; SEGMENTS] = {
    let mut table = [0; SEGMENTS];
    let mut i = 0;
    // The last segment ends at 2, whose entry is 0.
    while i + 1 < SEGMENTS {
        let mut x: u128 = ((SEGMENTS + i + 1) as u128) << 56;
        let mut logarithm: u64 = 0;
        let mut bit = 0;
        while bit < 57 {
            x = (x * x) >> 62;
            logarithm <<= 1;
            if x >= 1 << 63 {
                x >>= 1;
                logarithm |= 1;
            }
            bit += 1;
        }
        table[i] = (((1 << 57) - logarithm + (1 << 29)) >> 30) as u32;
        i += 1;
    }
    table
};

/// The table of `2^31 / (b ln 2)`, rounded to nearest, for the upper end `b` of each segment.
const RECIPROCALS: [u32; SEGMENTS] = {
    let mut table = [0; SEGMENTS];
    let mut i = 0;
    while i < SEGMENTS {
        let quotient = (LOG2_E * SEGMENTS as u128) / (SEGMENTS + i + 1) as u128;
        table[i] = ((quotient + (1 << 30)) >> 31) as u32;
        i += 1;
    }
    table
};

/// The coefficient of the square, `2^16 · ln 2 / 2`.
const SQUARE: u32 = 22_713;
/// The coefficient of the cube, `2^16 · ln² 2 · (1/3 + 1/256)`. The term 1/256 compensates for the fourth power at the
/// end of the widest segment.
const CUBE: u32 = 10_619;

/// Computes `−log2(x / 2^32)` with 27 fraction bits, for a word `x ≥ 2`; returns the largest word for a smaller `x`.
///
/// `x` is `1 − s` times the upper end of its segment, with `s ≤ 1/65`, and
/// `−log2(1 − s) = y + y² (ln 2)/2 + y³ (ln² 2)/3 + …` with `y = s / ln 2`. The error is below 4 units of 2^−27, which
/// is 3e−8. Since `s` is measured from the upper end, the result loses no relative precision where `x / 2^32` is close
/// to 1: near 1, the error is below 1 unit and below 1e−6 of the result.
///
/// ```
/// use samplegrad_core::integer::log2;
///
/// assert!(log2(1_u32 << 31).abs_diff(1 << 27) < 4);
/// assert!(log2(1_u32 << 22).abs_diff(10 << 27) < 4);
/// ```
#[inline]
pub fn log2<W: Word>(x: W) -> W {
    let zeros = x.leading_zeros();
    let mantissa = x.shl_by(zeros);
    let segment = mantissa.shr(25).and(W::splat(SEGMENTS as u32 - 1));
    let below = W::splat(1 << 25).wrapping_sub(mantissa.and(W::splat((1 << 25) - 1)));
    // y has 36 fraction bits and is below 2^31; its upper half has 21 fraction bits.
    let y = product::high(below.shl(6), W::gather(&RECIPROCALS, segment));
    let half = y.shr(15);
    let slope = half.wrapping_mul(W::splat(CUBE)).shr(21).wrapping_add(W::splat(SQUARE));
    let more = half.wrapping_mul(half.wrapping_mul(slope).shr(16)).shr(6);
    let within = y.wrapping_add(more).wrapping_add(W::splat(1 << 8)).shr(9);
    let logarithm = zeros.shl(27).wrapping_add(W::gather(&LOGARITHMS, segment)).wrapping_add(within);
    W::select(x.lt(W::splat(2)), W::splat(u32::MAX), logarithm)
}
