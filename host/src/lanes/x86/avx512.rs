//! Sixteen lanes of AVX-512.

use core::arch::x86_64::*;

use samplegrad_core::lane::{Lane, Mask, Word};

use crate::lanes::{
    elementary::{Convert, elementary_functions},
    unrolled,
    vector::{Block, Vector},
    x86::macros::{by_array, by_intrinsic, operator},
};

/// `f32` in sixteen lanes.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct F32x16(__m512);

/// `u32` in sixteen lanes.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct U32x16(__m512i);

/// `bool` in sixteen lanes, one bit each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mask16(__mmask16);

by_array!(16, F32x16, U32x16);
operator!(F32x16, Add, add, _mm512_add_ps);
operator!(F32x16, Sub, sub, _mm512_sub_ps);
operator!(F32x16, Mul, mul, _mm512_mul_ps);
operator!(F32x16, Div, div, _mm512_div_ps);

// SAFETY of every block below: see the parent module `x86`.
impl Lane for F32x16 {
    type Word = U32x16;
    type Mask = Mask16;

    const LANES: usize = 16;
    // SAFETY: both types have the same size, and every bit pattern is valid in both.
    const ZERO: Self = Self(unsafe { core::mem::transmute::<[f32; 16], __m512>([0.0; 16]) });
    // SAFETY: both types have the same size, and every bit pattern is valid in both.
    const ONE: Self = Self(unsafe { core::mem::transmute::<[f32; 16], __m512>([1.0; 16]) });
    // SAFETY: both types have the same size, and every bit pattern is valid in both.
    const NEG_INFINITY: Self = Self(unsafe { core::mem::transmute::<[f32; 16], __m512>([f32::NEG_INFINITY; 16]) });

    elementary_functions!();
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self(unsafe { _mm512_set1_ps(x) })
    }
    #[inline(always)]
    fn from_fn(f: impl FnMut(usize) -> f32) -> Self {
        let values: [f32; 16] = core::array::from_fn(f);
        Self(unsafe { _mm512_loadu_ps(values.as_ptr()) })
    }
    #[inline(always)]
    fn extract(self, lane: usize) -> f32 {
        self.to_array()[lane.min(15)]
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(unsafe { _mm512_sqrt_ps(self.0) })
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self::from_bits(self.to_bits().and(U32x16::splat(0x7fff_ffff)))
    }
    #[inline(always)]
    fn lt(self, other: Self) -> Mask16 {
        Mask16(unsafe { _mm512_cmp_ps_mask::<_CMP_LT_OQ>(self.0, other.0) })
    }
    #[inline(always)]
    fn equals(self, other: Self) -> Mask16 {
        Mask16(unsafe { _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(self.0, other.0) })
    }
    #[inline(always)]
    fn select(mask: Mask16, yes: Self, no: Self) -> Self {
        Self(unsafe { _mm512_mask_blend_ps(mask.0, no.0, yes.0) })
    }
    #[inline(always)]
    fn to_bits(self) -> U32x16 {
        U32x16(unsafe { _mm512_castps_si512(self.0) })
    }
    #[inline(always)]
    fn from_bits(bits: U32x16) -> Self {
        Self(unsafe { _mm512_castsi512_ps(bits.0) })
    }
    #[inline(always)]
    fn from_small(word: U32x16) -> Self {
        Self::from_signed(word)
    }
    #[inline(always)]
    fn from_word(word: U32x16) -> Self {
        Self(unsafe { _mm512_cvtepu32_ps(word.0) })
    }
    #[inline(always)]
    fn exponentials(logits: &[Self], mode: U32x16, max: Self, scale: f32, e: &mut [Self]) -> Self {
        unrolled::exponentials(logits, mode, max, scale, e)
    }
    #[inline(always)]
    fn from_signed(word: U32x16) -> Self {
        Self(unsafe { _mm512_cvtepi32_ps(word.0) })
    }
    #[inline(always)]
    fn mantissa(self) -> Self {
        Self(unsafe { _mm512_getmant_ps::<_MM_MANT_NORM_P75_1P5, _MM_MANT_SIGN_SRC>(self.0) })
    }
    #[inline(always)]
    fn to_word(self) -> U32x16 {
        // Values out of range convert to the largest word. This is right only for values that are too large.
        let word = U32x16(unsafe { _mm512_cvttps_epu32(self.0) });
        U32x16::select(Self::ZERO.lt(self), word, U32x16::splat(0))
    }
}

