//! Vectors of fixed capacity that are as long as another one.

use heapless::Vec;

use crate::lane::Lane;

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
