//! SIMD vectors as lanes: [`F32x4`], [`F32x8`], [`F32x16`], with their words and masks.
//!
//! Each is a new type over the vector of the same name in `wide`. It uses only operations of `wide` that round once or
//! select by bits: `+ − × ÷ √`, comparisons and bit operations. The elementary functions of `wide` differ between
//! widths and builds; [`elementary`](crate::lanes::elementary) replaces them. The function `max` of `wide` treats NaN
//! differently from other vectors; [`Lane::select`](samplegrad_core::lane::Lane::select) replaces it.
//! [`arithmetic`](crate::lanes::arithmetic) has the functions that are composed of the operations above.

use core::ops::{Add, Div, Mul, Neg, Sub};

use samplegrad_core::lane::{Mask, Word};
use wide::bytemuck::cast;

macro_rules! lanes {
    ($n:literal, $float:ident, $word:ident, $mask:ident, $wide_float:ident, $wide_word:ident, $wide_int:ident) => {
        #[doc = concat!("`f32` in ", $n, " lanes.")]
        ///
        /// ```
        /// use samplegrad_core::lane::Lane;
        #[doc = concat!("use samplegrad_host::", stringify!($float), ";")]
        ///
        #[doc = concat!("let x = ", stringify!($float), "::from_fn(|lane| lane as f32);")]
        /// assert_eq!((x + 1.0).extract(2), 3.0);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[repr(transparent)]
        pub struct $float(pub(super) wide::$wide_float);

        #[doc = concat!("`u32` in ", $n, " lanes.")]
        ///
        /// ```
        /// use samplegrad_core::lane::Word;
        #[doc = concat!("use samplegrad_host::", stringify!($word), ";")]
        ///
        #[doc = concat!("let w = ", stringify!($word), "::splat(7).mul_high(", stringify!($word), "::splat(1 << 31));")]
        /// assert_eq!(w.extract(0), 3);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(transparent)]
        pub struct $word(pub(super) wide::$wide_word);

        #[doc = concat!("`bool` in ", $n, " lanes: all bits of a lane are set, or none.")]
        ///
        /// ```
        /// use samplegrad_core::lane::Mask;
        #[doc = concat!("use samplegrad_host::", stringify!($mask), ";")]
        ///
        #[doc = concat!("assert!(", stringify!($mask), "::from_fn(|lane| lane == 1).any());")]
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(transparent)]
        pub struct $mask(pub(super) wide::$wide_word);

        impl $float {
            /// Returns the lanes in order.
            #[inline(always)]
            pub fn to_array(self) -> [f32; $n] {
                self.0.to_array()
            }
        }

        impl From<[f32; $n]> for $float {
            #[inline(always)]
            fn from(x: [f32; $n]) -> Self {
                Self(wide::$wide_float::new(x))
            }
        }

        impl $word {
            /// Returns the lanes in order.
            #[inline(always)]
            pub fn to_array(self) -> [u32; $n] {
                self.0.to_array()
            }

            /// Computes an operation lane by lane, because vectors have no instruction for the operation.
            #[inline(always)]
            fn by_lane(self, other: Self, f: impl Fn(u32, u32) -> u32) -> Self {
                let (a, b) = (self.0.to_array(), other.0.to_array());
                Self(wide::$wide_word::new(core::array::from_fn(|lane| f(a[lane], b[lane]))))
            }
        }

        impl From<[u32; $n]> for $word {
            #[inline(always)]
            fn from(x: [u32; $n]) -> Self {
                Self(wide::$wide_word::new(x))
            }
        }

        lanes!(@operator $float, $wide_float, Add, add, +);
        lanes!(@operator $float, $wide_float, Sub, sub, -);
        lanes!(@operator $float, $wide_float, Mul, mul, *);
        lanes!(@operator $float, $wide_float, Div, div, /);

        impl Neg for $float {
            type Output = Self;
            /// Flips the sign bit, also of zeros.
            #[inline(always)]
            fn neg(self) -> Self {
                Self(self.0 ^ wide::$wide_float::splat(-0.0))
            }
        }

        impl Word for $word {
            type Mask = $mask;
            const LANES: usize = $n;

            #[inline(always)]
            fn splat(word: u32) -> Self {
                Self(wide::$wide_word::splat(word))
            }
            #[inline(always)]
            fn from_fn(f: impl FnMut(usize) -> u32) -> Self {
                Self(wide::$wide_word::new(core::array::from_fn(f)))
            }
            #[inline(always)]
            fn extract(self, lane: usize) -> u32 {
                self.0.as_array()[lane.min($n - 1)]
            }
            lanes!(@methods wrapping_add +, wrapping_sub -, wrapping_mul *, and &, or |, xor ^);
            #[inline(always)]
            fn mul_high(self, other: Self) -> Self {
                Self(self.0.mul_keep_high(other.0))
            }
            #[inline(always)]
            fn shl(self, bits: u32) -> Self {
                Self(self.0 << bits)
            }
            #[inline(always)]
            fn shr(self, bits: u32) -> Self {
                Self(self.0 >> bits)
            }
            #[inline(always)]
            fn lt(self, other: Self) -> $mask {
                $mask(self.0.simd_lt(other.0))
            }
            #[inline(always)]
            fn equals(self, other: Self) -> $mask {
                $mask(self.0.simd_eq(other.0))
            }
            #[inline(always)]
            fn select(mask: $mask, yes: Self, no: Self) -> Self {
                Self(mask.0.bitselect(yes.0, no.0))
            }
            #[inline(always)]
            fn shl_by(self, bits: Self) -> Self {
                self.by_lane(bits, Word::shl_by)
            }
            #[inline(always)]
            fn shr_by(self, bits: Self) -> Self {
                self.by_lane(bits, Word::shr_by)
            }
            #[inline(always)]
            fn shr_signed(self, bits: u32) -> Self {
                Self(cast(cast::<_, wide::$wide_int>(self.0) >> bits))
            }
            #[inline(always)]
            fn lt_signed(self, other: Self) -> $mask {
                let signed = |word: Self| cast::<_, wide::$wide_int>(word.0);
                $mask(cast(signed(self).simd_lt(signed(other))))
            }
            #[inline(always)]
            fn leading_zeros(self) -> Self {
                self.by_lane(self, |word, _| word.leading_zeros())
            }
        }

        impl Mask for $mask {
            #[inline(always)]
            fn splat(value: bool) -> Self {
                Self(wide::$wide_word::splat(if value { u32::MAX } else { 0 }))
            }
            #[inline(always)]
            fn from_fn(mut f: impl FnMut(usize) -> bool) -> Self {
                let lane = |lane| if f(lane) { u32::MAX } else { 0 };
                Self(wide::$wide_word::new(core::array::from_fn(lane)))
            }
            #[inline(always)]
            fn extract(self, lane: usize) -> bool {
                self.0.as_array()[lane.min($n - 1)] != 0
            }
            lanes!(@methods and &, or |);
            #[inline(always)]
            fn not(self) -> Self {
                Self(!self.0)
            }
            #[inline(always)]
            fn any(self) -> bool {
                self.0.any()
            }
            #[inline(always)]
            fn all(self) -> bool {
                self.0.all()
            }
        }
    };
    (@methods $($method:ident $operator:tt),*) => {$(
        #[inline(always)]
        fn $method(self, other: Self) -> Self {
            Self(self.0 $operator other.0)
        }
    )*};
    (@operator $float:ident, $wide_float:ident, $trait:ident, $method:ident, $operator:tt) => {
        impl $trait for $float {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(self.0 $operator other.0)
            }
        }
        impl $trait<f32> for $float {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f32) -> Self {
                Self(self.0 $operator wide::$wide_float::splat(other))
            }
        }
    };
}

lanes!(4, F32x4, U32x4, Mask32x4, f32x4, u32x4, i32x4);
lanes!(8, F32x8, U32x8, Mask32x8, f32x8, u32x8, i32x8);
lanes!(16, F32x16, U32x16, Mask32x16, f32x16, u32x16, i32x16);
