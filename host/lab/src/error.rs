//! What the laboratory refuses, and what to do about it.

use core::fmt;

/// Why there is no comparison. Nothing has been written when one of these is returned.
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
        /// What for.
        what: String,
        /// What was wrong.
        source: samplegrad_core::Error,
    },
    /// A setting is outside its range.
    Setting {
        /// Its name.
        what: &'static str,
        /// What it was.
        found: String,
        /// What it must be.
        requirement: String,
    },
    /// The cost is NaN or infinite at a sample.
    Cost {
        /// The problem.
        problem: String,
        /// The sample: a number per variable.
        sample: String,
        /// The cost.
        value: f32,
    },
    /// There are too many values to sum over, and no closed form.
    NoExact {
        /// The problem.
        problem: String,
    },
    /// No estimator of these variables has such a name.
    NoEstimator {
        /// What was asked for.
        wanted: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// A table of values cannot be read.
    Table(TableError),
}

/// Where a table of values is damaged, and how. Lines and columns count from 1, as an editor shows them.
#[derive(Clone, Debug, PartialEq)]
pub struct TableError {
    /// The line, zero for the file as a whole.
    pub line: u64,
    /// The column, zero for the line as a whole.
    pub column: usize,
    /// What is wrong.
    pub reason: String,
}

/// The beginning of a text that was found in a file: no error prints all of a damaged one.
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
