//! Eight lanes of AVX2.

use core::arch::x86_64::*;

use samplegrad_core::lane::{Lane, Mask, Word};

use crate::lanes::{
    elementary::{Convert, elementary_functions},
    unrolled,
    vector::{self, Block, Vector},
    x86::macros::{by_array, by_intrinsic, operator},
};

/// `f32` in eight lanes.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct F32x8(__m256);

/// `u32` in eight lanes.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct U32x8(__m256i);

/// `bool` in eight lanes: all bits of a lane are set, or none.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct Mask8(__m256i);

by_array!(8, F32x8, U32x8);
operator!(F32x8, Add, add, _mm256_add_ps);
operator!(F32x8, Sub, sub, _mm256_sub_ps);
operator!(F32x8, Mul, mul, _mm256_mul_ps);
operator!(F32x8, Div, div, _mm256_div_ps);

// SAFETY of every block below: see the parent module `x86`.
impl Lane for F32x8 {
    type Word = U32x8;
    type Mask = Mask8;

    const LANES: usize = 8;
    // SAFETY: both types have the same size, and every bit pattern is valid in both.
    const ZERO: Self = Self(unsafe { core::mem::transmute::<[f32; 8], __m256>([0.0; 8]) });
    // SAFETY: both types have the same size, and every bit pattern is valid in both.
    const ONE: Self = Self(unsafe { core::mem::transmute::<[f32; 8], __m256>([1.0; 8]) });
    // SAFETY: both types have the same size, and every bit pattern is valid in both.
    const NEG_INFINITY: Self = Self(unsafe { core::mem::transmute::<[f32; 8], __m256>([f32::NEG_INFINITY; 8]) });

    elementary_functions!();
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self(unsafe { _mm256_set1_ps(x) })
    }
    #[inline(always)]
    fn from_fn(f: impl FnMut(usize) -> f32) -> Self {
        let values: [f32; 8] = core::array::from_fn(f);
        Self(unsafe { _mm256_loadu_ps(values.as_ptr()) })
    }
    #[inline(always)]
    fn extract(self, lane: usize) -> f32 {
        self.to_array()[lane.min(7)]
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(unsafe { _mm256_sqrt_ps(self.0) })
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self::from_bits(self.to_bits().and(U32x8::splat(0x7fff_ffff)))
    }
    #[inline(always)]
    fn lt(self, other: Self) -> Mask8 {
        Mask8(unsafe { _mm256_castps_si256(_mm256_cmp_ps::<_CMP_LT_OQ>(self.0, other.0)) })
    }
    #[inline(always)]
    fn equals(self, other: Self) -> Mask8 {
        Mask8(unsafe { _mm256_castps_si256(_mm256_cmp_ps::<_CMP_EQ_OQ>(self.0, other.0)) })
    }
    #[inline(always)]
    fn select(mask: Mask8, yes: Self, no: Self) -> Self {
        Self(unsafe { _mm256_blendv_ps(no.0, yes.0, _mm256_castsi256_ps(mask.0)) })
    }
    #[inline(always)]
    fn to_bits(self) -> U32x8 {
        U32x8(unsafe { _mm256_castps_si256(self.0) })
    }
    #[inline(always)]
    fn from_bits(bits: U32x8) -> Self {
        Self(unsafe { _mm256_castsi256_ps(bits.0) })
    }
    #[inline(always)]
    fn from_small(word: U32x8) -> Self {
        Self::from_signed(word)
    }
    #[inline(always)]
    fn from_word(word: U32x8) -> Self {
        // Both halves are exact, so the sum rounds once.
        let high = Self::from_signed(word.shr(16));
        let low = Self::from_signed(word.and(U32x8::splat(0xffff)));
        high * 65536.0 + low
    }
    #[inline(always)]
    fn exponentials(logits: &[Self], mode: U32x8, max: Self, scale: f32, e: &mut [Self]) -> Self {
        unrolled::exponentials(logits, mode, max, scale, e)
    }
    #[inline(always)]
    fn from_signed(word: U32x8) -> Self {
        Self(unsafe { _mm256_cvtepi32_ps(word.0) })
    }
    #[inline(always)]
    fn to_word(self) -> U32x8 {
        let half = Self::splat(2_147_483_648.0);
        let upper = self.lt(half).not();
        let low = Self::select(upper, self - half, self).to_integer();
        let word = low.xor(U32x8::select(upper, U32x8::splat(1 << 31), U32x8::splat(0)));
        // As in `as u32`: values not above zero and NaN become 0; values that are too large become the largest word.
        let word = U32x8::select(Self::ZERO.lt(self), word, U32x8::splat(0));
        let below = self.lt(Self::splat(4_294_967_296.0)).or(self.equals(self).not());
        U32x8::select(below, word, U32x8::splat(u32::MAX))
    }
}

