//! How many threads work.

use core::fmt;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::Error;

/// Bytes of stack of each, as many as a first thread usually has.
const STACK: usize = 8 << 20;

/// The threads that work is spread over. No result depends on how many there are.
///
/// ```
/// use samplegrad_host::{Error, Threads};
///
/// let two = Threads::new(2)?;
/// assert_eq!(two.count(), 2);
/// assert_eq!(Threads::new(0).unwrap_err(), Error::Empty { what: "threads" });
/// # Ok::<(), Error>(())
/// ```
pub struct Threads(Option<ThreadPool>);

impl Threads {
    /// So many, which wait until there is work.
    ///
    /// # Errors
    /// [`Error::Empty`] for none; [`Error::TooLarge`] for more than `rayon` counts or the machine makes.
    pub fn new(count: usize) -> Result<Self, Error> {
        if count == 0 {
            return Err(Error::Empty { what: "threads" });
        }
        let too_large = Error::TooLarge { what: "threads" };
        if count > rayon::max_num_threads() {
            return Err(too_large);
        }
        // Learners of several lanes are large, and a debug build copies them wherever they move.
        let pool = ThreadPoolBuilder::new().num_threads(count).stack_size(STACK).build().map_err(|_| too_large)?;
        Ok(Self(Some(pool)))
    }

    /// Those of the `rayon` pool that the caller runs in: the global one, if in no other.
    pub const fn ambient() -> Self {
        Self(None)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.as_ref().map_or_else(rayon::current_num_threads, ThreadPool::current_num_threads)
    }

    /// Runs `work` on one of them: batches in it are spread over all.
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
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").field("count", &self.count()).finish()
    }
}
