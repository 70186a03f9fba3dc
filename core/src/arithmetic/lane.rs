//! Arithmetic over lanes, which every kernel of this crate uses. One lane computes what one device computes.
//!
//! [`Lane`] is a vector of independent `f32` numbers, one per stream of computation. On a device, a `Lane` is `f32`
//! itself, a vector of one number. On a host, a `Lane` is a SIMD vector of 4, 8 or 16 numbers. Each kernel is written
//! once, over `L: Lane`, so a lane of the host executes the same operations in the same order as the device does, and
//! returns the same bits.
//!
//! Three rules ensure equal bits. Elementary functions are those of `libm`, lane-wise replicas proven equal to `libm`,
//! or sequences of operations of this trait. There is no fused multiply-add. Results of comparisons are used through
//! [`Lane::select`], and no operation mixes lanes.

use core::ops::{Add, Div, Mul, Neg, Sub};

use crate::arithmetic::straight_line;

/// A vector of independent `f32` numbers.
///
/// Every operation acts on each lane alone and rounds once, to nearest even. This crate implements the trait for `f32`
/// (one lane, elementary functions from `libm`). The host crate implements it for SIMD vectors.
///
/// ```
/// use samplegrad_core::lane::Lane;
///
/// fn squared_distance<L: Lane>(x: L, y: L) -> L {
///     (x - y) * (x - y)
/// }
/// assert_eq!(squared_distance(1.0_f32, 4.0), 9.0);
/// ```
pub trait Lane:
    Copy
    + core::fmt::Debug
    + PartialEq
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f32, Output = Self>
    + Sub<f32, Output = Self>
    + Mul<f32, Output = Self>
    + Div<f32, Output = Self>
    + Send
    + Sync
    + 'static
{
    /// One 32-bit word per lane: random bits, class indices.
    type Word: Word<Mask = Self::Mask>;
    /// One truth value per lane.
    type Mask: Mask;

    /// Number of lanes.
    const LANES: usize;
    /// Zero in every lane.
    const ZERO: Self;
    /// One in every lane.
    const ONE: Self;
    /// −∞ in every lane: the logit of a masked class.
    const NEG_INFINITY: Self;

    /// Returns a vector with the number `x` in every lane.
    fn splat(x: f32) -> Self;
    /// Returns a vector with `f(i)` in lane `i`.
    fn from_fn(f: impl FnMut(usize) -> f32) -> Self;
    /// Returns the number in lane `lane`; lanes beyond the last repeat the last.
    fn extract(self, lane: usize) -> f32;

    /// Computes the natural logarithm, `libm::logf`.
    fn ln(self) -> Self;
    /// Computes the exponential, `libm::expf`.
    fn exp(self) -> Self;
    /// Computes `ln(1 + x)`, `libm::log1pf`.
    fn ln_1p(self) -> Self;
    /// Computes the square root, correctly rounded as `libm::sqrtf`.
    fn sqrt(self) -> Self;
    /// Returns the magnitude: clears the sign bit.
    fn abs(self) -> Self;

    /// Returns `self < other`; false where either is NaN.
    fn lt(self, other: Self) -> Self::Mask;
    /// Returns `self == other`; false where either is NaN, true for zeros of either sign.
    fn equals(self, other: Self) -> Self::Mask;
    /// Returns `yes` where `mask` holds, `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// Returns the bit pattern.
    fn to_bits(self) -> Self::Word;
    /// Returns the number with the bit pattern `bits`.
    fn from_bits(bits: Self::Word) -> Self;
    /// Converts the unsigned integer to a float, rounded to nearest even.
    fn from_word(word: Self::Word) -> Self;
    /// Converts the unsigned integer to a float. Words must be below 2^24, so the result is exact.
    #[inline(always)]
    fn from_small(word: Self::Word) -> Self {
        Self::from_word(word)
    }
    /// Converts the word, read as a signed number, to a float, rounded to nearest even.
    fn from_signed(word: Self::Word) -> Self;
    /// Returns the number `n` of leading zeros of the word `k`, and `(k + ½) 2^n − 2^32`. The second result is rounded
    /// once, to nearest even. For `n = 0` it is `k − 2^32`, without the ½.
    #[inline(always)]
    fn normalized(k: Self::Word) -> (Self, Self) {
        let zeros = k.leading_zeros();
        // The highest bit rotates to the place after the last bit of `k`, where it is the ½. A word whose highest bit
        // is set, read as a signed number, is smaller by 2^32.
        let shifted = k.or(Self::Word::splat(1 << 31)).rotate_left_by(zeros);
        (Self::from_small(zeros), Self::from_signed(shifted))
    }
    /// Returns the mantissa `m` in `[¾, 3/2)` of a positive normal number `2^k m`.
    #[inline(always)]
    fn mantissa(self) -> Self {
        // Adding half of the fraction's range moves a number `2^k m` with m in [3/2, 2) to the exponent k + 1. Its
        // mantissa is then in [¾, 1).
        let bits = self.to_bits();
        let exponent = bits.wrapping_add(Self::Word::splat(0x0040_0000)).and(Self::Word::splat(0xff80_0000));
        Self::from_bits(bits.wrapping_sub(exponent).wrapping_add(Self::Word::splat(0x3f80_0000)))
    }
    /// Returns `self − k` for the nearest integer `k` (ties to even), and `k` in the form that
    /// [`times_power`](Self::times_power) requires. Magnitudes must be below 2^22. A difference of zero may have either
    /// sign.
    #[inline(always)]
    fn split_integer(self) -> (Self, Self) {
        /// Addend that leaves the nearest integer in the low bits.
        const ROUND: f32 = 12_582_912.0;
        let rounded = self + ROUND;
        (self - (rounded - ROUND), rounded)
    }
    /// Multiplies by `2^k`, for a `k` returned by [`split_integer`](Self::split_integer). The result must be a normal
    /// number.
    #[inline(always)]
    fn times_power(self, power: Self) -> Self {
        // The shift keeps only the bits of k.
        Self::from_bits(self.to_bits().wrapping_add(power.to_bits().shl(23)))
    }
    /// Returns the integer part, for `0 ≤ self < 2^32`; other numbers saturate as `as u32` does.
    fn to_word(self) -> Self::Word;

    /// Returns `table[index]` in each lane; zero where there is no such element.
    #[inline]
    fn gather(table: &[Self], index: Self::Word) -> Self {
        (0..).zip(table).fold(Self::ZERO, |found, (k, &x)| Self::select(index.equals(Self::Word::splat(k)), x, found))
    }
    /// Adds `x` to `table[index]` in each lane and leaves the bits of every other element unchanged.
    #[inline]
    fn add_at(table: &mut [Self], index: Self::Word, x: Self) {
        for (k, element) in (0..).zip(table) {
            *element = Self::select(index.equals(Self::Word::splat(k)), *element + x, *element);
        }
    }
    /// Writes `e_k = exp((l_k − max) · scale)` and returns the sum of all except `e_mode`. The terms are added from
    /// first to last. Writes as many numbers as the shorter slice has.
    #[inline(always)]
    fn exponentials(logits: &[Self], mode: Self::Word, max: Self, scale: f32, e: &mut [Self]) -> Self {
        let mut others = Self::ZERO;
        for (k, (&l, e)) in logits.iter().zip(e).enumerate() {
            *e = ((l - max) * scale).exp();
            others = others + Self::select(mode.equals(Self::Word::splat(k as u32)), Self::ZERO, *e);
        }
        others
    }
    /// Adds the terms of `Σ_d x_d rows_d` to `out` from first to last. Rounds each product and each sum. Numbers must
    /// be finite, because the product of zero and infinity may or may not be added.
    #[inline]
    fn add_rows<const D: usize, const K: usize>(out: &mut [Self; K], rows: &[[Self; K]; D], x: &[Self; D]) {
        for (row, &x) in rows.iter().zip(x) {
            for (out, &w) in out.iter_mut().zip(row) {
                *out = *out + x * w;
            }
        }
    }
    /// Adds `x_d step` to `rows_d`, rounding each product and each sum.
    #[inline]
    fn add_outer<const D: usize, const K: usize>(rows: &mut [[Self; K]; D], x: &[Self; D], step: &[Self; K]) {
        for (row, &x) in rows.iter_mut().zip(x) {
            for (w, &s) in row.iter_mut().zip(step) {
                *w = *w + x * s;
            }
        }
    }
    /// Multiplies each row by `decay` and then adds `x_d step` to `rows_d`, rounding each product and each sum.
    #[inline]
    fn decay_add_outer<const D: usize, const K: usize>(
        rows: &mut [[Self; K]; D],
        decay: f32,
        x: &[Self; D],
        step: &[Self; K],
    ) {
        for (row, &x) in rows.iter_mut().zip(x) {
            for (w, &s) in row.iter_mut().zip(step) {
                *w = *w * decay + x * s;
            }
        }
    }
    /// Adds the terms of `Σ_k rows_dk x_k` to `out_d` from first to last. Rounds each product and each sum.
    #[inline]
    fn add_products<const D: usize, const K: usize>(out: &mut [Self; D], rows: &[[Self; K]; D], x: &[Self; K]) {
        for (out, row) in out.iter_mut().zip(rows) {
            *out = row.iter().zip(x).fold(*out, |total, (&w, &x)| total + w * x);
        }
    }
    /// Adds `factor` times `from` to `to`, number by number, rounding each product and each sum.
    #[inline]
    fn add_scaled(to: &mut [Self], factor: Self, from: &[Self]) {
        for (to, &x) in to.iter_mut().zip(from) {
            *to = *to + factor * x;
        }
    }
    /// Returns `start + Σ_k |x_k|`. The terms are added from first to last.
    #[inline]
    fn add_magnitudes(start: Self, x: &[Self]) -> Self {
        x.iter().fold(start, |total, &x| total + x.abs())
    }
    /// Returns `Σ_k (g_k² + v_k)`. The terms `g_0²`, `v_0`, `g_1²`, `v_1`, … are added in this order.
    #[inline]
    fn adam_size(g: &[Self], v: &[Self]) -> Self {
        g.iter().zip(v).fold(Self::ZERO, |total, (&g, &v)| total + g * g + v)
    }
    /// Takes a step of [`Adam`](crate::Adam) and returns `Σ_k w_k²` of the new `w`, from first to last. The constants are
    /// `β₁`, `1 − β₁`, `β₂`, `1 − β₂`, `b₁ = 1 − β₁^n`, `b₂ = 1 − β₂^n`, `ε` and `η`. Every operation is rounded
    /// separately:
    ///
    /// ```text
    /// m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²      w ← w + η (m/b₁) / (√(v/b₂) + ε)
    /// ```
    #[inline]
    fn adam_step(w: &mut [Self], m: &mut [Self], v: &mut [Self], g: &[Self], constants: &[Self; 8]) -> Self {
        let [keep_mean, take_mean, keep_square, take_square, rest_of_mean, rest_of_square, epsilon, rate] = *constants;
        let mut size = Self::ZERO;
        for (((w, m), v), &g) in w.iter_mut().zip(m).zip(v).zip(g) {
            *m = *m * keep_mean + g * take_mean;
            *v = *v * keep_square + g * g * take_square;
            *w = *w + (*m / rest_of_mean) / ((*v / rest_of_square).sqrt() + epsilon) * rate;
            size = size + *w * *w;
        }
        size
    }
    /// Adds `x_d step` to `rows_d[index]` in each lane, rounding each product and each sum, and leaves the bits of
    /// every other element unchanged.
    #[inline]
    fn add_outer_at<const D: usize, const K: usize>(
        rows: &mut [[Self; K]; D],
        index: Self::Word,
        x: &[Self; D],
        step: Self,
    ) {
        for k in 0..K {
            let here = index.equals(Self::Word::splat(k as u32));
            // A column that no lane selects is neither read nor written.
            if here.any() {
                for (row, &x) in rows.iter_mut().zip(x) {
                    row[k] = Self::select(here, row[k] + x * step, row[k]);
                }
            }
        }
    }
    /// Returns `self > other`; false where either is NaN.
    #[inline(always)]
    fn gt(self, other: Self) -> Self::Mask {
        other.lt(self)
    }
    /// Returns the larger number, or `self` where both are equal or `other` is NaN.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self::select(self.lt(other), other, self)
    }
    /// Returns the smaller number, or `self` where both are equal or `other` is NaN.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self::select(other.lt(self), other, self)
    }
    /// Returns the reciprocal.
    #[inline(always)]
    fn recip(self) -> Self {
        Self::ONE / self
    }
}

