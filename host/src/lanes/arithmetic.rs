//! Arithmetic of the vectors of [`wide`](crate::lanes::portable). Some functions use wider instructions than the build
//! requires, where the machine has such instructions.

use samplegrad_core::lane::{Lane, Mask, Word};
use wide::bytemuck::cast;

use crate::lanes::{
    dispatch,
    elementary::{Convert, elementary_functions},
    kernel::Kernel,
    linear_kernels::{AddOuter, AddOuterAt, AddRows, Exponentials, InMemory},
    portable::{F32x4, F32x8, F32x16, Mask32x4, Mask32x8, Mask32x16, U32x4, U32x8, U32x16},
    unrolled,
    vector::{self, Block, Vector},
};

macro_rules! arithmetic {
    ($n:literal, $float:ident, $word:ident, $mask:ident, $wide_float:ident, $wide_word:ident, $wide_int:ident, $run:ident) => {
        impl Lane for $float {
            type Word = $word;
            type Mask = $mask;

            const LANES: usize = $n;
            const ZERO: Self = Self(wide::$wide_float::splat(0.0));
            const ONE: Self = Self(wide::$wide_float::splat(1.0));
            const NEG_INFINITY: Self = Self(wide::$wide_float::splat(f32::NEG_INFINITY));

            #[inline(always)]
            fn splat(x: f32) -> Self {
                Self(wide::$wide_float::splat(x))
            }
            #[inline(always)]
            fn from_fn(f: impl FnMut(usize) -> f32) -> Self {
                Self(wide::$wide_float::new(core::array::from_fn(f)))
            }
            #[inline(always)]
            fn extract(self, lane: usize) -> f32 {
                self.0.as_array()[lane.min($n - 1)]
            }
            elementary_functions!();
            #[inline(always)]
            fn sqrt(self) -> Self {
                Self(self.0.sqrt())
            }
            #[inline(always)]
            fn abs(self) -> Self {
                Self::from_bits(self.to_bits().and($word::splat(0x7fff_ffff)))
            }
            #[inline(always)]
            fn lt(self, other: Self) -> $mask {
                $mask(self.0.simd_lt(other.0).to_bits())
            }
            #[inline(always)]
            fn equals(self, other: Self) -> $mask {
                $mask(self.0.simd_eq(other.0).to_bits())
            }
            #[inline(always)]
            fn select(mask: $mask, yes: Self, no: Self) -> Self {
                Self(wide::$wide_float::from_bits(mask.0).bitselect(yes.0, no.0))
            }
            #[inline(always)]
            fn add_rows<const D: usize, const K: usize>(out: &mut [Self; K], rows: &[[Self; K]; D], x: &[Self; D]) {
                // A row of zeros does not change a sum, unless the sum is −0. A sum becomes −0 only if it started as
                // −0. The test for zeros saves time where rows are long.
                let negative_zero = $word::splat(1 << 31);
                let skip = K >= 8 && !out.iter().any(|out| out.to_bits().equals(negative_zero).any());
                if Self::WIDER {
                    return dispatch::$run(AddRows { out, rows, x, skip });
                }
                for (row, &x) in rows.iter().zip(x) {
                    if skip && x.equals(Self::ZERO).all() {
                        continue;
                    }
                    for (out, &w) in out.iter_mut().zip(row) {
                        *out = *out + x * w;
                    }
                }
            }
            #[inline(always)]
            fn add_outer<const D: usize, const K: usize>(rows: &mut [[Self; K]; D], x: &[Self; D], step: &[Self; K]) {
                if Self::WIDER {
                    return dispatch::$run(AddOuter { rows, x, step });
                }
                AddOuter { rows, x, step }.run::<Self>();
            }
            #[inline(always)]
            fn add_outer_at<const D: usize, const K: usize>(
                rows: &mut [[Self; K]; D],
                index: $word,
                x: &[Self; D],
                step: Self,
            ) {
                if Self::WIDER {
                    return dispatch::$run(AddOuterAt { rows, index, x, step });
                }
                AddOuterAt { rows, index, x, step }.run::<Self>();
            }
            #[inline(always)]
            fn to_bits(self) -> $word {
                $word(self.0.to_bits())
            }
            #[inline(always)]
            fn from_bits(bits: $word) -> Self {
                Self(wide::$wide_float::from_bits(bits.0))
            }
            #[inline(always)]
            fn from_word(word: $word) -> Self {
                // Both halves are exact, so the sum rounds once.
                let high = Self::from_signed(word.shr(16));
                let low = Self::from_signed(word.and($word::splat(0xffff)));
                high * 65536.0 + low
            }
            #[inline(always)]
            fn from_small(word: $word) -> Self {
                Self::from_signed(word)
            }
            #[inline(always)]
            fn from_signed(word: $word) -> Self {
                Self(cast::<_, wide::$wide_int>(word.0).round_float())
            }
            #[inline(always)]
            fn normalized(k: $word) -> (Self, Self) {
                // A shift by a different number of bits in each lane is computed here by products, one for each half of
                // the word. The products are exact.
                let (high, low) = (k.shr(16), k.and($word::splat(0xffff)));
                // The exponent of the word, converted to a float. The bit below the highest bit is cleared, because
                // only this bit could round the float up to the next exponent.
                let exponent = Self::from_signed(k.and(k.shr(1).not())).to_bits().shr(23);
                let upper = $word::splat(0).equals(k.shr_signed(31)).not();
                let zeros = $word::select(upper, $word::splat(0), $word::splat(158).wrapping_sub(exponent));
                let zeros = $word::select($word::splat(0).equals(k), $word::splat(32), zeros);
                let power = Self::from_bits(zeros.wrapping_add($word::splat(127)).shl(23));
                let half = Self::select(upper, Self::ZERO, Self::splat(0.5));
                let high = Self::from_signed(high) * power * 65536.0 - 4_294_967_296.0;
                (Self::from_signed(zeros), high + (Self::from_signed(low) + half) * power)
            }
            #[inline(always)]
            fn exponentials(logits: &[Self], mode: $word, max: Self, scale: f32, e: &mut [Self]) -> Self {
                if Self::WIDER {
                    return dispatch::$run(Exponentials { logits, mode, max, scale, e });
                }
                unrolled::exponentials(logits, mode, max, scale, e)
            }
            #[inline(always)]
            fn to_word(self) -> $word {
                let half = Self::splat(2_147_483_648.0);
                let upper = self.lt(half).not();
                let low = Self::select(upper, self - half, self).to_integer();
                let word = low.xor($word::select(upper, $word::splat(1 << 31), $word::splat(0)));
                // As in `as u32`: values not above zero and NaN become 0; values that are too large become the largest
                // word.
                let word = $word::select(Self::ZERO.lt(self), word, $word::splat(0));
                let below = self.lt(Self::splat(4_294_967_296.0)).or(self.equals(self).not());
                $word::select(below, word, $word::splat(u32::MAX))
            }
        }

        impl $float {
            /// True if the machine may have wider instructions for `$n` lanes than the build was made for.
            const WIDER: bool = cfg!(target_arch = "x86_64")
                && $n > if cfg!(target_feature = "avx2") { 8 } else { 4 }
                && !cfg!(target_feature = "avx512f");
        }

        impl InMemory for $float {
            #[inline(always)]
            fn numbers(&self) -> &[f32] {
                self.0.as_array()
            }
            #[inline(always)]
            fn numbers_mut(&mut self) -> &mut [f32] {
                self.0.as_mut_array()
            }
            #[inline(always)]
            fn words(words: &$word) -> &[u32] {
                words.0.as_array()
            }
        }

        impl Convert for $float {
            const SHIFTS: bool = false;
            #[inline(always)]
            fn to_integer(self) -> $word {
                $word(cast(self.0.fast_trunc_int()))
            }
        }

        impl Vector for $float {
            #[inline(always)]
            fn load(values: &[f32]) -> Self {
                match values.first_chunk::<$n>() {
                    Some(&all) => Self(wide::$wide_float::new(all)),
                    None => vector::load_by_lane(values),
                }
            }
            #[inline(always)]
            fn store(self, values: &mut [f32]) {
                match values.first_chunk_mut::<$n>() {
                    Some(all) => *all = self.0.to_array(),
                    None => vector::store_by_lane(self, values),
                }
            }
            #[inline(always)]
            fn load_words(words: &[u32]) -> $word {
                match words.first_chunk::<$n>() {
                    Some(&all) => $word(wide::$wide_word::new(all)),
                    None => vector::load_words_by_lane(words),
                }
            }
            #[inline(always)]
            fn store_words(words: $word, to: &mut [u32]) {
                match to.first_chunk_mut::<$n>() {
                    Some(all) => *all = words.0.to_array(),
                    None => vector::store_words_by_lane(words, to),
                }
            }
            #[inline(always)]
            fn transpose(block: &mut Block<Self>) {
                let rows: [wide::$wide_float; $n] = core::array::from_fn(|i| block[i].0);
                for (x, column) in block.iter_mut().zip(wide::$wide_float::transpose(rows)) {
                    *x = Self(column);
                }
            }
        }
    };
}

arithmetic!(4, F32x4, U32x4, Mask32x4, f32x4, u32x4, i32x4, in_four);
arithmetic!(8, F32x8, U32x8, Mask32x8, f32x8, u32x8, i32x8, in_eight);
arithmetic!(16, F32x16, U32x16, Mask32x16, f32x16, u32x16, i32x16, in_widest);
