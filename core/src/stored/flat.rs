//! The flat order of a learner's numbers.

use crate::arithmetic::lane::Lane;

/// A number per lane, or an array of such numbers, or an array of arrays.
// Only the stored form uses the methods.
#[cfg_attr(not(feature = "serde"), allow(dead_code))]
pub(crate) trait Numbers {
    /// A number of every lane.
    type Number: Lane;
    /// Count of numbers per lane.
    const COUNT: usize;

    /// Returns zeros.
    fn zeros() -> Self;
    /// Returns the numbers from first to last.
    fn numbers(&self) -> impl Iterator<Item = &Self::Number>;
    /// Returns the numbers from first to last, to overwrite them.
    fn numbers_mut(&mut self) -> impl Iterator<Item = &mut Self::Number>;
}

impl<L: Lane> Numbers for L {
    type Number = L;
    const COUNT: usize = 1;

    fn zeros() -> Self {
        L::ZERO
    }
    fn numbers(&self) -> impl Iterator<Item = &L> {
        core::iter::once(self)
    }
    fn numbers_mut(&mut self) -> impl Iterator<Item = &mut L> {
        core::iter::once(self)
    }
}

impl<const K: usize, L: Lane> Numbers for [L; K] {
    type Number = L;
    const COUNT: usize = K;

    fn zeros() -> Self {
        [L::ZERO; K]
    }
    fn numbers(&self) -> impl Iterator<Item = &L> {
        self.iter()
    }
    fn numbers_mut(&mut self) -> impl Iterator<Item = &mut L> {
        self.iter_mut()
    }
}

impl<const D: usize, const K: usize, L: Lane> Numbers for [[L; K]; D] {
    type Number = L;
    const COUNT: usize = D * K;

    fn zeros() -> Self {
        [[L::ZERO; K]; D]
    }
    fn numbers(&self) -> impl Iterator<Item = &L> {
        self.iter().flatten()
    }
    fn numbers_mut(&mut self) -> impl Iterator<Item = &mut L> {
        self.iter_mut().flatten()
    }
}