impl Convert for F32x16 {
    #[inline(always)]
    fn to_integer(self) -> U32x16 {
        U32x16(unsafe { _mm512_cvttps_epi32(self.0) })
    }
}

/// Returns the mask of the lanes that a slice of this length fills.
#[inline(always)]
fn first(len: usize) -> __mmask16 {
    if len < 16 { (1 << len) - 1 } else { u16::MAX }
}

impl Vector for F32x16 {
    #[inline(always)]
    fn load(values: &[f32]) -> Self {
        Self(unsafe { _mm512_maskz_loadu_ps(first(values.len()), values.as_ptr()) })
    }
    #[inline(always)]
    fn store(self, values: &mut [f32]) {
        unsafe { _mm512_mask_storeu_ps(values.as_mut_ptr(), first(values.len()), self.0) }
    }
    #[inline(always)]
    fn load_words(words: &[u32]) -> U32x16 {
        U32x16(unsafe { _mm512_maskz_loadu_epi32(first(words.len()), words.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store_words(words: U32x16, to: &mut [u32]) {
        unsafe { _mm512_mask_storeu_epi32(to.as_mut_ptr().cast(), first(to.len()), words.0) }
    }
    #[inline(always)]
    fn prefetch(values: &[f32], at: usize) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(values.as_ptr().wrapping_add(at).cast()) }
    }
    #[inline(always)]
    fn unzip(a: Self, b: Self) -> (Self, Self) {
        unsafe {
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let odd = _mm512_or_si512(even, _mm512_set1_epi32(1));
            (Self(_mm512_permutex2var_ps(a.0, even, b.0)), Self(_mm512_permutex2var_ps(a.0, odd, b.0)))
        }
    }
    #[inline(always)]
    fn zip(even: Self, odd: Self) -> (Self, Self) {
        unsafe {
            let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            let high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
            (Self(_mm512_permutex2var_ps(even.0, low, odd.0)), Self(_mm512_permutex2var_ps(even.0, high, odd.0)))
        }
    }
    #[inline(always)]
    fn transpose(block: &mut Block<Self>) {
        unsafe {
            // First pairs of rows are interleaved within quarters of a vector, then pairs of pairs. After this, quarter
            // h of row j of q[i] has column 4h + j of rows 4i to 4i + 3.
            let mut q = [[_mm512_setzero_ps(); 4]; 4];
            for i in 0..4 {
                let [a, b, c, d] = [block[4 * i].0, block[4 * i + 1].0, block[4 * i + 2].0, block[4 * i + 3].0];
                let (ab, cd) = (_mm512_unpacklo_ps(a, b), _mm512_unpacklo_ps(c, d));
                let (ab_high, cd_high) = (_mm512_unpackhi_ps(a, b), _mm512_unpackhi_ps(c, d));
                q[i] = [
                    _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd))),
                    _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd))),
                    _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(ab_high), _mm512_castps_pd(cd_high))),
                    _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(ab_high), _mm512_castps_pd(cd_high))),
                ];
            }
            for j in 0..4 {
                let low01 = _mm512_shuffle_f32x4::<0x44>(q[0][j], q[1][j]);
                let high01 = _mm512_shuffle_f32x4::<0xee>(q[0][j], q[1][j]);
                let low23 = _mm512_shuffle_f32x4::<0x44>(q[2][j], q[3][j]);
                let high23 = _mm512_shuffle_f32x4::<0xee>(q[2][j], q[3][j]);
                block[j] = Self(_mm512_shuffle_f32x4::<0x88>(low01, low23));
                block[4 + j] = Self(_mm512_shuffle_f32x4::<0xdd>(low01, low23));
                block[8 + j] = Self(_mm512_shuffle_f32x4::<0x88>(high01, high23));
                block[12 + j] = Self(_mm512_shuffle_f32x4::<0xdd>(high01, high23));
            }
        }
    }
}

