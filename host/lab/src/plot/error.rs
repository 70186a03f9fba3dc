//! Why a plot could not be drawn.

use core::fmt;

/// Why a plot could not be drawn.
///
/// ```
/// use samplegrad_lab::plot;
///
/// assert!(matches!(plot::learning_curves(&[], &[]), Err(plot::PlotError::Empty { what: "curves" })));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PlotError {
    /// There is nothing to draw.
    Empty {
        /// The name of the missing data.
        what: &'static str,
    },
    /// Rows of different lengths.
    Ragged {
        /// The name of the ragged data.
        what: &'static str,
        /// The row.
        row: usize,
        /// The length it must have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// A number is NaN or infinite.
    NotFinite {
        /// The name of the data that hold it.
        what: &'static str,
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
    },
    /// The drawing library gave up.
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
