use std::sync::{Mutex, PoisonError};

use numpy::{AllowTypeChange, PyArrayDyn, PyArrayLikeDyn, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::{
    exceptions::{PyRuntimeError, PyTypeError},
    prelude::*,
    types::PyString,
};
use samplegrad_core::{
    Bernoullis, arm::Arm, cost::Cost, disarm::DisArm, enumeration::Enumeration, estimator::Estimator, lane::Lane,
    leave_one_out::LeaveOneOut,
};
use samplegrad_host::{
    Error, F32x16, Streams as Generators,
    batch::{
        Logits,
        estimator::{self, Rows},
    },
};

use crate::{
    arguments,
    arrays::{Memory, check_mask, tuple, value_error},
    streams::Streams,
};

/// The vector of sixteen rows, which are evaluated at once because calls of Python are expensive.
type Lanes = F32x16;

/// The most bits of a row.
const MOST_BITS: usize = 64;
/// The most bits for enumeration: 65 536 values.
const MOST_ENUMERATED: usize = 16;

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
    fn ask(&self, py: Python<'_>, bits: &[Lanes]) -> PyResult<Lanes> {
        // Lanes beyond the last row repeat the last row.
        let distinct = |&lane: &usize| lane == 0 || self.rows.row(lane) != self.rows.row(lane - 1);
        let count = (0..Lanes::LANES).take_while(distinct).count();
        let values = (0..count).flat_map(|lane| bits.iter().map(move |bit| bit.extract(lane))).collect();
        let of_rows = numpy::PyArray1::from_vec(py, values).reshape([count, bits.len()])?;
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

impl Cost<[Lanes], Lanes> for CallbackCost<'_> {
    fn value(&mut self, bits: &[Lanes]) -> Lanes {
        if self.asker.raised.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Lanes::splat(f32::NAN);
        }
        Python::attach(|py| self.ask(py, bits)).unwrap_or_else(|error| {
            *self.asker.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            // A NaN ends the estimate.
            Lanes::splat(f32::NAN)
        })
    }
}

/// The outputs of estimates.
struct Outputs<'a> {
    mean: &'a mut [f32],
    gradient: &'a mut [f32],
}

fn run<'a, E>(
    estimator: E,
    logits: &Logits<'_>,
    asker: &'a Asker,
    streams: &mut Generators,
    out: Outputs<'_>,
) -> Result<(), Error>
where
    E: Estimator<Bernoullis<MOST_BITS, Lanes>, CallbackCost<'a>> + Clone + Sync,
{
    let cost = |rows: Rows| CallbackCost { asker, rows };
    estimator::bernoullis::<MOST_BITS, Lanes, _>(logits, &estimator, cost, streams, out.mean, out.gradient)
}

/// Estimates ``E[f(b)]`` and its gradient with respect to the logits, for rows of independent bits. The estimates are
/// unbiased and use values of ``f`` alone.
///
/// Parameters
/// ----------
/// estimator : str
///     ``"leave_one_out_2"``, ``"leave_one_out_4"``: the score function; the baseline of each sample is the mean cost
///     of the others; ``"arm"`` (M. Yin and M. Zhou, ICLR 2019); ``"disarm"`` (Z. Dong, A. Mnih and G. Tucker, NeurIPS
///     2020); ``"enumeration"``: the exact sum, of at most 16 bits.
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
#[allow(clippy::type_complexity)]
pub(crate) fn estimate_bernoullis<'py>(
    py: Python<'py>,
    estimator: &Bound<'py, PyAny>,
    logits: &Bound<'py, PyAny>,
    cost: &Bound<'py, PyAny>,
    streams: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Bound<'py, PyArrayDyn<f32>>, Bound<'py, PyArrayDyn<f32>>)> {
    let estimator = &*arguments::word(estimator, "estimator")?;
    let mut memory = Memory::default();
    let streams = Streams::of(streams)?;
    let logits = memory.read::<f32>(logits, "logits")?;
    let bits = logits.columns();
    let most = if estimator == "enumeration" { MOST_ENUMERATED } else { MOST_BITS };
    if bits > most {
        return Err(value_error(format!(
            "logits: {bits} bits in a row, at most {most} are possible with this estimator"
        )));
    }
    let [to_mean, to_gradient] = arguments::several(out)?;
    let mut mean = memory.write(py, to_mean.as_ref(), logits.rows(), "out[0]")?;
    let mut gradient = memory.write(py, to_gradient.as_ref(), logits.shape(), "out[1]")?;
    let l = Logits::new(logits.slice()?, bits).map_err(value_error)?;
    let outputs = Outputs { mean: mean.slice()?, gradient: gradient.slice()? };
    let asker = Asker { cost: cost.clone().unbind(), raised: Mutex::new(None) };
    // A copy: the cost function may use these streams itself.
    let before = py.detach(|| streams.lock().clone());
    let mut drawn = before.clone();
    let done = match estimator {
        "leave_one_out_2" => run(LeaveOneOut::<2>, &l, &asker, &mut drawn, outputs),
        "leave_one_out_4" => run(LeaveOneOut::<4>, &l, &asker, &mut drawn, outputs),
        "arm" => run(Arm, &l, &asker, &mut drawn, outputs),
        "disarm" => run(DisArm, &l, &asker, &mut drawn, outputs),
        "enumeration" => run(Enumeration, &l, &asker, &mut drawn, outputs),
        _ => {
            let kinds = "leave_one_out_2, leave_one_out_4, arm, disarm, enumeration";
            return Err(value_error(format!("estimator: there is no `{estimator}`; there are {kinds}")));
        }
    };
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
