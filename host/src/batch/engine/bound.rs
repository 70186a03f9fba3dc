//! Bounds of arrivals and sums, computed without a logarithm. They show for most columns that the column is not the
//! first or the largest.

use samplegrad_core::lane::Word;

use crate::lanes::vector::Vector;

/// Returns whether the sum `l + G` can exceed the largest sum so far. `G` is the Gumbel number of `word`, and `above`
/// is `l` minus the largest sum. Returns true where in doubt.
///
/// The sum `l + G` exceeds the largest sum where `−ln u < e^above`. Since `1 − u ≤ −ln u`, it cannot exceed the largest
/// sum where `1 − u` is at least an upper bound of `e^above`. The bound is `2^n (1 + f) ≥ 2^{n + f}`, multiplied by 1 +
/// 1/256 to allow for rounding errors. The difference of numbers near each other has no rounding error. The rounding
/// error of other differences does not matter. The error of the largest sum is below 2^−13, or was taken into account.
#[inline(always)]
pub(crate) fn may_be_larger<L: Vector>(above: L, word: L::Word) -> L::Mask {
    rest::<L>(word).lt(above_exp(above))
}

/// Returns `1 − u` for the uniform `u` of a word. It is at most `−ln u`, except for rounding.
#[inline(always)]
pub(crate) fn rest<L: Vector>(word: L::Word) -> L {
    L::from_word(word.not()) * (1.0 / 4_294_967_296.0)
}

/// Returns an upper bound of `e^x`, which exceeds `e^x` by at most 7 %. The bound has a factor of 1 + 1/256, which is
/// larger than all rounding errors. An `x` below −87 or above 87 is replaced by −87 or 87.
#[inline(always)]
pub(crate) fn above_exp<L: Vector>(x: L) -> L {
    let exponent = x * core::f32::consts::LOG2_E;
    let exponent = exponent.max(L::splat(-126.0)).min(L::splat(126.0));
    L::from_bits(((exponent + 127.0) * 8_388_608.0).to_integer()) * (1.0 + 1.0 / 256.0)
}
