use numpy::PyArrayDyn;
use pyo3::prelude::*;
use samplegrad_host::batch::{Logits, score_function as batch};

use crate::{arrays::Memory, detached::detached, threads::Threads};

/// Computes leave-one-out advantages: each cost minus the mean of the other costs in its row.
///
/// Parameters
/// ----------
/// costs : array of float32, shape (..., samples)
///     At least two samples; finite.
/// out : array of float32, shape of `costs`, optional
///
/// Returns
/// -------
/// array of float32, shape of `costs`
#[pyfunction]
#[pyo3(signature = (costs, *, out=None))]
pub(crate) fn leave_one_out<'py>(
    py: Python<'py>,
    costs: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
    let mut memory = Memory::default();
    let costs = memory.read(costs, "costs")?;
    let mut out = memory.write(py, out, costs.shape(), "out")?;
    let (f, advantages, samples) = (costs.slice()?, out.slice()?, costs.columns());
    detached(py, None, || batch::leave_one_out(f, samples, advantages))?;
    Ok(out.done())
}

/// Computes the score-function (REINFORCE) estimate of ``dE[f]/dl`` for each row. The estimate is the mean of the
/// advantage times ``onehot(class) - softmax(l)`` over the samples of the row. It is unbiased with the advantages of
/// `leave_one_out`. (R. J. Williams, Machine Learning 8, 1992.)
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
/// classes : array of uint32, shape (..., samples)
///     The drawn classes.
/// advantages : array of float32, shape of `classes`
///     Finite.
/// out : array of float32, shape of `logits`, optional
/// threads : Threads, optional
///
/// Returns
/// -------
/// array of float32, shape of `logits`
#[pyfunction]
#[pyo3(signature = (logits, classes, advantages, *, out=None, threads=None))]
pub(crate) fn score_function<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    classes: &Bound<'py, PyAny>,
    advantages: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
    let mut memory = Memory::default();
    let threads = Threads::of(threads)?;
    let logits = memory.read(logits, "logits")?;
    let samples = memory.read::<f32>(advantages, "advantages")?.columns();
    let shape = [logits.rows(), &[samples]].concat();
    let advantages = memory.read_shape(advantages, &shape, "advantages")?;
    let classes = memory.read_shape(classes, &shape, "classes")?;
    let mut out = memory.write(py, out, logits.shape(), "out")?;
    let (l, c, a, gradient, k) =
        (logits.slice()?, classes.slice()?, advantages.slice()?, out.slice()?, logits.columns());
    detached(py, threads, || batch::estimate(&Logits::new(l, k)?, samples, c, a, gradient))?;
    Ok(out.done())
}
