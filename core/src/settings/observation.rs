//! The trait of inputs that a learner can normalise.

use core::fmt::Debug;

use crate::{arithmetic::lane::Lane, limits, settings::features::Features, stored::flat::Numbers};

/// An input that a learner can normalise: a fixed number of finite numbers.
///
/// ```
/// use samplegrad_core::{Features, Observation};
///
/// assert_eq!(Features::new([1.0_f32, 2.0])?.to_array(), [1.0, 2.0]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
// The supertrait of the array seals the trait: what a learner stores is a type of this crate.
#[allow(private_bounds)]
pub trait Observation: Copy + Debug + PartialEq {
    /// The lane of each number.
    type Lane: Lane;
    /// The numbers.
    type Array: Copy + Debug + PartialEq + AsRef<[Self::Lane]> + AsMut<[Self::Lane]> + Numbers;
    /// An array of zeros.
    const ZEROS: Self::Array;

    /// Returns the numbers.
    fn to_array(&self) -> Self::Array;
    /// Returns `yes` where the mask holds, `no` elsewhere.
    fn select(mask: <Self::Lane as Lane>::Mask, yes: &Self, no: &Self) -> Self;
    /// Creates the input from numbers within ±10^6.
    #[doc(hidden)]
    fn from_bounded(array: Self::Array) -> Self;
}

impl<const D: usize, L: Lane> Observation for Features<D, L> {
    type Lane = L;
    type Array = [L; D];
    const ZEROS: [L; D] = [L::ZERO; D];

    #[inline]
    fn to_array(&self) -> [L; D] {
        *self.as_array()
    }
    #[inline]
    fn select(mask: L::Mask, yes: &Self, no: &Self) -> Self {
        let mut numbers = no.to_array();
        for (number, &yes) in numbers.iter_mut().zip(yes.as_array()) {
            *number = L::select(mask, yes, *number);
        }
        Self::trusted(numbers)
    }
    #[inline]
    fn from_bounded(array: [L; D]) -> Self {
        Self::trusted(array.map(limits::reward))
    }
}