impl Word for U32x16 {
    type Mask = Mask16;
    const LANES: usize = 16;

    #[inline(always)]
    fn splat(word: u32) -> Self {
        Self(unsafe { _mm512_set1_epi32(word.cast_signed()) })
    }
    #[inline(always)]
    fn from_fn(f: impl FnMut(usize) -> u32) -> Self {
        let words: [u32; 16] = core::array::from_fn(f);
        Self(unsafe { _mm512_loadu_epi32(words.as_ptr().cast()) })
    }
    #[inline(always)]
    fn extract(self, lane: usize) -> u32 {
        self.to_array()[lane.min(15)]
    }
    by_intrinsic! {
        wrapping_add: _mm512_add_epi32;
        wrapping_sub: _mm512_sub_epi32;
        wrapping_mul: _mm512_mullo_epi32;
        and: _mm512_and_si512;
        or: _mm512_or_si512;
        xor: _mm512_xor_si512;
        shl_by: _mm512_sllv_epi32;
        shr_by: _mm512_srlv_epi32;
        rotate_left_by: _mm512_rolv_epi32;
    }
    #[inline(always)]
    fn mul_high(self, other: Self) -> Self {
        unsafe {
            let even = _mm512_srli_epi64::<32>(_mm512_mul_epu32(self.0, other.0));
            let odd = _mm512_mul_epu32(_mm512_srli_epi64::<32>(self.0), _mm512_srli_epi64::<32>(other.0));
            Self(_mm512_mask_blend_epi32(0xaaaa, even, odd))
        }
    }
    #[inline(always)]
    fn shl(self, bits: u32) -> Self {
        Self(unsafe { _mm512_sllv_epi32(self.0, _mm512_set1_epi32(bits.cast_signed())) })
    }
    #[inline(always)]
    fn shr(self, bits: u32) -> Self {
        Self(unsafe { _mm512_srlv_epi32(self.0, _mm512_set1_epi32(bits.cast_signed())) })
    }
    #[inline(always)]
    fn lt(self, other: Self) -> Mask16 {
        Mask16(unsafe { _mm512_cmplt_epu32_mask(self.0, other.0) })
    }
    #[inline(always)]
    fn equals(self, other: Self) -> Mask16 {
        Mask16(unsafe { _mm512_cmpeq_epi32_mask(self.0, other.0) })
    }
    #[inline(always)]
    fn select(mask: Mask16, yes: Self, no: Self) -> Self {
        Self(unsafe { _mm512_mask_blend_epi32(mask.0, no.0, yes.0) })
    }
    #[inline(always)]
    fn shr_signed(self, bits: u32) -> Self {
        Self(unsafe { _mm512_srav_epi32(self.0, _mm512_set1_epi32(bits.cast_signed())) })
    }
    #[inline(always)]
    fn lt_signed(self, other: Self) -> Mask16 {
        Mask16(unsafe { _mm512_cmplt_epi32_mask(self.0, other.0) })
    }
    #[inline(always)]
    fn leading_zeros(self) -> Self {
        Self(unsafe { _mm512_lzcnt_epi32(self.0) })
    }
}

impl Mask for Mask16 {
    #[inline(always)]
    fn splat(value: bool) -> Self {
        Self(if value { u16::MAX } else { 0 })
    }
    #[inline(always)]
    fn from_fn(mut f: impl FnMut(usize) -> bool) -> Self {
        Self((0..16).fold(0, |bits, lane| bits | u16::from(f(lane)) << lane))
    }
    #[inline(always)]
    fn extract(self, lane: usize) -> bool {
        self.0 >> lane.min(15) & 1 == 1
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    #[inline(always)]
    fn not(self) -> Self {
        Self(!self.0)
    }
    #[inline(always)]
    fn any(self) -> bool {
        self.0 != 0
    }
    #[inline(always)]
    fn all(self) -> bool {
        self.0 == u16::MAX
    }
}
