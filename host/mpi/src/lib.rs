//! samplegrad on more than one machine: batches, laboratory runs and fleets, shared among the ranks of an MPI program.
//!
//! | module | content |
//! |---|---|
//! | [`batch`] | rows of a batch, each from the stream of its number; sums over rows |
//! | [`fleet`] | a fleet, divided by the tree of its sums |
//! | [`lab`] | a comparison of estimators, row by row; a learning run, curve by curve |
//! | [`Ranks`] | the ranks, and their work: pieces in order, with a checkpoint |
//! | [`start`] | the start and the end of a program |
//!
//! # Same bits
//! Work is divided into pieces by its size alone, never by the number of ranks. A piece has the same bits as on one
//! machine. Sums are merged in one tree of repeated halves. So every result is bit for bit the same for any number of
//! ranks, and the same as with `samplegrad-host` alone.
//!
//! # Failures
//! A piece that fails, or panics, stops every rank with [`Error::Piece`], which names the rank and the piece. A rank
//! that dies ends the program: `mpirun` stops the other ranks, names the rank, and fails. With a checkpoint
//! ([`Ranks::keep`]) the same program resumes from the finished pieces, on any number of ranks, to the same bits.
//!
//! # Building
//! Requirements: an MPI library with `mpicc`, and `libclang`. On Debian `apt-get install libopenmpi-dev openmpi-bin
//! libclang-dev`. Then:
//!
//! ```console
//! $ cargo build --release -p samplegrad-mpi --example fleet
//! $ mpirun -n 4 target/release/examples/fleet --devices 1000000 --checkpoint fleet.checkpoint
//! ```
//!
//! # Example
//! ```no_run
//! use std::process::ExitCode;
//!
//! use samplegrad_host::batch::{self, Logits};
//! use samplegrad_mpi::{Ranks, start};
//!
//! /// The classes of a million rows of the same logits, on every rank.
//! fn main() -> ExitCode {
//!     start(|world| {
//!         let classes = samplegrad_mpi::batch::collect(&Ranks::new(world), "classes", 2026, 1_000_000, |rows, streams| {
//!             let logits = [0.0, 1.0, 2.0].repeat(rows.len());
//!             let mut classes = vec![0; rows.len()];
//!             batch::gumbel_max::sample(&Logits::new(&logits, 3)?, streams, &mut classes)?;
//!             Ok(classes)
//!         })?;
//!         assert_eq!(classes.len(), 1_000_000);
//!         Ok(())
//!     })
//! }
//! ```

pub mod batch;
mod checkpoint;
mod error;
pub mod fleet;
pub mod lab;
mod ranks;
mod start;
mod tree;

pub use error::Error;
pub use mpi;
pub use ranks::{Job, Ranks};
pub use start::start;
