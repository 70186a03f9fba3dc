//! NumPy arrays as slices, in place: what cannot be one is refused, never copied.

use numpy::{
    Element, PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyReadwriteArrayDyn, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
};
use samplegrad_host::Error;

/// Rows of numbers or words that are read.
pub(crate) struct Input<'py, T: Element> {
    array: PyReadonlyArrayDyn<'py, T>,
    what: &'static str,
}

/// Rows of numbers or words that are written.
pub(crate) struct Output<'py, T: Element> {
    array: PyReadwriteArrayDyn<'py, T>,
    returned: Bound<'py, PyArrayDyn<T>>,
    what: &'static str,
}

/// What an operation does not like about its numbers.
pub(crate) fn value_error(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// A shape as Python writes it.
fn tuple(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!("({})", shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// An array of this type that a slice can be made of.
fn slice_like<'py, T: Element>(array: &Bound<'py, PyAny>, what: &str) -> PyResult<Bound<'py, PyArrayDyn<T>>> {
    let Ok(untyped) = array.cast::<PyUntypedArray>() else {
        let found = array.get_type().name()?;
        return Err(PyTypeError::new_err(format!("{what}: {found}, it must be a NumPy array")));
    };
    let (found, due) = (untyped.dtype(), T::get_dtype(array.py()));
    if !found.is_equiv_to(&due) {
        let advice = format!("`numpy.ascontiguousarray({what}, dtype=\"{due}\")` makes a copy");
        return Err(value_error(format!("{what}: dtype {found}, it must be {due}; {advice}")));
    }
    if !untyped.is_c_contiguous() {
        let advice = format!("`numpy.ascontiguousarray({what})` makes a copy");
        return Err(value_error(format!("{what}: not contiguous in row-major order, it must be; {advice}")));
    }
    if !untyped.is_aligned() {
        return Err(value_error(format!("{what}: its address is no multiple of four; `{what}.copy()` is aligned")));
    }
    Ok(array.cast::<PyArrayDyn<T>>()?.clone())
}

impl<'py, T: Element> Input<'py, T> {
    /// Any number of dimensions, of which the last are the columns.
    pub(crate) fn new(array: &Bound<'py, PyAny>, what: &'static str) -> PyResult<Self> {
        let array = slice_like::<T>(array, what)?;
        if array.ndim() == 0 {
            return Err(value_error(format!("{what}: no dimension, it must have rows or at least columns")));
        }
        let array = array.try_readonly().map_err(|_| value_error(format!("{what}: it is being written")))?;
        Ok(Self { array, what })
    }

    /// The same, of a shape that is known.
    pub(crate) fn of_shape(array: &Bound<'py, PyAny>, shape: &[usize], what: &'static str) -> PyResult<Self> {
        let input = Self::new(array, what)?;
        check_shape(input.shape(), shape, what)?;
        Ok(input)
    }

    pub(crate) fn shape(&self) -> &[usize] {
        self.array.shape()
    }

    /// The length of the last dimension.
    pub(crate) fn columns(&self) -> usize {
        self.shape().last().copied().unwrap_or_default()
    }

    /// The dimensions of a number per row.
    pub(crate) fn rows(&self) -> &[usize] {
        self.shape().split_last().map_or(&[], |(_, rows)| rows)
    }

    pub(crate) fn slice(&self) -> PyResult<&[T]> {
        self.array.as_slice().map_err(|error| value_error(format!("{}: {error}", self.what)))
    }
}

impl<'py, T: Element> Output<'py, T> {
    /// The caller's array, of just this shape, or a new one.
    pub(crate) fn new(
        py: Python<'py>,
        out: Option<&Bound<'py, PyAny>>,
        shape: &[usize],
        what: &'static str,
    ) -> PyResult<Self> {
        let returned = match out {
            None => PyArrayDyn::<T>::zeros(py, shape, false),
            Some(out) => {
                let out = slice_like::<T>(out, what)?;
                check_shape(out.shape(), shape, what)?;
                out
            }
        };
        let array = returned.try_readwrite().map_err(|error| match error {
            numpy::BorrowError::NotWriteable => value_error(format!("{what}: it is not writeable")),
            _ => value_error(format!("{what}: it shares memory with another argument")),
        })?;
        Ok(Self { array, returned, what })
    }

    pub(crate) fn slice(&mut self) -> PyResult<&mut [T]> {
        self.array.as_slice_mut().map_err(|error| value_error(format!("{}: {error}", self.what)))
    }

    /// What the caller gets.
    pub(crate) fn done(self) -> Bound<'py, PyArrayDyn<T>> {
        self.returned
    }
}

fn check_shape(found: &[usize], due: &[usize], what: &str) -> PyResult<()> {
    if found == due {
        return Ok(());
    }
    Err(value_error(format!("{what}: shape {}, it must be {}", tuple(found), tuple(due))))
}

/// Does the work without the interpreter's lock.
pub(crate) fn detached(
    py: Python<'_>,
    threads: Option<&crate::threads::Threads>,
    work: impl FnOnce() -> Result<(), Error> + Send,
) -> PyResult<()> {
    py.detach(|| match threads {
        Some(threads) => threads.run(work),
        None => work(),
    })
    .map_err(value_error)
}
