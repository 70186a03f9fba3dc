use std::{
    str::FromStr,
    sync::{Mutex, PoisonError},
};

use numpy::{AllowTypeChange, Element, PyArrayDyn, PyArrayLikeDyn, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::{
    exceptions::{PyRuntimeError, PyTypeError},
    prelude::*,
    types::{IntoPyDict, PyModule, PyString},
};
use samplegrad_core::{
    cost::Cost,
    lane::{Lane, Word},
};
use samplegrad_host::{
    F32x16, Streams as Generators, U32x16,
    batch::{
        Logits,
        estimator::Rows,
        estimator_kind::{BitsEstimator, ClassesEstimator, EstimateError},
    },
};

use crate::{
    arguments,
    arrays::{Memory, check_mask, tuple, value_error},
    streams::Streams,
};

/// The vector of sixteen rows, which are evaluated at once because calls of Python are expensive.
type Lanes = F32x16;

/// The words of the vector, which hold classes.
type Words = U32x16;

/// The caller's cost function and the exception that it raised. The cost function is called in the caller's thread,
/// which is not in a `rayon` pool.
struct Asker {
    cost: Py<PyAny>,
    raised: Mutex<Option<PyErr>>,
}

/// The cost function of some rows.
struct CallbackCost<'a> {
    asker: &'a Asker,
    rows: Rows,
}

impl CallbackCost<'_> {
    /// Calls the cost function for a sample of each row. `extract` returns the value of a variable in a lane.
    fn ask<V, T: Element>(
        &self,
        py: Python<'_>,
        variables: &[V],
        extract: impl Fn(&V, usize) -> T + Copy,
    ) -> PyResult<Lanes> {
        // Lanes beyond the last row repeat the last row.
        let distinct = |&lane: &usize| lane == 0 || self.rows.row(lane) != self.rows.row(lane - 1);
        let count = (0..Lanes::LANES).take_while(distinct).count();
        let values = (0..count).flat_map(|lane| variables.iter().map(move |x| extract(x, lane))).collect();
        let of_rows = numpy::PyArray1::from_vec(py, values).reshape([count, variables.len()])?;
        let rows: Vec<usize> = (0..count).map(|lane| self.rows.row(lane)).collect();
        // A cost function that is not written in Python runs no handlers of signals.
        py.check_signals()?;
        let told = self.asker.cost.bind(py).call1((of_rows, numpy::PyArray1::from_vec(py, rows)))?;
        let costs = numbers(&told)?;
        if costs.shape() != [count] {
            let found = tuple(costs.shape());
            let advice = if costs.len() == count { "; `.reshape(-1)` makes it so" } else { "" };
            return Err(value_error(format!(
                "cost: it returned the shape {found} for {count} rows, it must be ({count},){advice}"
            )));
        }
        let told = costs.as_array();
        Ok(Lanes::from_fn(|lane| if lane < count { told[lane] } else { 0.0 }))
    }
}

/// Converts the result of a cost function, which is an array or a list of numbers, to single precision.
fn numbers<'py>(told: &Bound<'py, PyAny>) -> PyResult<PyArrayLikeDyn<'py, f32, AllowTypeChange>> {
    check_mask(told, "cost")?;
    let refused = || {
        let found = told.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string());
        PyTypeError::new_err(format!("cost: it returned {found}, it must return an array of a number for each row"))
    };
    // NumPy converts None to NaN, and text to the number that it spells.
    if told.is_none() || told.is_instance_of::<PyString>() {
        return Err(refused());
    }
    told.extract().map_err(|_| refused())
}

impl CallbackCost<'_> {
    /// Returns the costs, or NaN, which ends the estimate, if the cost function raises an exception or has raised one.
    fn or_nan(&self, ask: impl FnOnce(Python<'_>) -> PyResult<Lanes>) -> Lanes {
        if self.asker.raised.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Lanes::splat(f32::NAN);
        }
        Python::attach(ask).unwrap_or_else(|error| {
            *self.asker.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            Lanes::splat(f32::NAN)
        })
    }
}

impl Cost<[Lanes], Lanes> for CallbackCost<'_> {
    fn value(&mut self, bits: &[Lanes]) -> Lanes {
        self.or_nan(|py| self.ask(py, bits, |bit, lane| bit.extract(lane)))
    }
}

impl Cost<[Words], Lanes> for CallbackCost<'_> {
    fn value(&mut self, classes: &[Words]) -> Lanes {
        self.or_nan(|py| self.ask(py, classes, |class, lane| class.extract(lane)))
    }
}

/// The arguments of an estimate.
struct Call<'a> {
    logits: Logits<'a>,
    asker: &'a Asker,
    streams: &'a mut Generators,
    mean: &'a mut [f32],
    gradient: &'a mut [f32],
}

type Estimates<'py> = (Bound<'py, PyArrayDyn<f32>>, Bound<'py, PyArrayDyn<f32>>);

