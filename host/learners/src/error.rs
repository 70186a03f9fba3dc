use std::fmt;

/// Why learners could not be made, act or learn.
///
/// ```
/// use samplegrad_learners::Error;
///
/// let error = Error::Capacity { what: "actions", found: 17, most: 16 };
/// assert_eq!(error.to_string(), "actions: 17, at most 16");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to work on.
    Empty {
        /// The thing refused.
        what: &'static str,
    },
    /// More than there is room for.
    Capacity {
        /// The thing refused.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// There are rewards, but no actions that wait for them.
    NothingWaits,
    /// There is no learner of this number.
    NoSuchLearner {
        /// The number.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// What a batch would be refused for: a length, or a number of a row.
    Host(samplegrad_host::Error),
}

impl From<samplegrad_host::Error> for Error {
    fn from(error: samplegrad_host::Error) -> Self {
        Error::Host(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Empty { what } => write!(f, "{what}: there are none, at least one is needed"),
            Error::Capacity { what, found, most } => write!(f, "{what}: {found}, at most {most}"),
            Error::NothingWaits => write!(f, "rewards: no actions wait for them, draw some first"),
            Error::NoSuchLearner { number, count } => write!(f, "learner: number {number}, there are {count}"),
            Error::Host(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}