impl Convert for F32x8 {
    #[inline(always)]
    fn to_integer(self) -> U32x8 {
        U32x8(unsafe { _mm256_cvttps_epi32(self.0) })
    }
}

impl Vector for F32x8 {
    #[inline(always)]
    fn load(values: &[f32]) -> Self {
        match values.first_chunk::<8>() {
            Some(all) => Self(unsafe { _mm256_loadu_ps(all.as_ptr()) }),
            None => vector::load_by_lane(values),
        }
    }
    #[inline(always)]
    fn store(self, values: &mut [f32]) {
        match values.first_chunk_mut::<8>() {
            Some(all) => unsafe { _mm256_storeu_ps(all.as_mut_ptr(), self.0) },
            None => vector::store_by_lane(self, values),
        }
    }
    #[inline(always)]
    fn load_words(words: &[u32]) -> U32x8 {
        match words.first_chunk::<8>() {
            Some(all) => U32x8(unsafe { _mm256_loadu_si256(all.as_ptr().cast()) }),
            None => vector::load_words_by_lane(words),
        }
    }
    #[inline(always)]
    fn store_words(words: U32x8, to: &mut [u32]) {
        match to.first_chunk_mut::<8>() {
            Some(all) => unsafe { _mm256_storeu_si256(all.as_mut_ptr().cast(), words.0) },
            None => vector::store_words_by_lane(words, to),
        }
    }
    #[inline(always)]
    fn prefetch(values: &[f32], at: usize) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(values.as_ptr().wrapping_add(at).cast()) }
    }
    #[inline(always)]
    fn unzip(a: Self, b: Self) -> (Self, Self) {
        unsafe {
            // The first shuffles work within halves and give 0 2 8 10 | 4 6 12 14. Then pairs move to their places.
            let (even, odd) = (_mm256_shuffle_ps::<0x88>(a.0, b.0), _mm256_shuffle_ps::<0xdd>(a.0, b.0));
            let (even, odd) = (_mm256_castps_pd(even), _mm256_castps_pd(odd));
            (
                Self(_mm256_castpd_ps(_mm256_permute4x64_pd::<0xd8>(even))),
                Self(_mm256_castpd_ps(_mm256_permute4x64_pd::<0xd8>(odd))),
            )
        }
    }
    #[inline(always)]
    fn zip(even: Self, odd: Self) -> (Self, Self) {
        unsafe {
            let (low, high) = (_mm256_unpacklo_ps(even.0, odd.0), _mm256_unpackhi_ps(even.0, odd.0));
            (Self(_mm256_permute2f128_ps::<0x20>(low, high)), Self(_mm256_permute2f128_ps::<0x31>(low, high)))
        }
    }
    #[inline(always)]
    fn transpose(block: &mut Block<Self>) {
        unsafe {
            let mut q = [[_mm256_setzero_ps(); 4]; 2];
            for i in 0..2 {
                let [a, b, c, d] = [block[4 * i].0, block[4 * i + 1].0, block[4 * i + 2].0, block[4 * i + 3].0];
                let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
                let (ab_high, cd_high) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
                q[i] = [
                    _mm256_castpd_ps(_mm256_unpacklo_pd(_mm256_castps_pd(ab), _mm256_castps_pd(cd))),
                    _mm256_castpd_ps(_mm256_unpackhi_pd(_mm256_castps_pd(ab), _mm256_castps_pd(cd))),
                    _mm256_castpd_ps(_mm256_unpacklo_pd(_mm256_castps_pd(ab_high), _mm256_castps_pd(cd_high))),
                    _mm256_castpd_ps(_mm256_unpackhi_pd(_mm256_castps_pd(ab_high), _mm256_castps_pd(cd_high))),
                ];
            }
            for j in 0..4 {
                block[j] = Self(_mm256_permute2f128_ps::<0x20>(q[0][j], q[1][j]));
                block[4 + j] = Self(_mm256_permute2f128_ps::<0x31>(q[0][j], q[1][j]));
            }
        }
    }
}

impl U32x8 {
    /// Moves the words so that signed comparisons of the results give the order of the unsigned words.
    #[inline(always)]
    fn moved(self) -> __m256i {
        self.xor(Self::splat(0x8000_0000)).0
    }
}

impl Word for U32x8 {
    type Mask = Mask8;
    const LANES: usize = 8;

