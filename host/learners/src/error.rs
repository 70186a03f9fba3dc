use std::fmt;

/// An error in creating learners, in acting or in learning.
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
    /// An empty input.
    Empty {
        /// The input refused.
        what: &'static str,
    },
    /// A number above the capacity.
    Capacity {
        /// The input refused.
        what: &'static str,
        /// The number found.
        found: usize,
        /// The largest number allowed.
        most: usize,
    },
    /// Rewards without actions that wait for them.
    NothingWaits,
    /// A number of a learner that does not exist.
    NoSuchLearner {
        /// The number.
        number: usize,
        /// The number of learners.
        count: usize,
    },
    /// An error of a batch: a length, or a number of a row.
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
