//! Threads for batches.

use samplegrad_host::Threads;

use crate::{
    handle::{borrow, give, take},
    status::{Failure, guarded, sg_status},
};

/// Threads that share the rows of a batch. No result depends on their number.
///
/// Any number of threads may use one `sg_threads` at the same time. After a fork, the child creates the same number of
/// new threads at the first use.
pub struct sg_threads(Threads);

/// Creates `count` threads, which wait until there is work. Free them with `sg_threads_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_threads_new(count: usize, out: *mut *mut sg_threads) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe { give(out, || Ok(sg_threads(Threads::new(count)?))) })
}

/// Ends the threads; does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_threads_free(threads: *mut sg_threads) {
    // SAFETY: the caller's promises.
    unsafe { take(threads) }
}

/// Runs the work on these threads, or in the caller's thread if there are none.
///
/// # Safety
/// If the handle is not null, it must not have been freed.
pub(crate) unsafe fn spread(
    threads: *const sg_threads,
    work: impl FnOnce() -> Result<(), samplegrad_host::Error> + Send,
) -> Result<(), Failure> {
    if threads.is_null() {
        return Ok(work()?);
    }
    // SAFETY: as the caller promises.
    let threads = unsafe { borrow(threads, "threads") }?;
    Ok(threads.0.run(work)?)
}