    #[inline(always)]
    fn splat(word: u32) -> Self {
        Self(unsafe { _mm256_set1_epi32(word.cast_signed()) })
    }
    #[inline(always)]
    fn from_fn(f: impl FnMut(usize) -> u32) -> Self {
        let words: [u32; 8] = core::array::from_fn(f);
        Self(unsafe { _mm256_loadu_si256(words.as_ptr().cast()) })
    }
    #[inline(always)]
    fn extract(self, lane: usize) -> u32 {
        self.to_array()[lane.min(7)]
    }
    by_intrinsic! {
        wrapping_add: _mm256_add_epi32;
        wrapping_sub: _mm256_sub_epi32;
        wrapping_mul: _mm256_mullo_epi32;
        and: _mm256_and_si256;
        or: _mm256_or_si256;
        xor: _mm256_xor_si256;
        shl_by: _mm256_sllv_epi32;
        shr_by: _mm256_srlv_epi32;
    }
    #[inline(always)]
    fn mul_high(self, other: Self) -> Self {
        unsafe {
            let even = _mm256_srli_epi64::<32>(_mm256_mul_epu32(self.0, other.0));
            let odd = _mm256_mul_epu32(_mm256_srli_epi64::<32>(self.0), _mm256_srli_epi64::<32>(other.0));
            Self(_mm256_blend_epi32::<0xaa>(even, odd))
        }
    }
    #[inline(always)]
    fn shl(self, bits: u32) -> Self {
        Self(unsafe { _mm256_sll_epi32(self.0, _mm_cvtsi32_si128(bits.cast_signed())) })
    }
    #[inline(always)]
    fn shr(self, bits: u32) -> Self {
        Self(unsafe { _mm256_srl_epi32(self.0, _mm_cvtsi32_si128(bits.cast_signed())) })
    }
    #[inline(always)]
    fn lt(self, other: Self) -> Mask8 {
        Mask8(unsafe { _mm256_cmpgt_epi32(other.moved(), self.moved()) })
    }
    #[inline(always)]
    fn equals(self, other: Self) -> Mask8 {
        Mask8(unsafe { _mm256_cmpeq_epi32(self.0, other.0) })
    }
    #[inline(always)]
    fn select(mask: Mask8, yes: Self, no: Self) -> Self {
        Self(unsafe { _mm256_blendv_epi8(no.0, yes.0, mask.0) })
    }
    #[inline(always)]
    fn shr_signed(self, bits: u32) -> Self {
        Self(unsafe { _mm256_sra_epi32(self.0, _mm_cvtsi32_si128(bits.cast_signed())) })
    }
    #[inline(always)]
    fn lt_signed(self, other: Self) -> Mask8 {
        Mask8(unsafe { _mm256_cmpgt_epi32(other.0, self.0) })
    }
    #[inline(always)]
    fn leading_zeros(self) -> Self {
        // The exponent of the word, converted to a float. The bit below the highest bit is cleared, because only this
        // bit could round the float up to the next exponent.
        let float = F32x8::from_signed(self.and(self.shr(1).not())).to_bits();
        // A word with its highest bit set converts to a negative float. The sign bit makes the exponent large, so that
        // the saturating 158 − exponent is 0.
        unsafe {
            let zeros = _mm256_subs_epu16(_mm256_set1_epi32(158), float.shr(23).0);
            Self(_mm256_min_epu32(zeros, _mm256_set1_epi32(32)))
        }
    }
}

impl PartialEq for Mask8 {
    fn eq(&self, other: &Self) -> bool {
        self.bits() == other.bits()
    }
}

impl Mask8 {
    /// Returns one bit per lane.
    #[inline(always)]
    fn bits(self) -> i32 {
        unsafe { _mm256_movemask_ps(_mm256_castsi256_ps(self.0)) }
    }
}

impl Mask for Mask8 {
    #[inline(always)]
    fn splat(value: bool) -> Self {
        Self(U32x8::splat(if value { u32::MAX } else { 0 }).0)
    }
    #[inline(always)]
    fn from_fn(mut f: impl FnMut(usize) -> bool) -> Self {
        Self(U32x8::from_fn(|lane| if f(lane) { u32::MAX } else { 0 }).0)
    }
    #[inline(always)]
    fn extract(self, lane: usize) -> bool {
        self.bits() >> lane.min(7) & 1 == 1
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(U32x8(self.0).and(U32x8(other.0)).0)
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(U32x8(self.0).or(U32x8(other.0)).0)
    }
    #[inline(always)]
    fn not(self) -> Self {
        Self(U32x8(self.0).not().0)
    }
    #[inline(always)]
    fn any(self) -> bool {
        self.bits() != 0
    }
    #[inline(always)]
    fn all(self) -> bool {
        self.bits() == 0xff
    }
}
