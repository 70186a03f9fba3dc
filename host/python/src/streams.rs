use std::sync::{Mutex, MutexGuard, PoisonError};

use numpy::PyArrayDyn;
use pyo3::{exceptions::PyIndexError, prelude::*};
use samplegrad_core::stream;

use crate::{
    arguments::{type_error, unsigned},
    arrays::{Memory, tuple, value_error},
};

/// Streams of random numbers: row ``b`` of a batch draws from stream ``b % count``, as the device with the number of
/// the stream does.
///
/// Python threads that use the same streams wait for each other.
///
/// Parameters
/// ----------
/// seed : int
///     From 0 to 2**64 - 1.
/// count : int
///     The number of streams: numbers 0 to ``count - 1`` of the seed.
#[pyclass(frozen, module = "samplegrad")]
pub(crate) struct Streams(Mutex<samplegrad_host::Streams>);

impl Streams {
    /// Reads the argument `streams`.
    pub(crate) fn of<'a>(argument: &'a Bound<'_, PyAny>) -> PyResult<&'a Self> {
        match argument.cast::<Self>() {
            Ok(streams) => Ok(streams.get()),
            Err(_) => Err(type_error("streams", argument, "Streams, such as `samplegrad.Streams(seed=1, count=4)`")),
        }
    }

    /// Locks the streams. The interpreter's lock must not be held if a batch may be running.
    pub(crate) fn lock(&self) -> MutexGuard<'_, samplegrad_host::Streams> {
        // No code panics between two consistent states of the streams.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Streams {
    #[new]
    fn new(seed: &Bound<'_, PyAny>, count: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (seed, count) = (unsigned(seed, "seed")?, unsigned(count, "count")?);
        samplegrad_host::Streams::new(seed, count).map(|streams| Self(Mutex::new(streams))).map_err(value_error)
    }

    /// Creates streams that continue from given states, a ``uint32`` array of shape ``(count, 4)``. The states were
    /// returned by `states` or written by a device.
    #[staticmethod]
    fn from_states(states: &Bound<'_, PyAny>) -> PyResult<Self> {
        let states = Memory::default().read::<u32>(states, "states")?;
        if states.shape().len() != 2 || states.columns() != 4 {
            return Err(value_error(format!("states: shape {}, it must be (count, 4)", tuple(states.shape()))));
        }
        let (words, _) = states.slice()?.as_chunks::<4>();
        let streams = samplegrad_host::Streams::from_states(words).map_err(value_error)?;
        Ok(Self(Mutex::new(streams)))
    }

    /// Returns the current state of every stream, in a new ``uint32`` array of shape ``(count, 4)``. Each state equals
    /// the state of the device with the number of the stream.
    fn states<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArrayDyn<u32>>> {
        let words: Vec<[u32; 4]> = py.detach(|| {
            let streams = self.lock();
            (0..streams.count()).filter_map(|number| streams.device(number)).map(|x| stream::words(&x)).collect()
        });
        let mut out = Memory::default().write(py, None, &[words.len(), 4], "states")?;
        out.slice()?.copy_from_slice(words.as_flattened());
        Ok(out.done())
    }

    /// Returns the state of one stream, four words.
    fn state(&self, py: Python<'_>, number: &Bound<'_, PyAny>) -> PyResult<[u32; 4]> {
        let number: usize = unsigned(number, "number")?;
        let device = py.detach(|| self.lock().device(number));
        let message = || PyIndexError::new_err(format!("stream {number}: there are {}", self.__len__(py)));
        device.map(|device| stream::words(&device)).ok_or_else(message)
    }

    /// Returns a copy of the streams, which draws the same numbers.
    fn copy(&self, py: Python<'_>) -> Self {
        Self(Mutex::new(py.detach(|| self.lock().clone())))
    }

    fn __len__(&self, py: Python<'_>) -> usize {
        py.detach(|| self.lock().count())
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<{} streams>", self.__len__(py))
    }
}