/// A vector of unsigned 32-bit words with wrapping arithmetic.
///
/// ```
/// use samplegrad_core::lane::Word;
///
/// fn rotated<W: Word>(word: W) -> W {
///     word.shl(8).or(word.shr(24))
/// }
/// assert_eq!(rotated(0x1234_5678_u32), 0x3456_7812);
/// ```
pub trait Word: Copy + core::fmt::Debug + PartialEq + 'static {
    /// One truth value per lane.
    type Mask: Mask;
    /// Number of lanes.
    const LANES: usize;

    /// Returns a vector with `word` in every lane.
    fn splat(word: u32) -> Self;
    /// Returns a vector with `f(i)` in lane `i`.
    fn from_fn(f: impl FnMut(usize) -> u32) -> Self;
    /// Returns the word in lane `lane`; lanes beyond the last repeat the last.
    fn extract(self, lane: usize) -> u32;

    /// Returns the sum, modulo 2^32.
    fn wrapping_add(self, other: Self) -> Self;
    /// Returns the difference, modulo 2^32.
    fn wrapping_sub(self, other: Self) -> Self;
    /// Returns the low half of the 64-bit product.
    fn wrapping_mul(self, other: Self) -> Self;
    /// Returns the high half of the 64-bit product.
    fn mul_high(self, other: Self) -> Self;
    /// Returns the bitwise and.
    fn and(self, other: Self) -> Self;
    /// Returns the bitwise or.
    fn or(self, other: Self) -> Self;
    /// Returns the bitwise exclusive or.
    fn xor(self, other: Self) -> Self;
    /// Shifts left by `bits < 32`.
    fn shl(self, bits: u32) -> Self;
    /// Shifts right by `bits < 32`, filling with zeros.
    fn shr(self, bits: u32) -> Self;
    /// Returns `self < other`, unsigned.
    fn lt(self, other: Self) -> Self::Mask;
    /// Returns `self == other`.
    fn equals(self, other: Self) -> Self::Mask;
    /// Returns `yes` where `mask` holds, `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// Shifts each lane left by the number in the lane of `bits`; zero for 32 and more.
    fn shl_by(self, bits: Self) -> Self;
    /// Shifts each lane right by the number in the lane of `bits`, filling with zeros; zero for 32 and more.
    fn shr_by(self, bits: Self) -> Self;
    /// Shifts right by `bits < 32`, filling with the sign. This divides a signed number by 2^bits and rounds down.
    fn shr_signed(self, bits: u32) -> Self;
    /// Returns `self < other` for the words read as signed numbers.
    fn lt_signed(self, other: Self) -> Self::Mask;
    /// Returns the number of leading zeros, 32 for zero.
    fn leading_zeros(self) -> Self;
    /// Rotates each lane left by the number in the lane of `bits`, at most 32.
    #[inline(always)]
    fn rotate_left_by(self, bits: Self) -> Self {
        self.shl_by(bits).or(self.shr_by(Self::splat(32).wrapping_sub(bits)))
    }

    /// Returns `table[index]` in each lane; zero where there is no such element.
    #[inline]
    fn gather<const N: usize>(table: &[u32; N], index: Self) -> Self {
        Self::from_fn(|lane| table.get(index.extract(lane) as usize).copied().unwrap_or(0))
    }
    /// Returns the bitwise complement.
    #[inline]
    fn not(self) -> Self {
        self.xor(Self::splat(u32::MAX))
    }
    /// Returns `a < b` for 64-bit numbers, each given as a high and a low word.
    #[inline]
    fn wide_lt(a: (Self, Self), b: (Self, Self)) -> Self::Mask {
        a.0.lt(b.0).or(a.0.equals(b.0).and(a.1.lt(b.1)))
    }
}

