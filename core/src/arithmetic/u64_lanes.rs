//! 64-bit integers as two words per lane, for exact running sums of 32-bit weights.

use crate::arithmetic::lane::Word;

#[derive(Clone, Copy)]
pub(crate) struct U64<W> {
    high: W,
    low: W,
}

impl<W: Word> U64<W> {
    #[inline]
    pub(crate) fn zero() -> Self {
        Self { high: W::splat(0), low: W::splat(0) }
    }

    #[cfg_attr(target_arch = "x86_64", inline(always))]
    #[cfg_attr(not(target_arch = "x86_64"), inline)]
    pub(crate) fn add(self, word: W) -> Self {
        let low = self.low.wrapping_add(word);
        let carry = W::select(low.lt(word), W::splat(1), W::splat(0));
        Self { high: self.high.wrapping_add(carry), low }
    }

    /// Returns `⌊self · word / 2^32⌋`.
    #[inline]
    pub(crate) fn mul_shift_32(self, word: W) -> Self {
        let high = Self { high: self.high.mul_high(word), low: self.high.wrapping_mul(word) };
        high.add(self.low.mul_high(word))
    }

    #[inline]
    pub(crate) fn lt(self, other: Self) -> W::Mask {
        W::wide_lt((self.high, self.low), (other.high, other.low))
    }
}

/// Returns `⌈n · 2^32 / d⌉` for `n < d < 2^63`, by long division; `None` if the quotient is 2^32.
pub(crate) fn ratio(n: u64, d: u64) -> Option<u32> {
    let mut remainder = n;
    let mut quotient: u32 = 0;
    for _ in 0..32 {
        remainder <<= 1;
        quotient <<= 1;
        if remainder >= d {
            remainder -= d;
            quotient |= 1;
        }
    }
    if remainder == 0 { Some(quotient) } else { quotient.checked_add(1) }
}
