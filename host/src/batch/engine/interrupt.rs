//! Batch operations that can be stopped between two rows.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

use crate::error::Error;

/// The count of numbers that are computed between two calls of `stop`. Computing that many numbers takes about ten
/// milliseconds.
const RUN: usize = 1 << 20;

/// A function that returns true if the batch must stop.
pub type Stop = Arc<dyn Fn() -> bool + Send + Sync>;

struct Watch {
    stop: Stop,
    /// Numbers computed since the last call of `stop`.
    numbers: Cell<usize>,
    stopped: Cell<bool>,
}

thread_local! {
    static WATCH: RefCell<Option<Rc<Watch>>> = const { RefCell::new(None) };
}

/// The previous watch. It is restored when this value is dropped, even if the work panics.
struct Restore(Option<Rc<Watch>>);

impl Drop for Restore {
    fn drop(&mut self) {
        WATCH.set(self.0.take());
    }
}

/// Runs a batch operation that stops when `stop` returns true. `stop` is called at intervals in this thread.
///
/// Rows are computed in runs of about a million numbers. A run that has started is completed on all threads of the
/// caller's pool. Code outside batch operations is not stopped. Operations of [`estimator`](crate::batch::estimator)
/// are not stopped either, because they write either all rows or none.
///
/// # Errors
/// The errors of `work`. [`Error::Interrupted`] if the batch was stopped. In this case, the outputs contain the results
/// of the completed rows, and the streams of these rows have advanced. The other rows and their streams are unchanged.
///
/// ```
/// use std::sync::Arc;
/// use samplegrad_host::{Error, Streams, batch};
///
/// let (mut noise, mut streams) = (vec![0.0; 1 << 21], Streams::new(1, 1 << 20)?);
/// let work = || batch::noise::gumbel(&mut streams, 2, &mut noise);
/// assert_eq!(batch::interruptible(Arc::new(|| true), work), Err(Error::Interrupted));
/// assert_eq!(noise[noise.len() - 1], 0.0);
/// # Ok::<(), Error>(())
/// ```
pub fn interruptible(stop: Stop, work: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
    let watch = Rc::new(Watch { stop, numbers: Cell::new(0), stopped: Cell::new(false) });
    let _restore = Restore(WATCH.replace(Some(Rc::clone(&watch))));
    work()?;
    if watch.stopped.get() { Err(Error::Interrupted) } else { Ok(()) }
}

/// Returns the number of rows of a run, or `None` if the batch cannot be stopped.
pub(crate) fn rows_of_run(columns: usize) -> Option<usize> {
    WATCH.with_borrow(|watch| watch.is_some()).then(|| (RUN / columns.max(1)).max(1))
}

/// Returns whether the batch must stop before it computes the next `numbers` numbers.
pub(crate) fn stops_before(numbers: usize) -> bool {
    // The watch is cloned, so that it is not borrowed while the caller's function runs.
    let Some(watch) = WATCH.with_borrow(Option::clone) else { return false };
    let worked = watch.numbers.get();
    if !watch.stopped.get() && worked >= RUN {
        watch.numbers.set(0);
        watch.stopped.set((watch.stop)());
    }
    watch.numbers.set(watch.numbers.get().saturating_add(numbers));
    watch.stopped.get()
}