/// One truth value per lane.
///
/// ```
/// use samplegrad_core::lane::{Lane, Mask};
///
/// fn is_probability<L: Lane>(x: L) -> L::Mask {
///     x.lt(L::ZERO).or(L::ONE.lt(x)).not()
/// }
/// assert!(is_probability(0.5_f32) && !is_probability(1.5_f32));
/// ```
pub trait Mask: Copy + core::fmt::Debug + PartialEq + 'static {
    /// Returns a mask with `value` in every lane.
    fn splat(value: bool) -> Self;
    /// Returns a mask with `f(i)` in lane `i`.
    fn from_fn(f: impl FnMut(usize) -> bool) -> Self;
    /// Returns the truth value in lane `lane`; lanes beyond the last repeat the last.
    fn extract(self, lane: usize) -> bool;
    /// Returns true where both are true.
    fn and(self, other: Self) -> Self;
    /// Returns true where either is true.
    fn or(self, other: Self) -> Self;
    /// Returns true where the mask is false.
    fn not(self) -> Self;
    /// Returns whether the mask is true in any lane.
    fn any(self) -> bool;
    /// Returns whether the mask is true in every lane.
    fn all(self) -> bool;
}

impl Lane for f32 {
    type Word = u32;
    type Mask = bool;

    const LANES: usize = 1;
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const NEG_INFINITY: Self = f32::NEG_INFINITY;

