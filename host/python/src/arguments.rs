//! Arguments that are not arrays: an error names the argument and the requirement.

use pyo3::{
    exceptions::{PyOverflowError, PyTypeError},
    prelude::*,
    types::PyString,
};

use crate::arrays::value_error;

/// Creates an error with the name of the argument, the value found, and the requirement.
pub(crate) fn type_error(what: &str, found: &Bound<'_, PyAny>, wanted: &str) -> PyErr {
    let found = found.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("{what}: {found}, it must be {wanted}"))
}

/// An integer type of arguments.
pub(crate) trait Unsigned: for<'a, 'py> FromPyObject<'a, 'py, Error = PyErr> {
    const RANGE: &str;
}

impl Unsigned for u64 {
    const RANGE: &str = "an integer from 0 to 2**64 - 1";
}

impl Unsigned for usize {
    const RANGE: &str = "an integer from 0 on";
}

/// Reads an integer that is not negative and fits.
pub(crate) fn unsigned<T: Unsigned>(argument: &Bound<'_, PyAny>, what: &str) -> PyResult<T> {
    argument.extract().map_err(|error: PyErr| {
        let py = argument.py();
        if error.is_instance_of::<PyOverflowError>(py) {
            return value_error(format!("{what}: {}, it must be {}", short(argument), T::RANGE));
        }
        if error.is_instance_of::<PyTypeError>(py) { type_error(what, argument, T::RANGE) } else { error }
    })
}

/// Formats a number for people, with at most 40 digits.
fn short(number: &Bound<'_, PyAny>) -> String {
    let text = number.str().map_or_else(|_| "?".to_owned(), |text| text.to_string());
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Reads a real number.
pub(crate) fn real(argument: &Bound<'_, PyAny>, what: &str) -> PyResult<f32> {
    argument.extract().map_err(|error: PyErr| match error.is_instance_of::<PyTypeError>(argument.py()) {
        true => type_error(what, argument, "a number"),
        false => error,
    })
}

/// Reads a word.
pub(crate) fn word(argument: &Bound<'_, PyAny>, what: &str) -> PyResult<String> {
    match argument.cast::<PyString>() {
        Ok(word) => Ok(word.to_string()),
        Err(_) => Err(type_error(what, argument, "a str")),
    }
}

/// Reads the shape of an array.
pub(crate) fn shape(argument: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
    let wanted = "a tuple of integers, such as (4, 3)";
    if argument.is_instance_of::<PyString>() {
        return Err(type_error("shape", argument, wanted));
    }
    let lengths = argument.try_iter().map_err(|_| type_error("shape", argument, wanted))?;
    (0..).zip(lengths).map(|(i, length)| unsigned(&length?, &format!("shape[{i}]"))).collect()
}

/// Reads several outputs, if there are any.
pub(crate) fn several<'py, const N: usize>(
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<[Option<Bound<'py, PyAny>>; N]> {
    let Some(out) = out else { return Ok([const { None }; N]) };
    // The length of an array is its number of rows, so an array is not a tuple of arrays.
    let arrays = if out.cast::<numpy::PyUntypedArray>().is_ok() { None } else { out.extract::<Vec<_>>().ok() };
    arrays
        .and_then(|arrays: Vec<Bound<'py, PyAny>>| <[_; N]>::try_from(arrays).ok())
        .map(|arrays| arrays.map(Some))
        .ok_or_else(|| type_error("out", out, &format!("a tuple of {N} arrays")))
}
