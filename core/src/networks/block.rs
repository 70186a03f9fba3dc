//! Blocks: the numbers that a learner moves, and the gradients, traces and moments of the same shape.

use core::fmt::Debug;

use crate::{
    arithmetic::lane::{Lane, Mask},
    limits,
    settings::learning::MaxNorm,
    stored::numbers::Numbers,
};

/// The parameters of a network, and everything of the same shape: a gradient, an eligibility trace, a moment of an
/// optimizer. Optimizers and learners use only this trait.
///
/// A block has one order of its numbers. Every sum over the block runs in this order.
///
/// ```
/// use samplegrad_core::{Block, Parameters};
///
/// let mut trace = Parameters::<1, 2>::new([[[1.0, 2.0]]], [[3.0, 4.0]])?;
/// trace.fade(0.5);
/// assert_eq!(trace.fold(0.0, |sum, &x| sum + x), 5.0);
/// assert_eq!(Parameters::<1, 2>::ZERO, Parameters::zero());
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
// The supertrait seals the trait: what a learner stores is a type of this crate.
#[allow(private_bounds)]
pub trait Block: Copy + Debug + PartialEq + Numbers {
    /// The lane of each number.
    type Lane: Lane;
    /// The block of zeros.
    const ZERO: Self;

    /// Folds the numbers from first to last.
    fn fold<T>(&self, start: T, f: impl FnMut(T, &Self::Lane) -> T) -> T;
    /// Calls `f` for every number, from first to last.
    fn each(&mut self, f: impl FnMut(&mut Self::Lane));
    /// Calls `f` for every number and the number of another block in the same place, from first to last.
    fn each_with(&mut self, other: &Self, f: impl FnMut(&mut Self::Lane, &Self::Lane));

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

/// A learned estimate of the return, with a gradient: the critic of an actor–critic learner.
///
/// ```
/// use samplegrad_core::{Features, Parameters, ValueFunction};
///
/// let critic = Parameters::<1, 1>::new([[[2.0]]], [[0.5]])?;
/// let (x, mut gradient) = (Features::new([3.0])?, Parameters::zero());
/// assert_eq!(critic.value(&x), 6.5);
/// critic.add_value_gradient(&x, 2.0, &mut gradient);
/// assert_eq!((gradient.weights()[0][0], gradient.bias()[0]), ([6.0], [2.0]));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait ValueFunction: Block {
    /// The input.
    type Input: ?Sized;

    /// Returns the estimate, within ±10^9.
    fn value(&self, input: &Self::Input) -> Self::Lane;
    /// Adds `factor` times the gradient of the estimate in the parameters to a block.
    fn add_value_gradient(&self, input: &Self::Input, factor: Self::Lane, to: &mut Self);
}
