//! Work without the interpreter's lock. Ctrl-C stops the work.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use pyo3::prelude::*;
use samplegrad_host::{Error, batch};

use crate::{arrays::value_error, threads::Threads};

/// The state of signals. A check runs the handlers of signals, such as the handler of Ctrl-C. Python runs the handlers
/// in its main thread alone.
#[derive(Clone, Default)]
struct Signals(Arc<Mutex<Option<PyErr>>>);

impl Signals {
    /// Returns whether a handler raised an exception, now or before.
    fn raised(&self) -> bool {
        let mut raised = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if raised.is_none() {
            *raised = Python::attach(|py| py.check_signals()).err();
        }
        raised.is_some()
    }

    fn take(&self) -> Option<PyErr> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Runs the work without the interpreter's lock. A signal whose handler raises, such as Ctrl-C, stops a batch between
/// two rows.
pub(crate) fn detached(
    py: Python<'_>,
    threads: Option<&Threads>,
    work: impl FnOnce() -> Result<(), Error> + Send,
) -> PyResult<()> {
    let signals = Signals::default();
    let done = py.detach(|| match threads {
        Some(threads) => {
            let stops = Arc::new(AtomicBool::new(false));
            let stop: batch::Stop = {
                let stops = Arc::clone(&stops);
                Arc::new(move || stops.load(Ordering::Relaxed))
            };
            let look = || {
                if signals.raised() {
                    stops.store(true, Ordering::Relaxed);
                }
            };
            threads.get().run_watched(|| batch::interruptible(stop, work), look)
        }
        None => {
            let signals = signals.clone();
            batch::interruptible(Arc::new(move || signals.raised()), work)
        }
    });
    match signals.take() {
        Some(raised) => Err(raised),
        None => done.map_err(value_error),
    }
}
