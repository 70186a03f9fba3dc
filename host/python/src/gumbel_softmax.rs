use numpy::PyArrayDyn;
use pyo3::prelude::*;
use samplegrad_core::Temperature;
use samplegrad_host::batch::{
    Logits, check_finite, gumbel_softmax as batch, straight_through as straight_through_batch,
};

use crate::{
    arguments,
    arrays::{Memory, value_error},
    detached::detached,
    streams::Streams,
    threads::Threads,
};

type Floats<'py> = PyResult<Bound<'py, PyArrayDyn<f32>>>;

pub(crate) fn temperature(tau: &Bound<'_, PyAny>) -> PyResult<Temperature> {
    Temperature::new(arguments::real(tau, "tau")?).map_err(value_error)
}

/// Draws relaxed samples ``y = softmax((l + G) / tau)`` of the rows, one random word per class. (E. Jang, S. Gu and B.
/// Poole; C. J. Maddison, A. Mnih and Y. W. Teh; both ICLR 2017.)
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
///     ``-inf`` masks a class.
/// tau : float
///     Temperature, from 1e-10 to 1e10.
/// streams : Streams
/// out : array of float32, shape of `logits`, optional
/// threads : Threads, optional
///
/// Returns
/// -------
/// array of float32, shape of `logits`
#[pyfunction]
#[pyo3(signature = (logits, tau, streams, *, out=None, threads=None))]
pub(crate) fn gumbel_softmax<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    tau: &Bound<'py, PyAny>,
    streams: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
) -> Floats<'py> {
    let mut memory = Memory::default();
    let streams = Streams::of(streams)?;
    let threads = Threads::of(threads)?;
    let (logits, tau) = (memory.read(logits, "logits")?, temperature(tau)?);
    let mut out = memory.write(py, out, logits.shape(), "out")?;
    let (l, y, k) = (logits.slice()?, out.slice()?, logits.columns());
    detached(py, threads, || batch::sample(&Logits::new(l, k)?, tau, &mut streams.lock(), y))?;
    Ok(out.done())
}

/// Computes relaxed samples for given Gumbel noise. The noise must be finite and have the shape of `logits`.
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
/// tau : float
/// noise : array of float32, shape of `logits`
/// out : array of float32, shape of `logits`, optional
/// threads : Threads, optional
///
/// Returns
/// -------
/// array of float32, shape of `logits`
#[pyfunction]
#[pyo3(signature = (logits, tau, noise, *, out=None, threads=None))]
pub(crate) fn gumbel_softmax_with_noise<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    tau: &Bound<'py, PyAny>,
    noise: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
) -> Floats<'py> {
    let mut memory = Memory::default();
    let threads = Threads::of(threads)?;
    let (logits, tau) = (memory.read(logits, "logits")?, temperature(tau)?);
    let noise = memory.read_shape(noise, logits.shape(), "noise")?;
    let mut out = memory.write(py, out, logits.shape(), "out")?;
    let (l, g, y, k) = (logits.slice()?, noise.slice()?, out.slice()?, logits.columns());
    detached(py, threads, || batch::with_noise(&Logits::new(l, k)?, tau, g, y))?;
    Ok(out.done())
}

