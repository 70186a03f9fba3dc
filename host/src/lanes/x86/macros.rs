//! Macros for operations that the vectors of AVX2 and of AVX-512 share.

/// Implements an operator on two vectors, and on a vector and a number, with an intrinsic.
macro_rules! operator {
    ($type:ident, $trait:ident, $method:ident, $intrinsic:ident) => {
        impl core::ops::$trait for $type {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: see the parent module `x86`.
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        }
        impl core::ops::$trait<f32> for $type {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f32) -> Self {
                core::ops::$trait::$method(self, <Self as Lane>::splat(other))
            }
        }
    };
}
pub(super) use operator;

/// Implements the code that a vector of floats and a vector of words share: conversion to arrays, comparison, debug output and negation.
macro_rules! by_array {
    ($n:literal, $float:ident, $word:ident) => {
        impl $float {
            #[inline(always)]
            fn to_array(self) -> [f32; $n] {
                // SAFETY: the vector and the array have the same size, and every bit pattern is valid in both.
                unsafe { core::mem::transmute(self.0) }
            }
        }

        impl PartialEq for $float {
            fn eq(&self, other: &Self) -> bool {
                self.to_array() == other.to_array()
            }
        }

        impl core::fmt::Debug for $float {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_tuple(stringify!($float)).field(&self.to_array()).finish()
            }
        }

        impl core::ops::Neg for $float {
            type Output = Self;
            /// Flips the sign bit, also of zeros.
            #[inline(always)]
            fn neg(self) -> Self {
                Self::from_bits(self.to_bits().xor($word::splat(0x8000_0000)))
            }
        }

        impl $word {
            #[inline(always)]
            fn to_array(self) -> [u32; $n] {
                // SAFETY: the vector and the array have the same size, and every bit pattern is valid in both.
                unsafe { core::mem::transmute(self.0) }
            }
        }

        impl PartialEq for $word {
            fn eq(&self, other: &Self) -> bool {
                self.to_array() == other.to_array()
            }
        }

        impl core::fmt::Debug for $word {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_tuple(stringify!($word)).field(&self.to_array()).finish()
            }
        }
    };
}
pub(super) use by_array;

/// Implements methods on two vectors of words. Each method is one intrinsic.
macro_rules! by_intrinsic {
    ($($method:ident: $intrinsic:ident;)*) => {$(
        #[inline(always)]
        fn $method(self, other: Self) -> Self {
            // SAFETY: see the parent module `x86`.
            Self(unsafe { $intrinsic(self.0, other.0) })
        }
    )*};
}
pub(super) use by_intrinsic;