/// Computes estimates: reads the arguments, runs `estimate`, and keeps the drawn streams if it succeeds.
fn estimated<'py>(
    py: Python<'py>,
    (logits, cost, streams): (&Bound<'py, PyAny>, &Bound<'py, PyAny>, &Bound<'py, PyAny>),
    out: Option<&Bound<'py, PyAny>>,
    estimate: impl FnOnce(Call<'_>) -> Result<(), EstimateError>,
) -> PyResult<Estimates<'py>> {
    let mut memory = Memory::default();
    let streams = Streams::of(streams)?;
    let logits = memory.read::<f32>(logits, "logits")?;
    let [to_mean, to_gradient] = arguments::several(out)?;
    let mut mean = memory.write(py, to_mean.as_ref(), logits.rows(), "out[0]")?;
    let mut gradient = memory.write(py, to_gradient.as_ref(), logits.shape(), "out[1]")?;
    let l = Logits::new(logits.slice()?, logits.columns()).map_err(value_error)?;
    let asker = Asker { cost: cost.clone().unbind(), raised: Mutex::new(None) };
    // A copy: the cost function may use these streams itself.
    let before = py.detach(|| streams.lock().clone());
    let mut drawn = before.clone();
    let (to, by) = (mean.slice()?, gradient.slice()?);
    let done = estimate(Call { logits: l, asker: &asker, streams: &mut drawn, mean: to, gradient: by });
    if let Some(raised) = asker.raised.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(raised);
    }
    done.map_err(value_error)?;
    let kept = py.detach(|| {
        let mut streams = streams.lock();
        let unchanged = *streams == before;
        if unchanged {
            *streams = drawn;
        }
        unchanged
    });
    if !kept {
        return Err(PyRuntimeError::new_err("streams: they were drawn from by something else during the estimate"));
    }
    Ok((mean.done(), gradient.done()))
}

/// Adds the dictionaries from the name of each estimator to its description.
pub(crate) fn add_names(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let of_bits = BitsEstimator::all().into_iter().map(|kind| (kind.name(), kind.about()));
    module.add("BITS_ESTIMATORS", of_bits.into_py_dict(module.py())?)?;
    let of_classes = ClassesEstimator::all().into_iter().map(|kind| (kind.name(), kind.about()));
    module.add("CLASSES_ESTIMATORS", of_classes.into_py_dict(module.py())?)
}

/// Reads the name of an estimator.
fn kind<K: FromStr<Err = EstimateError>>(estimator: &Bound<'_, PyAny>) -> PyResult<K> {
    arguments::word(estimator, "estimator")?.parse().map_err(value_error)
}

/// Estimates ``E[f(b)]`` and its gradient with respect to the logits, for rows of independent bits. The estimates are
/// unbiased and use values of ``f`` alone.
///
/// Parameters
/// ----------
/// estimator : str
///     A name such as ``"disarm"``; `BITS_ESTIMATORS` describes each. ``"enumeration"`` takes at most 16 bits.
/// logits : array of float32, shape (..., bits)
///     At most 64 bits; P(b = 1) = 1/(1 + exp(-l)).
/// cost : callable
///     ``cost(bits, rows)`` receives bits, float32 of shape (n, bits), each 0 or 1, and the numbers of their n rows, at
///     most 16. It returns n finite numbers, shape (n,). It is called in the caller's thread, several times for each
///     row.
/// streams : Streams
///     The streams and `out` are unchanged if the cost function raises an exception or a cost is not finite.
/// out : pair of arrays of float32, shape (...) and shape of `logits`, optional
///
/// Returns
/// -------
/// pair of arrays, as `out`
#[pyfunction]
#[pyo3(signature = (estimator, logits, cost, streams, *, out=None))]
pub(crate) fn estimate_bernoullis<'py>(
    py: Python<'py>,
    estimator: &Bound<'py, PyAny>,
    logits: &Bound<'py, PyAny>,
    cost: &Bound<'py, PyAny>,
    streams: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Estimates<'py>> {
    let kind: BitsEstimator = kind(estimator)?;
    estimated(py, (logits, cost, streams), out, |Call { logits, asker, streams, mean, gradient }| {
        kind.estimate::<Lanes, _>(&logits, |rows| CallbackCost { asker, rows }, streams, mean, gradient)
    })
}

/// Estimates ``E[f(x)]`` and its gradient with respect to the logits, for rows of independent categorical variables. The
/// estimates are unbiased and use values of ``f`` alone.
///
/// Parameters
/// ----------
/// estimator : str
///     A name such as ``"disarm"``; `CLASSES_ESTIMATORS` describes each. ``"enumeration"`` takes at most 65536 values.
/// logits : array of float32, shape (..., sum(sizes))
///     The logits of the variables, one variable after the other, at most 64; ``-inf`` masks a class.
/// sizes : sequence of int
///     The number of classes of each variable.
/// cost : callable
///     ``cost(classes, rows)`` receives classes, uint32 of shape (n, len(sizes)), and the numbers of their n rows, at
///     most 16. It returns n finite numbers, shape (n,). It is called in the caller's thread, several times for each
///     row.
/// streams : Streams
///     The streams and `out` are unchanged if the cost function raises an exception or a cost is not finite.
/// out : pair of arrays of float32, shape (...) and shape of `logits`, optional
///
/// Returns
/// -------
/// pair of arrays, as `out`
#[pyfunction]
#[pyo3(signature = (estimator, logits, sizes, cost, streams, *, out=None))]
pub(crate) fn estimate_categoricals<'py>(
    py: Python<'py>,
    estimator: &Bound<'py, PyAny>,
    logits: &Bound<'py, PyAny>,
    sizes: &Bound<'py, PyAny>,
    cost: &Bound<'py, PyAny>,
    streams: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Estimates<'py>> {
    let kind: ClassesEstimator = kind(estimator)?;
    let sizes: Vec<usize> = sizes.extract().map_err(|_| {
        PyTypeError::new_err("sizes: it must be a sequence of the number of classes of each variable, such as [3, 2]")
    })?;
    estimated(py, (logits, cost, streams), out, |Call { logits, asker, streams, mean, gradient }| {
        kind.estimate::<Lanes, _>(&logits, &sizes, |rows| CallbackCost { asker, rows }, streams, mean, gradient)
    })
}
