//! Errors of the laboratory. The message of each error names a remedy.

use core::fmt;

/// An error of a comparison or learning run. A call that returns an error has written no output.
///
/// ```
/// use samplegrad_lab::{Error, problems};
///
/// assert!(matches!(problems::toy(f32::NAN, 0.0), Err(Error::Setting { what: "t", .. })));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The core refused the variables or a setting.
    Core {
        /// The refused object.
        what: String,
        /// The core's error.
        source: samplegrad_core::Error,
    },
    /// A setting is outside its range.
    Setting {
        /// The name of the setting.
        what: &'static str,
        /// The value found.
        found: String,
        /// The requirement for the value.
        requirement: String,
    },
    /// The cost is NaN or infinite at a sample.
    Cost {
        /// The problem.
        problem: String,
        /// The sample, with one number per variable.
        sample: String,
        /// The cost.
        value: f32,
    },
    /// The exact gradient is not available, because there are too many values to sum over and no closed form.
    NoExact {
        /// The problem.
        problem: String,
    },
    /// The register has no estimator with this name for these variables.
    NoEstimator {
        /// The requested name.
        wanted: String,
        /// The known names.
        known: Vec<String>,
    },
    /// A table of values cannot be read.
    Table(TableError),
}

/// An error in a table of values, with the line and column. Lines and columns count from 1, as in an editor.
#[derive(Clone, Debug, PartialEq)]
pub struct TableError {
    /// The number of the line. It is 0 if the error concerns the whole file.
    pub line: u64,
    /// The number of the column. It is 0 if the error concerns the whole line.
    pub column: usize,
    /// The reason.
    pub reason: String,
}

/// Truncates a text from a file, so that an error message never contains a whole damaged file.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 40;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => f.write_str(&self.reason),
            (line, 0) => write!(f, "line {line}: {}", self.reason),
            (line, column) => write!(f, "line {line}, column {column}: {}", self.reason),
        }
    }
}

impl std::error::Error for TableError {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Core { what, source } => write!(f, "{what}: {source}"),
            Error::Setting { what, found, requirement } => write!(f, "{what}: {found}, it must be {requirement}"),
            Error::Cost { problem, sample, value } => {
                write!(f, "{problem}: the cost is {value} at the sample {sample}, it must be finite at every sample")
            }
            Error::NoExact { problem } => write!(
                f,
                "{problem}: more than {} values to sum over and no closed form; take fewer variables or classes, or \
                 implement `Objective::closed_form`",
                crate::lanes::MOST_VALUES
            ),
            Error::NoEstimator { wanted, known } => {
                write!(f, "no estimator of this problem is called like `{wanted}`; there are: {}", known.join("; "))
            }
            Error::Table(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Core { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<TableError> for Error {
    fn from(error: TableError) -> Self {
        Error::Table(error)
    }
}