/// Computes the vector-Jacobian product ``df/dl = y * (c - <y, c>) / tau`` of relaxed samples ``y`` for the cotangent
/// ``c = df/dy``. The product is also the gradient ``df/dG`` with respect to the noise.
///
/// Parameters
/// ----------
/// y, cotangent : array of float32, shape (..., classes)
///     Finite.
/// tau : float
///     The temperature of `y`.
/// out : array of float32, shape of `y`, optional
/// threads : Threads, optional
///
/// Returns
/// -------
/// array of float32, shape of `y`
#[pyfunction]
#[pyo3(signature = (y, cotangent, tau, *, out=None, threads=None))]
pub(crate) fn gumbel_softmax_vjp<'py>(
    py: Python<'py>,
    y: &Bound<'py, PyAny>,
    cotangent: &Bound<'py, PyAny>,
    tau: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
) -> Floats<'py> {
    let mut memory = Memory::default();
    let threads = Threads::of(threads)?;
    let (y, tau) = (memory.read(y, "y")?, temperature(tau)?);
    let cotangent = memory.read_shape(cotangent, y.shape(), "cotangent")?;
    let mut out = memory.write(py, out, y.shape(), "out")?;
    let (x, c, gradient, k) = (y.slice()?, cotangent.slice()?, out.slice()?, y.columns());
    detached(py, threads, || {
        check_finite("y", x, k)?;
        check_finite("cotangent", c, k)?;
        batch::vjp(x, c, k, tau, gradient)
    })?;
    Ok(out.done())
}

/// Computes ``df/dtau`` of each row, for the noise that was passed to `gumbel_softmax_with_noise`.
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
/// tau : float
/// noise, cotangent : array of float32, shape of `logits`
///     Finite.
/// out : array of float32, shape (...), optional
/// threads : Threads, optional
///
/// Returns
/// -------
/// array of float32, shape (...)
#[pyfunction]
#[pyo3(signature = (logits, tau, noise, cotangent, *, out=None, threads=None))]
pub(crate) fn gumbel_softmax_vjp_temperature<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    tau: &Bound<'py, PyAny>,
    noise: &Bound<'py, PyAny>,
    cotangent: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
) -> Floats<'py> {
    let mut memory = Memory::default();
    let threads = Threads::of(threads)?;
    let (logits, tau) = (memory.read(logits, "logits")?, temperature(tau)?);
    let noise = memory.read_shape(noise, logits.shape(), "noise")?;
    let cotangent = memory.read_shape(cotangent, logits.shape(), "cotangent")?;
    let mut out = memory.write(py, out, logits.rows(), "out")?;
    let (l, g, c, k) = (logits.slice()?, noise.slice()?, cotangent.slice()?, logits.columns());
    let gradient = out.slice()?;
    detached(py, threads, || {
        let logits = Logits::new(l, k)?;
        check_finite("cotangent", c, k)?;
        batch::vjp_temperature(&logits, tau, g, c, gradient)
    })?;
    Ok(out.done())
}

/// Draws straight-through Gumbel-softmax samples: the class of each row, and the relaxed sample of the same draw. The
/// gradient is the `gumbel_softmax_vjp` of the relaxed sample, with ``df/dy`` at the drawn class as its cotangent.
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
///     ``-inf`` masks a class.
/// tau : float
/// streams : Streams
/// out : pair of arrays, uint32 of shape (...) and float32 of the shape of `logits`, optional
/// threads : Threads, optional
///
/// Returns
/// -------
/// pair of arrays, as `out`
#[pyfunction]
#[pyo3(signature = (logits, tau, streams, *, out=None, threads=None))]
#[allow(clippy::type_complexity)]
pub(crate) fn straight_through<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    tau: &Bound<'py, PyAny>,
    streams: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Bound<'py, PyArrayDyn<u32>>, Bound<'py, PyArrayDyn<f32>>)> {
    let mut memory = Memory::default();
    let streams = Streams::of(streams)?;
    let threads = Threads::of(threads)?;
    let (logits, tau) = (memory.read(logits, "logits")?, temperature(tau)?);
    let [to_classes, to_soft] = arguments::several(out)?;
    let mut classes = memory.write(py, to_classes.as_ref(), logits.rows(), "out[0]")?;
    let mut soft = memory.write(py, to_soft.as_ref(), logits.shape(), "out[1]")?;
    let (l, c, s, k) = (logits.slice()?, classes.slice()?, soft.slice()?, logits.columns());
    detached(py, threads, || straight_through_batch::sample(&Logits::new(l, k)?, tau, &mut streams.lock(), c, s))?;
    Ok((classes.done(), soft.done()))
}