    #[inline]
    fn splat(x: f32) -> Self {
        x
    }
    #[inline]
    fn from_fn(mut f: impl FnMut(usize) -> f32) -> Self {
        f(0)
    }
    #[inline]
    fn extract(self, _lane: usize) -> f32 {
        self
    }
    #[inline(always)]
    fn ln(self) -> Self {
        straight_line::ln(self)
    }
    #[inline(always)]
    fn exp(self) -> Self {
        straight_line::exp(self)
    }
    #[inline]
    fn ln_1p(self) -> Self {
        libm::log1pf(self)
    }
    #[inline]
    fn sqrt(self) -> Self {
        #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
        return samplegrad_vfp::sqrt(self);
        #[cfg(not(all(target_arch = "arm", target_abi = "eabihf", target_os = "none")))]
        libm::sqrtf(self)
    }
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    #[inline]
    fn add_rows<const D: usize, const K: usize>(out: &mut [f32; K], rows: &[[f32; K]; D], x: &[f32; D]) {
        samplegrad_vfp::add_rows(out, rows, x);
    }
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    #[inline]
    fn add_outer<const D: usize, const K: usize>(rows: &mut [[f32; K]; D], x: &[f32; D], step: &[f32; K]) {
        samplegrad_vfp::add_outer(rows, x, step);
    }
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    #[inline]
    fn decay_add_outer<const D: usize, const K: usize>(
        rows: &mut [[f32; K]; D],
        decay: f32,
        x: &[f32; D],
        step: &[f32; K],
    ) {
        samplegrad_vfp::decay_add_outer(rows, decay, x, step);
    }
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    #[inline]
    fn add_products<const D: usize, const K: usize>(out: &mut [f32; D], rows: &[[f32; K]; D], x: &[f32; K]) {
        samplegrad_vfp::add_products(out, rows, x);
    }
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    #[inline]
    fn add_scaled(to: &mut [f32], factor: f32, from: &[f32]) {
        samplegrad_vfp::add_scaled(to, factor, from);
    }
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    #[inline]
    fn add_magnitudes(start: f32, x: &[f32]) -> f32 {
        samplegrad_vfp::add_magnitudes(start, x)
    }
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    #[inline]
    fn adam_size(g: &[f32], v: &[f32]) -> f32 {
        samplegrad_vfp::adam_size(g, v)
    }
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    #[inline]
    fn adam_step(w: &mut [f32], m: &mut [f32], v: &mut [f32], g: &[f32], constants: &[f32; 8]) -> f32 {
        samplegrad_vfp::adam_step(w, m, v, g, constants)
    }
    #[inline]
    fn abs(self) -> Self {
        f32::from_bits(self.to_bits() & 0x7fff_ffff)
    }
    #[inline]
    fn lt(self, other: Self) -> bool {
        self < other
    }
    #[inline]
    fn equals(self, other: Self) -> bool {
        self == other
    }
    #[inline]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }
    #[inline]
    fn to_bits(self) -> u32 {
        f32::to_bits(self)
    }
    #[inline]
    fn from_bits(bits: u32) -> Self {
        f32::from_bits(bits)
    }
    #[inline]
    fn from_word(word: u32) -> Self {
        word as f32
    }
    #[inline]
    fn from_signed(word: u32) -> Self {
        word as i32 as f32
    }
    #[inline]
    fn to_word(self) -> u32 {
        self as u32
    }
    #[inline]
    fn gather(table: &[Self], index: u32) -> Self {
        table.get(index as usize).copied().unwrap_or(0.0)
    }
    #[inline]
    fn add_at(table: &mut [f32], index: u32, x: f32) {
        if let Some(element) = table.get_mut(index as usize) {
            *element += x;
        }
    }
    #[inline]
    fn add_outer_at<const D: usize, const K: usize>(rows: &mut [[f32; K]; D], index: u32, x: &[f32; D], step: f32) {
        for (row, &x) in rows.iter_mut().zip(x) {
            Self::add_at(row, index, x * step);
        }
    }
}

