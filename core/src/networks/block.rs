//! Blocks: the numbers that a learner moves, and the gradients, traces and moments of the same shape.

use core::fmt::Debug;

use crate::{
    arithmetic::lane::{Lane, Mask},
    limits,
    settings::learning::MaxNorm,
    stored::flat::Numbers,
};

/// The parameters of a network, and everything of the same shape: a gradient, an eligibility trace, a moment of an
/// optimizer. Optimizers and learners use only this trait.
///
/// A block has one order of its numbers, and consists of rows of numbers that are contiguous in memory. Every sum over
/// the block runs in this order.
///
/// ```
/// use samplegrad_core::{Block, Dense};
///
/// let mut trace = Dense::<1, 2>::new([[[1.0, 2.0]]], [[3.0, 4.0]])?;
/// trace.fade(0.5);
/// assert_eq!(trace.fold(0.0, |sum, &x| sum + x), 5.0);
/// assert_eq!(Dense::<1, 2>::ZERO, Dense::zero());
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
// The supertrait seals the trait: what a learner stores is a type of this crate.
#[allow(private_bounds)]
pub trait Block: Copy + Debug + PartialEq + Numbers<Number = <Self as Block>::Lane> {
    /// The lane of each number.
    type Lane: Lane;
    /// The block of zeros.
    const ZERO: Self;

    /// Folds the rows of numbers from first to last.
    fn fold_rows<T>(&self, start: T, f: impl FnMut(T, &[Self::Lane]) -> T) -> T;
    /// Calls `f` for every row of numbers, from first to last.
    fn each_row(&mut self, f: impl FnMut(&mut [Self::Lane]));
    /// Calls `f` for every row of numbers and the row of another block in the same place, from first to last.
    fn each_row_with(&mut self, other: &Self, f: impl FnMut(&mut [Self::Lane], &[Self::Lane]));

    /// Calls `f` for every row of numbers and the rows of three other blocks in the same place, from first to last.
    fn each_row_with_three(
        &mut self,
        first: &mut Self,
        second: &mut Self,
        third: &Self,
        f: impl FnMut(&mut [Self::Lane], &mut [Self::Lane], &mut [Self::Lane], &[Self::Lane]),
    );

    /// Folds the numbers from first to last.
    #[inline]
    fn fold<T>(&self, start: T, mut f: impl FnMut(T, &Self::Lane) -> T) -> T {
        self.fold_rows(start, |total, row| row.iter().fold(total, &mut f))
    }

    /// Calls `f` for every number, from first to last.
    #[inline]
    fn each(&mut self, mut f: impl FnMut(&mut Self::Lane)) {
        self.each_row(|row| row.iter_mut().for_each(&mut f));
    }

    /// Calls `f` for every number and the number of another block in the same place, from first to last.
    #[inline]
    fn each_with(&mut self, other: &Self, mut f: impl FnMut(&mut Self::Lane, &Self::Lane)) {
        self.each_row_with(other, |row, other| row.iter_mut().zip(other).for_each(|(x, y)| f(x, y)));
    }

    /// Multiplies every number by a factor from 0 to 1, and keeps it within the largest magnitude, 10^15.
    #[inline]
    fn fade(&mut self, factor: f32) {
        self.each(|x| *x = limits::parameter(*x * factor));
    }

    /// Adds `factor` times another block, and keeps every number within the largest magnitude, 10^15.
    #[inline]
    fn add_scaled(&mut self, factor: Self::Lane, other: &Self) {
        self.each_with(other, |x, &y| *x = limits::parameter(*x + factor * y));
    }

    /// Returns the Euclidean norm of all numbers.
    #[inline]
    fn norm(&self) -> Self::Lane {
        self.fold(Self::Lane::ZERO, |total, &x| total + x * x).sqrt()
    }

    /// Returns the sum of the magnitudes of all numbers.
    #[inline]
    fn length(&self) -> Self::Lane {
        self.fold_rows(Self::Lane::ZERO, Self::Lane::add_magnitudes)
    }

    /// Returns the sum of the magnitudes of all numbers, after it has kept every number within the largest magnitude,
    /// 10^15. Numbers up to 10^30 before the call give a finite sum.
    #[inline]
    fn bounded_length(&mut self) -> Self::Lane {
        let sum = self.length();
        // Every magnitude is at most the sum, so lanes with a smaller sum hold no number to be kept.
        if Self::Lane::splat(limits::PARAMETER).lt(sum).any() {
            self.each(|x| *x = limits::parameter(*x));
            return self.length();
        }
        sum
    }

    /// Adds `factor` times another block to this one, and does not bound the result.
    #[inline]
    fn add_scaled_unbounded(&mut self, factor: Self::Lane, other: &Self) {
        self.each_row_with(other, |row, other| Self::Lane::add_scaled(row, factor, other));
    }

    /// Scales the block down to a norm, if its norm is larger. Otherwise its bits do not change.
    #[inline]
    fn clip(&mut self, max: MaxNorm) {
        self.each(|x| *x = limits::parameter(*x));
        let norm = self.norm();
        let longer = Self::Lane::splat(max.get()).lt(norm);
        if longer.any() {
            let factor = Self::Lane::select(longer, Self::Lane::splat(max.get()) / norm, Self::Lane::ONE);
            self.each(|x| *x = *x * factor);
        }
    }

    /// Sets every number to zero in the lanes where the mask holds.
    #[inline]
    fn forget(&mut self, lanes: <Self::Lane as Lane>::Mask) {
        if lanes.any() {
            self.each(|x| *x = Self::Lane::select(lanes, Self::Lane::ZERO, *x));
        }
    }
}
