use numpy::PyArrayDyn;
use pyo3::prelude::*;
use samplegrad_host::batch::{Logits, categorical};

use crate::{arguments, arrays::Memory, detached::detached};

type Array<'py> = Bound<'py, PyArrayDyn<f32>>;

/// Computes the probabilities ``softmax(l)`` of each row, and their logarithms.
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
/// out : pair of arrays of float32, shape of `logits`, optional
///
/// Returns
/// -------
/// pair of arrays, as `out`
#[pyfunction]
#[pyo3(signature = (logits, *, out=None))]
pub(crate) fn probabilities<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Array<'py>, Array<'py>)> {
    let mut memory = Memory::default();
    let logits = memory.read(logits, "logits")?;
    let [to_p, to_log_p] = arguments::several(out)?;
    let mut p = memory.write(py, to_p.as_ref(), logits.shape(), "out[0]")?;
    let mut log_p = memory.write(py, to_log_p.as_ref(), logits.shape(), "out[1]")?;
    let (l, a, b, k) = (logits.slice()?, p.slice()?, log_p.slice()?, logits.columns());
    detached(py, None, || categorical::probabilities(&Logits::new(l, k)?, a, b))?;
    Ok((p.done(), log_p.done()))
}

/// Computes the log-probability of one class of each row.
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
/// classes : array of uint32, shape (...)
/// out : array of float32, shape (...), optional
///
/// Returns
/// -------
/// array of float32, shape (...)
#[pyfunction]
#[pyo3(signature = (logits, classes, *, out=None))]
pub(crate) fn log_prob<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    classes: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Array<'py>> {
    let mut memory = Memory::default();
    let logits = memory.read(logits, "logits")?;
    let classes = memory.read_shape(classes, logits.rows(), "classes")?;
    let mut out = memory.write(py, out, logits.rows(), "out")?;
    let (l, c, log_prob, k) = (logits.slice()?, classes.slice()?, out.slice()?, logits.columns());
    detached(py, None, || categorical::log_prob(&Logits::new(l, k)?, c, log_prob))?;
    Ok(out.done())
}

/// Computes the entropy of each row, in nats.
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
/// out : array of float32, shape (...), optional
///
/// Returns
/// -------
/// array of float32, shape (...)
#[pyfunction]
#[pyo3(signature = (logits, *, out=None))]
pub(crate) fn entropy<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Array<'py>> {
    let mut memory = Memory::default();
    let logits = memory.read(logits, "logits")?;
    let mut out = memory.write(py, out, logits.rows(), "out")?;
    let (l, entropy, k) = (logits.slice()?, out.slice()?, logits.columns());
    detached(py, None, || categorical::entropy(&Logits::new(l, k)?, entropy))?;
    Ok(out.done())
}
