//! Powers of two from a table.

use crate::arithmetic::lane::Word;

/// The number of steps of the table between 1 and ½.
const STEPS: usize = 128;

/// The table of `2^30 · 2^{−i/128}`, rounded to nearest.
///
/// `2^{−i/128}` is the product of the factors `2^{−2^{−j}}` for the bits set in `i`. Each factor is the square root of
/// the one before, starting from ½. The integers have 62 fraction bits; their errors together stay below 2^−58.
const TABLE: [u32; STEPS + 1] = {
    let mut table = [0; STEPS + 1];
    let mut i = 0;
    while i <= STEPS {
        let mut power: u128 = 1 << 62;
        let mut factor: u128 = 1 << 61;
        let mut bit = STEPS;
        while bit > 0 {
            if i & bit != 0 {
                power = (power * factor) >> 62;
            }
            factor = (factor << 62).isqrt();
            bit /= 2;
        }
        table[i] = ((power + (1 << 31)) >> 32) as u32;
        i += 1;
    }
    table
};

/// Computes `2^{−d}` with 30 fraction bits, for `d ≥ 0` with 16 fraction bits.
///
/// The table is interpolated linearly. The line lies above the curve, with a relative error of at most
/// `(ln 2/128)²/8 = 3.7e−6`, and is exact at every multiple of 1/128. The result is then shifted by the whole part of
/// `d`. Results below 2^−30 are zero.
///
/// ```
/// use samplegrad_core::integer::exp2;
///
/// assert_eq!(exp2(0_u32), 1 << 30);
/// assert_eq!(exp2(3_u32 << 16), 1 << 27);
/// ```
#[inline]
pub fn exp2<W: Word>(d: W) -> W {
    let step = d.shr(9).and(W::splat(STEPS as u32 - 1));
    let start = W::gather(&TABLE, step);
    let fall = start.wrapping_sub(W::gather(&TABLE, step.wrapping_add(W::splat(1))));
    // The product fits into a word: the fall is below 2^23, and its multiplier is below 2^9.
    let fallen = fall.wrapping_mul(d.and(W::splat(511))).shr(9);
    start.wrapping_sub(fallen).shr_by(d.shr(16))
}
