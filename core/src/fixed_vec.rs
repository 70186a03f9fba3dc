//! Vectors of fixed capacity that are as long as another one.

use heapless::Vec;

use crate::arithmetic::lane::Lane;

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

/// A vector of `len` zeros; `len` is at most `N` because it is the length of another vector of that capacity.
pub(crate) fn zeros<const N: usize, L: Lane>(len: usize) -> Vec<L, N> {
    let mut zeros = Vec::new();
    // Cannot fail; if it did the vector would be empty and every kernel, working on the shortest, would do nothing.
    let _ = zeros.resize(len, L::ZERO);
    zeros
}

/// The elements of an iterator, at most `N` of them. (`collect` panics where there are more, and a
/// vector's iterator by value can panic when dropped: iterate by reference.)
pub(crate) fn collected<const N: usize, T>(elements: impl IntoIterator<Item = T>) -> Vec<T, N> {
    let mut vec = Vec::new();
    for element in elements {
        if vec.push(element).is_err() {
            break;
        }
    }
    vec
}
