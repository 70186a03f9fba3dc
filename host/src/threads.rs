//! The threads that compute batches and fleets.

use core::{fmt, mem};
use std::{
    process,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Error;

/// The stack size of each thread in bytes, equal to the usual stack size of a main thread.
const STACK: usize = 8 << 20;
/// The interval between two calls of `meanwhile` in [`Threads::run_watched`].
const INTERVAL: Duration = Duration::from_millis(20);

/// The threads that share the work. No result depends on their number.
///
/// After a `fork` the child has none of its parent's threads. The first [`Threads::run`] in the child creates the same
/// number of new threads; the parent keeps its threads. [`Threads::ambient`] is an exception: if a pool of `rayon` was
/// used before the `fork`, work on this pool never ends in the child.
///
/// ```
/// use samplegrad_host::{Error, Threads};
///
/// let two = Threads::new(2)?;
/// assert_eq!(two.count(), 2);
/// assert_eq!(Threads::new(0).unwrap_err(), Error::Empty { what: "threads" });
/// # Ok::<(), Error>(())
/// ```
pub struct Threads(Option<Box<Pool>>);

/// Threads of the process that created them, and of a process forked from it.
struct Pool {
    count: usize,
    first: OfProcess,
    /// This mutex is locked in forked processes only. So it can be locked at the time of a `fork` only if the parent is
    /// itself a forked process.
    forked: Mutex<Option<Arc<OfProcess>>>,
}

/// Threads of one process.
struct OfProcess {
    process: u32,
    /// `None` only during the drop.
    threads: Option<ThreadPool>,
}

impl OfProcess {
    fn new(count: usize) -> Result<Self, Error> {
        // Learners of several lanes are large, and a debug build copies them at every move.
        let threads = ThreadPoolBuilder::new().num_threads(count).stack_size(STACK).build();
        let threads = threads.map_err(|_| Error::TooLarge { what: "threads" })?;
        Ok(Self { process: process::id(), threads: Some(threads) })
    }

    fn is_here(&self) -> bool {
        self.process == process::id()
    }

    fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.threads {
            Some(threads) => threads.install(work),
            None => work(),
        }
    }

    fn run_watched<T: Send>(&self, work: impl FnOnce() -> T + Send, meanwhile: &mut dyn FnMut()) -> T {
        let Some(threads) = &self.threads else { return work() };
        let done = (Mutex::new(false), Condvar::new());
        let mut result = None;
        threads.in_place_scope(|scope| {
            scope.spawn(|_| {
                let _done = Done(&done);
                result = Some(work());
            });
            loop {
                let is_done = done.0.lock().unwrap_or_else(PoisonError::into_inner);
                let waited = done.1.wait_timeout_while(is_done, INTERVAL, |is_done| !*is_done);
                let is_done = *waited.unwrap_or_else(PoisonError::into_inner).0;
                if is_done {
                    break;
                }
                meanwhile();
            }
        });
        // The scope waits for the work, and propagates its panic.
        result.expect("the work was done")
    }
}

impl Drop for OfProcess {
    fn drop(&mut self) {
        // In another process these threads do not exist, and a lock of the pool may be held forever.
        if !self.is_here() {
            mem::forget(self.threads.take());
        }
    }
}

impl Pool {
    /// Returns the threads of this forked process. Creates them if they do not exist yet.
    fn forked(&self) -> Arc<OfProcess> {
        let mut forked = self.forked.lock().unwrap_or_else(PoisonError::into_inner);
        match &*forked {
            Some(threads) if threads.is_here() => Arc::clone(threads),
            _ => {
                let threads = OfProcess::new(self.count).or_else(|_| OfProcess::new(1));
                let threads = Arc::new(threads.expect("a forked process can make a thread"));
                *forked = Some(Arc::clone(&threads));
                threads
            }
        }
    }
}

impl Threads {
    /// Creates `count` threads, which wait until there is work.
    ///
    /// # Errors
    /// [`Error::Empty`] for 0 threads; [`Error::TooLarge`] for more than `rayon` counts or the machine can create.
    pub fn new(count: usize) -> Result<Self, Error> {
        if count == 0 {
            return Err(Error::Empty { what: "threads" });
        }
        if count > rayon::max_num_threads() {
            return Err(Error::TooLarge { what: "threads" });
        }
        Ok(Self(Some(Box::new(Pool { count, first: OfProcess::new(count)?, forked: Mutex::new(None) }))))
    }

    /// Returns the threads of the `rayon` pool that the caller runs in, or of the global pool.
    pub const fn ambient() -> Self {
        Self(None)
    }

    /// Returns the number of threads.
    pub fn count(&self) -> usize {
        self.0.as_ref().map_or_else(rayon::current_num_threads, |pool| pool.count)
    }

    /// Runs `work` on one of the threads. Batches in `work` use all of them.
    ///
    /// ```
    /// use samplegrad_host::{Streams, Threads, batch};
    ///
    /// let (mut one, mut two) = (vec![0.0; 100_000], vec![0.0; 100_000]);
    /// batch::noise::gumbel(&mut Streams::new(1, 50_000)?, 2, &mut one)?;
    /// Threads::new(2)?.run(|| batch::noise::gumbel(&mut Streams::new(1, 50_000)?, 2, &mut two))?;
    /// assert_eq!(one, two);
    /// # Ok::<(), samplegrad_host::Error>(())
    /// ```
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.0 {
            Some(pool) if pool.first.is_here() => pool.first.run(work),
            Some(pool) => pool.forked().run(work),
            None => work(),
        }
    }

    /// Runs `work` on one of the threads. Calls `meanwhile` in the caller's thread at intervals until `work` is done.
    ///
    /// ```
    /// use samplegrad_host::Threads;
    ///
    /// assert_eq!(Threads::new(2)?.run_watched(|| 6 * 7, || eprintln!("still at work")), 42);
    /// # Ok::<(), samplegrad_host::Error>(())
    /// ```
    pub fn run_watched<T: Send>(&self, work: impl FnOnce() -> T + Send, mut meanwhile: impl FnMut()) -> T {
        match &self.0 {
            Some(pool) if pool.first.is_here() => pool.first.run_watched(work, &mut meanwhile),
            Some(pool) => pool.forked().run_watched(work, &mut meanwhile),
            None => work(),
        }
    }
}

/// Sets the flag when it is dropped, also by a panic.
struct Done<'a>(&'a (Mutex<bool>, Condvar));

impl Drop for Done<'_> {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").field("count", &self.count()).finish()
    }
}
