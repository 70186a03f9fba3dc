//! Vectors of fixed capacity that are as long as another one.

use core::{
    fmt::Debug,
    ops::{Deref, DerefMut},
};

use heapless::Vec;

use crate::arithmetic::lane::Lane;

/// A vector of fixed capacity, which is known where the variables are made and nowhere else: what
/// [`Variables`](crate::variables::Variables) return.
///
/// ```
/// use samplegrad_core::{heapless::Vec, variables::FixedVec};
///
/// let two: Vec<f32, 2> = FixedVec::collected([1.0, 2.0, 3.0]);
/// assert_eq!(two, [1.0, 2.0]);
/// ```
pub trait FixedVec<T>: Clone + Debug + Default + PartialEq + Deref<Target = [T]> + DerefMut {
    /// The elements of an iterator, as many as there is room for.
    fn collected(elements: impl IntoIterator<Item = T>) -> Self;
    /// A vector of `len` copies of an element; empty where there is no room for them.
    fn repeated(element: T, len: usize) -> Self;
    /// Adds an element, if there is room.
    fn add(&mut self, element: T);
    /// A vector of `len` zeros; empty where there is no room for them.
    #[inline]
    fn zeros(len: usize) -> Self
    where
        T: Lane,
    {
        Self::repeated(T::ZERO, len)
    }
}

impl<T: Clone + Debug + PartialEq, const N: usize> FixedVec<T> for Vec<T, N> {
    // `collect` panics where there are more, and a vector's iterator by value can panic when dropped: iterate by reference.
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
        // An empty vector makes every kernel, working on the shortest, do nothing.
        let _ = vec.resize(len, element);
        vec
    }

    #[inline]
    fn add(&mut self, element: T) {
        let _ = self.push(element);
    }
}

/// A slice as the array that fills a vector of that capacity, if it does: then the compiler knows how long every loop is.
#[inline]
pub(crate) fn full<const N: usize, L>(x: &[L]) -> Option<&[L; N]> {
    x.try_into().ok()
}

/// A copy of a slice that is as long as another vector of that capacity.
pub(crate) fn copied<const N: usize, L: Lane>(x: &[L]) -> Vec<L, N> {
    // Cannot fail, but the compiler does not always see it; an empty vector makes every kernel do nothing.
    Vec::from_slice(x).unwrap_or_default()
}

/// A vector of `len` zeros; there is room for them because `len` is the length of another vector of that capacity.
#[inline]
pub(crate) fn zeros<const N: usize, L: Lane>(len: usize) -> Vec<L, N> {
    Vec::zeros(len)
}

/// The elements of an iterator, as many as there is room for.
#[inline]
pub(crate) fn collected<T, V: FixedVec<T>>(elements: impl IntoIterator<Item = T>) -> V {
    V::collected(elements)
}

/// Implements what `derive` would for a type over variables, with bounds on the types of the fields and not on the variables.
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
                defmt::write!(f, "{=str} {{", stringify!($name));
                $(defmt::write!(f, " {=str}: {},", stringify!($field), self.$field);)+
                defmt::write!(f, " }}");
            }
        }
    };
}
pub(crate) use by_fields;
