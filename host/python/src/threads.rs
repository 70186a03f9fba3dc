use pyo3::prelude::*;

use crate::arrays::value_error;

/// Threads that the rows of a batch are spread over. No result depends on how many there are.
///
/// Any number of Python threads may use them at once. After a fork, as by `multiprocessing`, the child makes as many anew
/// when it first uses them.
///
/// Parameters
/// ----------
/// count : int
///     How many, at least one.
#[pyclass(frozen, module = "samplegrad")]
pub(crate) struct Threads(samplegrad_host::Threads);

impl Threads {
    pub(crate) fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.0.run(work)
    }
}

#[pymethods]
impl Threads {
    #[new]
    fn new(count: usize) -> PyResult<Self> {
        samplegrad_host::Threads::new(count).map(Self).map_err(value_error)
    }

    /// How many there are.
    #[getter]
    fn count(&self) -> usize {
        self.0.count()
    }

    fn __repr__(&self) -> String {
        format!("Threads({})", self.0.count())
    }
}
