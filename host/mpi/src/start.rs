//! The start and the end of a program with several ranks.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

use mpi::{
    environment::{Threading, initialize_with_threading},
    topology::{Communicator, SimpleCommunicator},
};

use crate::error::Error;

/// Starts MPI, runs the work of this rank, and ends MPI. A rank that fails or panics reports the reason and stops all
/// other ranks. Otherwise they would wait for the failed rank forever.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use mpi::topology::Communicator;
/// use samplegrad_mpi::mpi;
///
/// fn main() -> ExitCode {
///     samplegrad_mpi::start(|world| {
///         println!("rank {} of {}", world.rank(), world.size());
///         Ok(())
///     })
/// }
/// ```
pub fn start(work: impl FnOnce(&SimpleCommunicator) -> Result<(), Box<dyn std::error::Error>>) -> ExitCode {
    // All threads of a rank compute. Only the first thread communicates with other ranks.
    let Some((universe, _)) = initialize_with_threading(Threading::Funneled) else {
        eprintln!("error: MPI has been started before");
        return ExitCode::FAILURE;
    };
    let world = universe.world();
    match catch_unwind(AssertUnwindSafe(|| work(&world))) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        // All ranks have this error, so each rank ends by itself.
        Ok(Err(error)) if error.is::<Error>() => {
            if world.rank() == 0 {
                eprintln!("error: {error}");
            }
            ExitCode::FAILURE
        }
        Ok(Err(error)) => {
            eprintln!("error: rank {}: {error}", world.rank());
            world.abort(1)
        }
        // The panic handler has already reported the panic.
        Err(_) => world.abort(101),
    }
}
