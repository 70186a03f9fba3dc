//! Large arrays of learners, named after the range of their numbers.
//!
//! Learners use each type as its array. Deserialization overwrites the existing array: a thousand numbers that move
//! from function to function would take several times their size on the stack.

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
        impl<N: crate::stored::numbers::Numbers> serde::Serialize for $name<N> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::stored::numbers::$form::serialize(&self.0, serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de, N: crate::stored::numbers::Numbers> serde::Deserialize<'de> for $name<N> {
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
    /// The traces and sums of an episode.
    Finite: finite;
    /// Parameters, and the velocity of an optimizer: at most 10^15.
    Kept: kept;
    /// Learned numbers of a model or an optimizer, at most 10^30.
    Learned: learned;
    /// Adam's means of squares.
    Squares: square;
}
