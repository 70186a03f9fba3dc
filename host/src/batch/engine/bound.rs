//! Bounds of arrivals and sums without a logarithm: they exclude most columns from being the first or the largest.

use samplegrad_core::lane::Word;

use crate::lanes::vector::Vector;

/// Returns whether `l + G` can exceed the largest sum so far, given the word of `G` and `above`, the difference of `l`
/// and that largest sum. Returns true where in doubt.
///
/// It exceeds the largest where `−ln u < e^above`. Since `1 − u ≤ −ln u`, it cannot exceed it where `1 − u` is not
/// below an upper bound of `e^above`. The bound is `2^n (1 + f) ≥ 2^{n + f}`, enlarged by a part in 256 for rounding.
/// The difference of numbers near each other has no rounding error. The error of other differences does not matter. The
/// error of the largest sum is below 2^−13, or was taken into account.
#[inline(always)]
pub(crate) fn may_be_larger<L: Vector>(above: L, word: L::Word) -> L::Mask {
    rest::<L>(word).lt(above_exp(above))
}

/// Returns `1 − u` for the uniform `u` of a word. It is at most `−ln u`, except for rounding.
#[inline(always)]
pub(crate) fn rest<L: Vector>(word: L::Word) -> L {
    L::from_word(word.not()) * (1.0 / 4_294_967_296.0)
}

/// Returns an upper bound of `e^x`: it exceeds `e^x` by a part in 256 more than rounding can take away, and by at most
/// 7 %. An `x` below −87 or above 87 is replaced by −87 or 87.
#[inline(always)]
pub(crate) fn above_exp<L: Vector>(x: L) -> L {
    let exponent = x * core::f32::consts::LOG2_E;
    let exponent = exponent.max(L::splat(-126.0)).min(L::splat(126.0));
    L::from_bits(((exponent + 127.0) * 8_388_608.0).to_integer()) * (1.0 + 1.0 / 256.0)
}
