use numpy::PyArrayDyn;
use pyo3::prelude::*;
use samplegrad_core::Temperature;
use samplegrad_host::{
    Error,
    batch::{Logits, concrete},
};

use crate::{arguments, arrays::Memory, detached::detached, gumbel_softmax::temperature, threads::Threads};

type Array<'py> = Bound<'py, PyArrayDyn<f32>>;
type Density = fn(&Logits<'_>, Temperature, &[f32], &mut [f32]) -> Result<(), Error>;

fn density<'py>(
    py: Python<'py>,
    (logits, tau): (&Bound<'py, PyAny>, &Bound<'py, PyAny>),
    point: &Bound<'py, PyAny>,
    what: &'static str,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
    of: Density,
) -> PyResult<Array<'py>> {
    let mut memory = Memory::default();
    let threads = Threads::of(threads)?;
    let (logits, tau) = (memory.read(logits, "logits")?, temperature(tau)?);
    let point = memory.read_shape(point, logits.shape(), what)?;
    let mut out = memory.write(py, out, logits.rows(), "out")?;
    let (l, x, density, k) = (logits.slice()?, point.slice()?, out.slice()?, logits.columns());
    detached(py, threads, || of(&Logits::new(l, k)?, tau, x, density))?;
    Ok(out.done())
}

/// Computes the log-density of the Concrete distribution at a point of the simplex, for each row. (C. J. Maddison, A.
/// Mnih and Y. W. Teh, ICLR 2017, equation 22.)
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
/// tau : float
/// y : array of float32, shape of `logits`
///     Above 0 where a class is possible.
/// out : array of float32, shape (...), optional
/// threads : Threads, optional
///
/// Returns
/// -------
/// array of float32, shape (...)
#[pyfunction]
#[pyo3(signature = (logits, tau, y, *, out=None, threads=None))]
pub(crate) fn concrete_log_density<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    tau: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<Array<'py>> {
    density(py, (logits, tau), y, "y", out, threads, concrete::log_density)
}

/// Computes the log-density of the ExpConcrete distribution at the logarithm of a point of the simplex, for each row.
/// The log-density is finite even where a coordinate of the point is too small for a float.
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
/// tau : float
/// log_y : array of float32, shape of `logits`
/// out : array of float32, shape (...), optional
/// threads : Threads, optional
///
/// Returns
/// -------
/// array of float32, shape (...)
#[pyfunction]
#[pyo3(signature = (logits, tau, log_y, *, out=None, threads=None))]
pub(crate) fn concrete_log_density_exp<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    tau: &Bound<'py, PyAny>,
    log_y: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<Array<'py>> {
    density(py, (logits, tau), log_y, "log_y", out, threads, concrete::log_density_exp)
}

/// Computes the gradients of `concrete_log_density` with respect to the logits, the point and the temperature.
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
/// tau : float
/// y : array of float32, shape of `logits`
/// out : triple of arrays of float32, two of the shape of `logits` and one of shape (...), optional
/// threads : Threads, optional
///
/// Returns
/// -------
/// triple of arrays, as `out`
#[pyfunction]
#[pyo3(signature = (logits, tau, y, *, out=None, threads=None))]
#[allow(clippy::type_complexity)]
pub(crate) fn concrete_gradient<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    tau: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Array<'py>, Array<'py>, Array<'py>)> {
    let mut memory = Memory::default();
    let threads = Threads::of(threads)?;
    let (logits, tau) = (memory.read(logits, "logits")?, temperature(tau)?);
    let y = memory.read_shape(y, logits.shape(), "y")?;
    let [to_logits, to_point, to_tau] = arguments::several(out)?;
    let mut by_logits = memory.write(py, to_logits.as_ref(), logits.shape(), "out[0]")?;
    let mut by_point = memory.write(py, to_point.as_ref(), logits.shape(), "out[1]")?;
    let mut by_tau = memory.write(py, to_tau.as_ref(), logits.rows(), "out[2]")?;
    let (l, x, k) = (logits.slice()?, y.slice()?, logits.columns());
    let (a, b, c) = (by_logits.slice()?, by_point.slice()?, by_tau.slice()?);
    detached(py, threads, || concrete::gradient(&Logits::new(l, k)?, tau, x, a, b, c))?;
    Ok((by_logits.done(), by_point.done(), by_tau.done()))
}
