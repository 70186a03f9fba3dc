use pyo3::prelude::*;

use crate::{
    arguments::{type_error, unsigned},
    arrays::value_error,
};

/// Threads that share the rows of a batch. No result depends on their number.
///
/// Any number of Python threads may use one `Threads` object at the same time. After a fork, for example by
/// `multiprocessing`, the child creates the same number of new threads at the first use.
///
/// Parameters
/// ----------
/// count : int
///     The number of threads, at least one.
#[pyclass(frozen, module = "samplegrad")]
pub(crate) struct Threads(samplegrad_host::Threads);

impl Threads {
    /// Reads the argument `threads`, if there is one.
    pub(crate) fn of<'a>(argument: Option<&'a Bound<'_, PyAny>>) -> PyResult<Option<&'a Self>> {
        let Some(argument) = argument else { return Ok(None) };
        match argument.cast::<Self>() {
            Ok(threads) => Ok(Some(threads.get())),
            Err(_) => Err(type_error("threads", argument, "Threads, such as `samplegrad.Threads(2)`, or None")),
        }
    }

    pub(crate) fn get(&self) -> &samplegrad_host::Threads {
        &self.0
    }
}

#[pymethods]
impl Threads {
    #[new]
    fn new(count: &Bound<'_, PyAny>) -> PyResult<Self> {
        let count = unsigned(count, "count")?;
        samplegrad_host::Threads::new(count).map(Self).map_err(value_error)
    }

    /// Returns the number of threads.
    #[getter]
    fn count(&self) -> usize {
        self.0.count()
    }

    fn __repr__(&self) -> String {
        format!("Threads({})", self.0.count())
    }
}
