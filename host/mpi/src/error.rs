//! The errors that stop all ranks.

use core::fmt;
use std::path::PathBuf;

/// An error of a run. Every rank returns the same error.
///
/// ```
/// use samplegrad_mpi::Error;
///
/// let error = Error::Piece { rank: 1, piece: 7, reason: "row 3: logits: empty".to_owned() };
/// assert_eq!(error.to_string(), "rank 1, piece 7 of the work: row 3: logits: empty");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A piece of the work that failed.
    Piece {
        /// The rank of the piece.
        rank: usize,
        /// The number of the piece.
        piece: usize,
        /// The reason of the failure.
        reason: String,
    },
    /// A checkpoint that cannot be read or written; rank 0 keeps it.
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// The reason of the failure.
        reason: String,
    },
    /// Input that was refused before any work, or results that did not fit together.
    Host(samplegrad_host::Error),
    /// A comparison that was refused before any work.
    Lab(samplegrad_lab::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Piece { rank, piece, reason } => write!(f, "rank {rank}, piece {piece} of the work: {reason}"),
            Error::Checkpoint { path, reason } => write!(f, "checkpoint {}: {reason}", path.display()),
            Error::Host(error) => error.fmt(f),
            Error::Lab(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Host(error) => Some(error),
            Error::Lab(error) => Some(error),
            _ => None,
        }
    }
}

impl From<samplegrad_host::Error> for Error {
    fn from(error: samplegrad_host::Error) -> Self {
        Error::Host(error)
    }
}

impl From<samplegrad_lab::Error> for Error {
    fn from(error: samplegrad_lab::Error) -> Self {
        Error::Lab(error)
    }
}
