//! The error of constructors: the rejected input, the reason and the position.

use core::fmt;

/// Reason why a value could not be built.
///
/// Input is checked once, in the constructor of a value. After construction, no operation can fail. Each variant names
/// the rejected input (`what`) and the position in it.
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
    /// Empty input where at least one element is needed.
    Empty {
        /// The name of the rejected input.
        what: &'static str,
    },
    /// More elements than the type has room for.
    Capacity {
        /// The name of the rejected input.
        what: &'static str,
        /// The number of elements given.
        len: usize,
        /// The number of elements that fit.
        capacity: usize,
    },
    /// Two inputs that belong together have different lengths.
    Length {
        /// The name of the rejected input.
        what: &'static str,
        /// The length it must have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// An element is NaN.
    NotANumber {
        /// The name of the rejected input.
        what: &'static str,
        /// The element's index.
        index: usize,
    },
    /// An element is infinite where it must be finite.
    Infinite {
        /// The name of the rejected input.
        what: &'static str,
        /// The element's index.
        index: usize,
    },
    /// A logit is +∞. A logit is finite, or −∞ for a masked class.
    PositiveInfinity {
        /// The name of the rejected input.
        what: &'static str,
        /// The element's index.
        index: usize,
    },
    /// Every class is masked, so no class can be chosen.
    AllMasked {
        /// The name of the rejected input.
        what: &'static str,
    },
    /// A number lies outside its range (NaN lies outside of every range).
    OutOfRange {
        /// The name of the rejected input.
        what: &'static str,
        /// The number.
        value: f32,
        /// The condition that it must satisfy.
        requirement: &'static str,
    },
    /// A matrix is not positive definite, although it must be. A pivot of its Cholesky factor is not positive.
    NotPositiveDefinite {
        /// The name of the rejected input.
        what: &'static str,
        /// The row of the pivot; the block above and left of it is positive definite.
        row: usize,
        /// The diagonal element of that row after elimination.
        pivot: f32,
    },
    /// An index names no element.
    NoSuchIndex {
        /// The name of the rejected input.
        what: &'static str,
        /// The index.
        index: usize,
        /// The number of elements.
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
            Error::PositiveInfinity { what, index } => {
                write!(f, "{what}[{index}]: +∞, it must be finite, or −∞ for a masked class")
            }
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
