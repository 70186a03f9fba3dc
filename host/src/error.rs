//! The errors of the host.

use core::fmt;

/// An error of a batch or of a fleet. Nothing has been written when an error is returned, except for [`Error::Device`],
/// which is found during the run, and [`Error::Interrupted`].
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
    /// An empty input.
    Empty {
        /// The input refused.
        what: &'static str,
    },
    /// A slice whose length is not a multiple of the number of columns.
    NotRows {
        /// The input refused.
        what: &'static str,
        /// Columns per row.
        columns: usize,
        /// The slice's length.
        found: usize,
    },
    /// A tensor of another type than `f32`.
    NotSingle {
        /// The input refused.
        what: &'static str,
    },
    /// A slice of another length than the shape requires.
    Length {
        /// The input refused.
        what: &'static str,
        /// The required length.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// A row refused by the core.
    Row {
        /// The row's number.
        row: usize,
        /// The error of the core.
        source: samplegrad_core::Error,
    },
    /// A sample whose cost is not finite.
    Cost {
        /// The row's number.
        row: usize,
        /// The cost, or its derivative.
        value: f32,
    },
    /// A device of a fleet refused by the core.
    Device {
        /// The device's number.
        device: u64,
        /// The error of the core.
        source: samplegrad_core::Error,
    },
    /// A batch stopped by the caller ([`batch::interruptible`](crate::batch::interruptible)).
    Interrupted,
    /// A product of sizes that does not fit.
    TooLarge {
        /// The input refused.
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
