use numpy::PyArrayDyn;
use pyo3::prelude::*;
use samplegrad_host::{
    Error,
    batch::{
        self, Logits,
        noise::{NoiseKind, fill},
    },
};

use crate::{
    arguments,
    arrays::{Memory, value_error},
    detached::detached,
    streams::Streams,
    threads::Threads,
};

const KINDS: [(&str, NoiseKind); 7] = [
    ("uniform", NoiseKind::Uniform),
    ("exponential", NoiseKind::Exponential),
    ("gumbel", NoiseKind::Gumbel),
    ("logistic", NoiseKind::Logistic),
    ("normal", NoiseKind::Normal),
    ("laplace", NoiseKind::Laplace),
    ("cauchy", NoiseKind::Cauchy),
];

/// Draws standard noise as ``float32``, with the full tail of 32 random bits. Row ``b`` is drawn from stream ``b %
/// count``, in order.
///
/// Parameters
/// ----------
/// kind : str
///     ``"uniform"`` on (0, 1), ``"exponential"``, ``"gumbel"``, ``"logistic"``, ``"normal"``, ``"laplace"`` or ``"cauchy"``.
/// streams : Streams
/// shape : tuple of int
///     The last number is the number of columns of a row.
/// out : array, optional
///     An array of this shape, which is written and returned.
/// threads : Threads, optional
///     The threads that do the work; by default the caller's thread does all.
#[pyfunction]
#[pyo3(signature = (kind, streams, shape, *, out=None, threads=None))]
pub(crate) fn noise<'py>(
    py: Python<'py>,
    kind: &Bound<'py, PyAny>,
    streams: &Bound<'py, PyAny>,
    shape: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
    let mut memory = Memory::default();
    let streams = Streams::of(streams)?;
    let threads = Threads::of(threads)?;
    let (kind, shape) = (arguments::word(kind, "kind")?, arguments::shape(shape)?);
    let Some(&(_, of_kind)) = KINDS.iter().find(|(name, _)| *name == kind) else {
        let names: Vec<_> = KINDS.iter().map(|(name, _)| *name).collect();
        return Err(value_error(format!("kind: there is no `{kind}`; there are {}", names.join(", "))));
    };
    let Some(&columns) = shape.last() else {
        return Err(value_error("shape: (), it must have at least the columns"));
    };
    if shape.iter().try_fold(4_usize, |size, &length| size.checked_mul(length)).is_none_or(|x| x > isize::MAX as usize)
    {
        return Err(value_error(Error::TooLarge { what: "shape" }));
    }
    let mut out = memory.write(py, out, &shape, "out")?;
    let numbers = out.slice()?;
    detached(py, threads, || fill(of_kind, &mut streams.lock(), columns, numbers))?;
    Ok(out.done())
}

type Sampler = fn(&Logits<'_>, &mut samplegrad_host::Streams, &mut [u32]) -> Result<(), Error>;

fn sample<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    streams: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
    sampler: Sampler,
) -> PyResult<Bound<'py, PyArrayDyn<u32>>> {
    let mut memory = Memory::default();
    let streams = Streams::of(streams)?;
    let threads = Threads::of(threads)?;
    let logits = memory.read(logits, "logits")?;
    let mut out = memory.write(py, out, logits.rows(), "out")?;
    let (l, classes, k) = (logits.slice()?, out.slice()?, logits.columns());
    detached(py, threads, || sampler(&Logits::new(l, k)?, &mut streams.lock(), classes))?;
    Ok(out.done())
}

/// Draws a class of each row by the Gumbel-max trick, ``argmax(l + G)``: one random word per class. (E. J. Gumbel,
/// 1954; C. J. Maddison, D. Tarlow and T. Minka, NIPS 2014.)
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
///     ``-inf`` masks a class.
/// streams : Streams
/// out : array of uint32, shape (...), optional
/// threads : Threads, optional
///
/// Returns
/// -------
/// array of uint32, shape (...)
#[pyfunction]
#[pyo3(signature = (logits, streams, *, out=None, threads=None))]
pub(crate) fn gumbel_max<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    streams: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyArrayDyn<u32>>> {
    sample(py, logits, streams, out, threads, batch::gumbel_max::sample)
}

/// Draws a class of each row by the inverse of the distribution function: one random word per row. This is the cheapest
/// method where only a class is needed.
///
/// Parameters
/// ----------
/// logits : array of float32, shape (..., classes)
///     ``-inf`` masks a class.
/// streams : Streams
/// out : array of uint32, shape (...), optional
/// threads : Threads, optional
///
/// Returns
/// -------
/// array of uint32, shape (...)
#[pyfunction]
#[pyo3(signature = (logits, streams, *, out=None, threads=None))]
pub(crate) fn inverse_cdf<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyAny>,
    streams: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    threads: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyArrayDyn<u32>>> {
    sample(py, logits, streams, out, threads, batch::inverse_cdf::sample)
}
