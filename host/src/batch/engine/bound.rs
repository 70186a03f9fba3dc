//! Bounds of arrivals and sums that take no logarithm: most columns cannot have the first or the largest.

use samplegrad_core::lane::Word;

use crate::lanes::vector::Vector;

/// Whether `l + G` can exceed the largest so far, for the Gumbel number of a word and how far `l` is above that largest; true
/// where in doubt.
///
/// It does where `−ln u < e^{l − largest}`. As `1 − u ≤ −ln u`, it cannot where `1 − u` is not below a number that is at
/// least as large as that power: `2^n (1 + f) ≥ 2^{n + f}`. A part in 256 is for rounding: the difference of numbers near each
/// other has none, that of others has no say, and the error of the largest sum is below 2^−13 or was taken into account.
#[inline(always)]
pub(crate) fn may_be_larger<L: Vector>(above: L, word: L::Word) -> L::Mask {
    rest::<L>(word).lt(above_exp(above))
}

/// `1 − u` of a word's uniform, and at most `−ln u`, but for rounding.
#[inline(always)]
pub(crate) fn rest<L: Vector>(word: L::Word) -> L {
    L::from_word(word.not()) * (1.0 / 4_294_967_296.0)
}

/// At least `e^x`, a part in 256 more than rounding takes away, and at most 7 % above; of an `x` below −87 and above 87, that of
/// those.
#[inline(always)]
pub(crate) fn above_exp<L: Vector>(x: L) -> L {
    let exponent = x * core::f32::consts::LOG2_E;
    let exponent = exponent.max(L::splat(-126.0)).min(L::splat(126.0));
    L::from_bits(((exponent + 127.0) * 8_388_608.0).to_integer()) * (1.0 + 1.0 / 256.0)
}
