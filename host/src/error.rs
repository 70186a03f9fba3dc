//! What the host refuses, and where.

use core::fmt;

/// Why a batch could not be computed or a fleet did not live to its end. Nothing has been written when one of these is
/// returned, but for [`Error::Device`], which is found on the way, and [`Error::Interrupted`].
///
/// ```
/// use samplegrad_host::{Error, batch::Logits};
///
/// assert_eq!(
///     Logits::new(&[0.0; 5], 2).unwrap_err(),
///     Error::NotRows { what: "logits", columns: 2, found: 5 },
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to work on.
    Empty {
        /// The thing refused.
        what: &'static str,
    },
    /// A slice cannot be cut into rows of this many columns.
    NotRows {
        /// The thing refused.
        what: &'static str,
        /// Columns per row.
        columns: usize,
        /// The slice's length.
        found: usize,
    },
    /// A tensor is not of `f32`.
    NotSingle {
        /// The thing refused.
        what: &'static str,
    },
    /// A slice has another length than the shape says.
    Length {
        /// The thing refused.
        what: &'static str,
        /// The length it must have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// A row was refused by the core.
    Row {
        /// The row's number.
        row: usize,
        /// What was wrong with it.
        source: samplegrad_core::Error,
    },
    /// The cost of a sample was not finite.
    Cost {
        /// The row's number.
        row: usize,
        /// The cost, or its slope.
        value: f32,
    },
    /// A device of a fleet was refused by the core.
    Device {
        /// The device's number.
        device: u64,
        /// What was wrong with it.
        source: samplegrad_core::Error,
    },
    /// A batch was stopped ([`batch::interruptible`](crate::batch::interruptible)).
    Interrupted,
    /// A product of sizes does not fit.
    TooLarge {
        /// The thing refused.
        what: &'static str,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::Empty { what } => write!(f, "{what}: there are none, at least one is needed"),
            Error::NotRows { what, columns, found } => {
                write!(f, "{what}: {found} numbers are no whole number of rows of {columns}")
            }
            Error::NotSingle { what } => write!(f, "{what}: the tensor is not of f32, cast it"),
            Error::Length { what, expected, found } => write!(f, "{what}: length {found}, it must be {expected}"),
            Error::Row { row, source } => write!(f, "row {row}: {source}"),
            Error::Cost { row, value } => write!(f, "row {row}: the cost of a sample is {value}, it must be finite"),
            Error::Device { device, source } => write!(f, "device {device}: {source}"),
            Error::Interrupted => f.write_str("stopped before all rows were done"),
            Error::TooLarge { what } => write!(f, "{what}: too large for this machine"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Row { source, .. } | Error::Device { source, .. } => Some(source),
            _ => None,
        }
    }
}
