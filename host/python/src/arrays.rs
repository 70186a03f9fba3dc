//! NumPy arrays as slices, in place: other arrays are refused, never copied.

use std::ops::Range;

use numpy::{
    Element, PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyReadwriteArrayDyn, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    sync::PyOnceLock,
    types::PyType,
};

/// Rows of numbers or words to read.
pub(crate) struct Input<'py, T: Element> {
    array: PyReadonlyArrayDyn<'py, T>,
    what: &'static str,
}

/// Rows of numbers or words to write.
pub(crate) struct Output<'py, T: Element> {
    array: PyReadwriteArrayDyn<'py, T>,
    returned: Bound<'py, PyArrayDyn<T>>,
    what: &'static str,
}

/// Converts the error of an operation to a `ValueError`.
pub(crate) fn value_error(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Formats a shape as Python does.
pub(crate) fn tuple(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!("({})", shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// Refuses a masked array, because its mask would be ignored.
pub(crate) fn check_mask(array: &Bound<'_, PyAny>, what: &str) -> PyResult<()> {
    static MASKED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let masked = MASKED.import(array.py(), "numpy.ma", "MaskedArray")?;
    if !array.is_instance(masked)? {
        return Ok(());
    }
    let classes = if what == "logits" { ", `logits.filled(-numpy.inf)` masks classes" } else { "" };
    Err(PyTypeError::new_err(format!(
        "{what}: a masked array, whose mask would be ignored; `{what}.filled(x)` is a plain array with x in the masked \
         places{classes}"
    )))
}

/// Returns the array if it has this type and its memory can be used as a slice.
fn slice_like<'py, T: Element>(array: &Bound<'py, PyAny>, what: &str) -> PyResult<Bound<'py, PyArrayDyn<T>>> {
    let Ok(untyped) = array.cast::<PyUntypedArray>() else {
        let found = array.get_type().name()?;
        return Err(PyTypeError::new_err(format!("{what}: {found}, it must be a NumPy array")));
    };
    check_mask(array, what)?;
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

/// The memory of one call. Arrays on one buffer need not refer to each other, so addresses are compared.
#[derive(Default)]
pub(crate) struct Memory {
    parts: Vec<(Range<usize>, bool, &'static str)>,
}

impl Memory {
    /// Refuses an array that shares memory with an earlier array, if one of the two is written.
    fn add<T: Element>(&mut self, array: &Bound<'_, PyArrayDyn<T>>, written: bool, what: &'static str) -> PyResult<()> {
        let start = array.data().addr();
        let range = start..start + array.len() * size_of::<T>();
        for (other, other_written, name) in &self.parts {
            if (written || *other_written) && range.start < other.end && other.start < range.end {
                let changed = if written { what } else { *name };
                return Err(value_error(format!(
                    "{what}: it shares memory with {name}, and {changed} is written; give {changed} memory of its own"
                )));
            }
        }
        self.parts.push((range, written, what));
        Ok(())
    }

    /// Reads an array of any number of dimensions; the last dimension is the columns.
    pub(crate) fn read<'py, T: Element>(
        &mut self,
        array: &Bound<'py, PyAny>,
        what: &'static str,
    ) -> PyResult<Input<'py, T>> {
        let array = slice_like::<T>(array, what)?;
        if array.ndim() == 0 {
            return Err(value_error(format!("{what}: no dimension, it must have rows or at least columns")));
        }
        self.add(&array, false, what)?;
        let array = array.try_readonly().map_err(|_| value_error(format!("{what}: another thread is writing it")))?;
        Ok(Input { array, what })
    }

    /// Reads an array of a known shape.
    pub(crate) fn read_shape<'py, T: Element>(
        &mut self,
        array: &Bound<'py, PyAny>,
        shape: &[usize],
        what: &'static str,
    ) -> PyResult<Input<'py, T>> {
        let input = self.read(array, what)?;
        check_shape(input.shape(), shape, what)?;
        Ok(input)
    }

    /// Returns an array to write: the caller's array of exactly this shape, or a new array.
    pub(crate) fn write<'py, T: Element>(
        &mut self,
        py: Python<'py>,
        out: Option<&Bound<'py, PyAny>>,
        shape: &[usize],
        what: &'static str,
    ) -> PyResult<Output<'py, T>> {
        let returned = match out {
            None => PyArrayDyn::<T>::zeros(py, shape, false),
            Some(out) => {
                let out = slice_like::<T>(out, what)?;
                check_shape(out.shape(), shape, what)?;
                self.add(&out, true, what)?;
                out
            }
        };
        let array = returned.try_readwrite().map_err(|error| match error {
            numpy::BorrowError::NotWriteable => value_error(format!("{what}: it is not writeable")),
            _ => value_error(format!("{what}: another thread is using it")),
        })?;
        Ok(Output { array, returned, what })
    }
}

impl<'py, T: Element> Input<'py, T> {
    pub(crate) fn shape(&self) -> &[usize] {
        self.array.shape()
    }

    /// Returns the length of the last dimension.
    pub(crate) fn columns(&self) -> usize {
        self.shape().last().copied().unwrap_or_default()
    }

    /// Returns the dimensions of an array with one number per row.
    pub(crate) fn rows(&self) -> &[usize] {
        self.shape().split_last().map_or(&[], |(_, rows)| rows)
    }

    pub(crate) fn slice(&self) -> PyResult<&[T]> {
        self.array.as_slice().map_err(|error| value_error(format!("{}: {error}", self.what)))
    }
}

impl<'py, T: Element> Output<'py, T> {
    pub(crate) fn slice(&mut self) -> PyResult<&mut [T]> {
        self.array.as_slice_mut().map_err(|error| value_error(format!("{}: {error}", self.what)))
    }

    /// Returns the array for the caller.
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
