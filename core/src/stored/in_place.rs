//! Types for the large arrays of learners. Each type is named after the allowed range of its numbers.
//!
//! Each type dereferences to its array. Deserialization overwrites the existing array. If functions passed a thousand
//! numbers by value instead, the stack would need several times the size of the array.

use core::ops::{Deref, DerefMut};

macro_rules! state {
    ($($(#[$doc:meta])* $name:ident: $form:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub(crate) struct $name<N>(pub(crate) N);

        impl<N> Deref for $name<N> {
            type Target = N;

            #[inline]
            fn deref(&self) -> &N {
                &self.0
            }
        }

        impl<N> DerefMut for $name<N> {
            #[inline]
            fn deref_mut(&mut self) -> &mut N {
                &mut self.0
            }
        }

        #[cfg(feature = "serde")]
        impl<N: crate::stored::flat::Numbers> serde::Serialize for $name<N> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::stored::numbers::$form::serialize(&self.0, serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de, N: crate::stored::flat::Numbers> serde::Deserialize<'de> for $name<N> {
            #[inline]
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::stored::numbers::$form::deserialize(deserializer).map(Self)
            }

            #[inline]
            fn deserialize_in_place<D: serde::Deserializer<'de>>(deserializer: D, place: &mut Self) -> Result<(), D::Error> {
                crate::stored::numbers::$form::fill(deserializer, &mut place.0)
            }
        }
    )*};
}

state! {
    /// The traces and sums of an episode, which must be finite.
    Finite: finite;
    /// Parameters and the velocities of optimizers, at most 10^15 in magnitude.
    Kept: kept;
    /// Learned numbers of a model or an optimizer, at most 10^30 in magnitude.
    Learned: learned;
    /// The means of squared gradients in Adam.
    Squares: square;
}
