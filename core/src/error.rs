//! What is refused, and where.

use core::fmt;

/// Why a value could not be built.
///
/// Input is checked once, where a value is built; after that nothing can fail. Each variant names the thing that was
/// refused (`what`) and the place in it.
///
/// ```
/// use samplegrad_core::{Error, Logits};
///
/// assert_eq!(Logits::<4>::new(&[0.0, f32::NAN]), Err(Error::NotANumber { what: "logits", index: 1 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// Nothing was given where at least one element is needed.
    Empty {
        /// The thing refused.
        what: &'static str,
    },
    /// More elements than the type has room for.
    Capacity {
        /// The thing refused.
        what: &'static str,
        /// How many elements were given.
        len: usize,
        /// How many there is room for.
        capacity: usize,
    },
    /// Two things that belong together have different lengths.
    Length {
        /// The thing refused.
        what: &'static str,
        /// The length it must have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// An element is NaN.
    NotANumber {
        /// The thing refused.
        what: &'static str,
        /// The element's index.
        index: usize,
    },
    /// An element is infinite where it must be finite.
    Infinite {
        /// The thing refused.
        what: &'static str,
        /// The element's index.
        index: usize,
    },
    /// Every class is masked: there is nothing left to choose from.
    AllMasked {
        /// The thing refused.
        what: &'static str,
    },
    /// A number lies outside its range (NaN lies outside of every range).
    OutOfRange {
        /// The thing refused.
        what: &'static str,
        /// The number.
        value: f32,
        /// What it must satisfy.
        requirement: &'static str,
    },
    /// A matrix that must be positive definite is not: a pivot of its Cholesky factor is not positive.
    NotPositiveDefinite {
        /// The thing refused.
        what: &'static str,
        /// The row of the pivot; the block above and left of it is positive definite.
        row: usize,
        /// What is left of the diagonal element there.
        pivot: f32,
    },
    /// An index names no element.
    NoSuchIndex {
        /// The thing refused.
        what: &'static str,
        /// The index.
        index: usize,
        /// How many elements there are.
        len: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::Empty { what } => write!(f, "{what}: empty, at least one element is needed"),
            Error::Capacity { what, len, capacity } => {
                write!(f, "{what}: {len} elements, there is room for {capacity}")
            }
            Error::Length { what, expected, found } => {
                write!(f, "{what}: length {found}, it must be {expected}")
            }
            Error::NotANumber { what, index } => write!(f, "{what}[{index}]: not a number (NaN)"),
            Error::Infinite { what, index } => write!(f, "{what}[{index}]: infinite, it must be finite"),
            Error::AllMasked { what } => write!(f, "{what}: every class is masked, at least one must be possible"),
            Error::OutOfRange { what, value, requirement } => write!(f, "{what}: {value}, it must be {requirement}"),
            Error::NotPositiveDefinite { what, row, pivot } => {
                write!(f, "{what}: not positive definite, pivot {pivot} in row {row}")
            }
            Error::NoSuchIndex { what, index, len } => {
                write!(f, "{what}: index {index}, there are {len}")
            }
        }
    }
}

impl core::error::Error for Error {}