impl Word for u32 {
    type Mask = bool;
    const LANES: usize = 1;

    #[inline]
    fn splat(word: u32) -> Self {
        word
    }
    #[inline]
    fn from_fn(mut f: impl FnMut(usize) -> u32) -> Self {
        f(0)
    }
    #[inline]
    fn extract(self, _lane: usize) -> u32 {
        self
    }
    #[inline]
    fn wrapping_add(self, other: Self) -> Self {
        u32::wrapping_add(self, other)
    }
    #[inline]
    fn wrapping_sub(self, other: Self) -> Self {
        u32::wrapping_sub(self, other)
    }
    #[inline]
    fn wrapping_mul(self, other: Self) -> Self {
        u32::wrapping_mul(self, other)
    }
    #[inline]
    fn mul_high(self, other: Self) -> Self {
        ((u64::from(self) * u64::from(other)) >> 32) as u32
    }
    #[inline]
    fn and(self, other: Self) -> Self {
        self & other
    }
    #[inline]
    fn or(self, other: Self) -> Self {
        self | other
    }
    #[inline]
    fn xor(self, other: Self) -> Self {
        self ^ other
    }
    #[inline]
    fn shl(self, bits: u32) -> Self {
        self.wrapping_shl(bits)
    }
    #[inline]
    fn shr(self, bits: u32) -> Self {
        self.wrapping_shr(bits)
    }
    #[inline]
    fn shl_by(self, bits: Self) -> Self {
        self.checked_shl(bits).unwrap_or(0)
    }
    #[inline]
    fn shr_by(self, bits: Self) -> Self {
        self.checked_shr(bits).unwrap_or(0)
    }
    #[inline]
    fn shr_signed(self, bits: u32) -> Self {
        (self as i32).wrapping_shr(bits) as u32
    }
    #[inline]
    fn lt_signed(self, other: Self) -> bool {
        (self as i32) < other as i32
    }
    #[inline]
    fn leading_zeros(self) -> Self {
        u32::leading_zeros(self)
    }
    #[inline]
    fn rotate_left_by(self, bits: Self) -> Self {
        self.rotate_left(bits)
    }
    #[inline]
    fn lt(self, other: Self) -> bool {
        self < other
    }
    #[inline]
    fn equals(self, other: Self) -> bool {
        self == other
    }
    #[inline]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }
    #[inline]
    fn wide_lt(a: (u32, u32), b: (u32, u32)) -> bool {
        (u64::from(a.0) << 32 | u64::from(a.1)) < (u64::from(b.0) << 32 | u64::from(b.1))
    }
}

impl Mask for bool {
    #[inline]
    fn splat(value: bool) -> Self {
        value
    }
    #[inline]
    fn from_fn(mut f: impl FnMut(usize) -> bool) -> Self {
        f(0)
    }
    #[inline]
    fn extract(self, _lane: usize) -> bool {
        self
    }
    #[inline]
    fn and(self, other: Self) -> Self {
        self & other
    }
    #[inline]
    fn or(self, other: Self) -> Self {
        self | other
    }
    #[inline]
    fn not(self) -> Self {
        !self
    }
    #[inline]
    fn any(self) -> bool {
        self
    }
    #[inline]
    fn all(self) -> bool {
        self
    }
}
