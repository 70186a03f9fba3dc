//! Errors of plots.

use core::fmt;

/// An error of drawing a plot.
///
/// ```
/// use samplegrad_lab::plot;
///
/// assert!(matches!(plot::learning_curves(&[], &[]), Err(plot::PlotError::Empty { what: "curves" })));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PlotError {
    /// The data are empty.
    Empty {
        /// The name of the missing data.
        what: &'static str,
    },
    /// The rows have different lengths.
    Ragged {
        /// The name of the ragged data.
        what: &'static str,
        /// The row.
        row: usize,
        /// The required length.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// A number is NaN or infinite.
    NotFinite {
        /// The name of the data.
        what: &'static str,
        /// The row of the number.
        row: usize,
        /// The column of the number.
        column: usize,
    },
    /// The drawing library has failed.
    Drawing(String),
}

impl fmt::Display for PlotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlotError::Empty { what } => write!(f, "{what}: there is nothing to draw"),
            PlotError::Ragged { what, row, expected, found } => {
                write!(f, "{what}: row {row} has length {found}, it must have {expected}")
            }
            PlotError::NotFinite { what, row, column } => write!(f, "{what}: row {row}, column {column} is not finite"),
            PlotError::Drawing(reason) => write!(f, "drawing: {reason}"),
        }
    }
}

impl std::error::Error for PlotError {}
