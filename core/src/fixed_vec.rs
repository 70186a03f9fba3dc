//! Vectors of fixed capacity, and functions that create a vector as long as another one.

use core::{
    fmt::Debug,
    ops::{Deref, DerefMut},
};

use heapless::Vec;

use crate::arithmetic::lane::Lane;

/// A vector of fixed capacity, returned by [`Variables`](crate::variables::Variables). The capacity is known only to
/// the code that constructs the variables.
///
/// ```
/// use samplegrad_core::{heapless::Vec, variables::FixedVec};
///
/// let two: Vec<f32, 2> = FixedVec::collected([1.0, 2.0, 3.0]);
/// assert_eq!(two, [1.0, 2.0]);
/// ```
pub trait FixedVec<T>: Clone + Debug + Default + PartialEq + Deref<Target = [T]> + DerefMut {
    /// Collects the elements of an iterator. Elements beyond the capacity are left out.
    fn collected(elements: impl IntoIterator<Item = T>) -> Self;
    /// Returns a vector of `len` copies of an element. The vector is empty if `len` exceeds the capacity.
    fn repeated(element: T, len: usize) -> Self;
    /// Adds an element, if there is room.
    fn add(&mut self, element: T);
    /// Returns a vector of `len` zeros. The vector is empty if `len` exceeds the capacity.
    #[inline]
    fn zeros(len: usize) -> Self
    where
        T: Lane,
    {
        Self::repeated(T::ZERO, len)
    }
}

impl<T: Clone + Debug + PartialEq, const N: usize> FixedVec<T> for Vec<T, N> {
    // `collect` panics if there are more elements than fit, and a vector's by-value iterator can panic when dropped.
    // This code therefore iterates by reference.
    #[inline]
    fn collected(elements: impl IntoIterator<Item = T>) -> Self {
        let mut vec = Self::new();
        for element in elements {
            if vec.push(element).is_err() {
                break;
            }
        }
        vec
    }

    #[inline]
    fn repeated(element: T, len: usize) -> Self {
        let mut vec = Self::new();
        // Kernels process as many elements as the shortest of their slices has. With an empty vector they do nothing.
        let _ = vec.resize(len, element);
        vec
    }

    #[inline]
    fn add(&mut self, element: T) {
        let _ = self.push(element);
    }
}

/// Returns the slice as an array if its length is `N`. With an array, the compiler knows the length of every loop.
#[inline]
pub(crate) fn full<const N: usize, L>(x: &[L]) -> Option<&[L; N]> {
    x.try_into().ok()
}

/// Copies a slice that is as long as another vector of capacity `N`.
pub(crate) fn copied<const N: usize, L: Lane>(x: &[L]) -> Vec<L, N> {
    // This cannot fail, but the compiler cannot always prove it. An empty vector would make every kernel do nothing.
    Vec::from_slice(x).unwrap_or_default()
}

/// Returns a vector of `len` zeros. The zeros fit, because `len` is the length of another vector of capacity `N`.
#[inline]
pub(crate) fn zeros<const N: usize, L: Lane>(len: usize) -> Vec<L, N> {
    Vec::zeros(len)
}

/// Collects the elements of an iterator. Elements beyond the capacity are left out.
#[inline]
pub(crate) fn collected<T, V: FixedVec<T>>(elements: impl IntoIterator<Item = T>) -> V {
    V::collected(elements)
}

/// Writes the name of a type and its fields to a `defmt` log.
#[cfg(feature = "defmt")]
macro_rules! write_fields {
    ($self:ident, $f:ident, $name:ident { $($field:ident),+ }) => {
        defmt::write!($f, "{=str} {{", stringify!($name));
        $(defmt::write!($f, " {=str}: {},", stringify!($field), $self.$field);)+
        defmt::write!($f, " }}");
    };
}
#[cfg(feature = "defmt")]
pub(crate) use write_fields;

/// Implements the traits that `derive` would implement, but with trait bounds on the types of the fields instead of the
/// type of the variables.
macro_rules! by_fields {
    ($name:ident<$v:ident: $bound:ident $(, const $k:ident: usize)?> { $($field:ident: $type:ty),+ }) => {
        impl<$v: $bound $(, const $k: usize)?> Clone for $name<$v $(, $k)?> {
            fn clone(&self) -> Self {
                Self { $($field: self.$field.clone()),+ }
            }
        }

        impl<$v: $bound $(, const $k: usize)?> core::fmt::Debug for $name<$v $(, $k)?> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))+.finish()
            }
        }

        impl<$v: $bound $(, const $k: usize)?> PartialEq for $name<$v $(, $k)?> {
            fn eq(&self, other: &Self) -> bool {
                $(self.$field == other.$field)&&+
            }
        }

        #[cfg(feature = "defmt")]
        impl<$v: $bound $(, const $k: usize)?> defmt::Format for $name<$v $(, $k)?>
        where
            $($type: defmt::Format),+
        {
            fn format(&self, f: defmt::Formatter<'_>) {
                crate::fixed_vec::write_fields!(self, f, $name { $($field),+ });
            }
        }
    };
}
pub(crate) use by_fields;

/// Implements `defmt::Format`, with the given trait bounds, for a type whose fields have associated types of its
/// parameters.
macro_rules! format_where {
    ($name:ident<$($v:ident $(: $trait:ident)?),+> { $($field:ident),+ } where $($bounded:ty),+) => {
        #[cfg(feature = "defmt")]
        impl<$($v $(: $trait)?),+> defmt::Format for $name<$($v),+>
        where
            $($bounded: defmt::Format),+
        {
            fn format(&self, f: defmt::Formatter<'_>) {
                crate::fixed_vec::write_fields!(self, f, $name { $($field),+ });
            }
        }
    };
}
pub(crate) use format_where;
