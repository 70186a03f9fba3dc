//! Checks of the inputs of batches.

use samplegrad_core::{check, lane::Mask};

use crate::{
    error::Error,
    lanes::{dispatch::Lanes, kernel::Kernel, vector::Vector},
};

/// Checks the length of a slice.
pub(crate) fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}

/// Checks every row. The error has the row's number. The detailed check runs only if some number is not finite, because
/// no check refuses a row of finite numbers. Most batches are finite, and the test for finite numbers takes a fraction
/// of the time of the detailed check.
pub(crate) fn check_rows(
    values: &[f32],
    columns: usize,
    check: impl Fn(&[f32]) -> Result<(), samplegrad_core::Error>,
) -> Result<(), Error> {
    check_numbered_rows(values, columns, |_, row| check(row))
}

/// Checks every row as [`check_rows`] does, with a check that needs the row's number.
pub(crate) fn check_numbered_rows(
    values: &[f32],
    columns: usize,
    check: impl Fn(usize, &[f32]) -> Result<(), samplegrad_core::Error>,
) -> Result<(), Error> {
    if Lanes::Widest.run(AreFinite(values)) {
        return Ok(());
    }
    for (row, values) in values.chunks_exact(columns).enumerate() {
        check(row, values).map_err(|source| Error::Row { row, source })?;
    }
    Ok(())
}

/// Checks that rows of `columns` numbers are finite; `what` is their name in the error.
///
/// ```
/// use samplegrad_host::batch;
///
/// let error = batch::check_finite("cotangent", &[0.0, 1.0, 2.0, f32::NAN], 2).unwrap_err();
/// assert_eq!(error.to_string(), "row 1: cotangent[1]: not a number (NaN)");
/// ```
///
/// # Errors
/// [`Error::Empty`] for no columns; [`Error::NotRows`] if the numbers are not a whole number of rows; [`Error::Row`]
/// with the first number that is not finite.
pub fn check_finite(what: &'static str, values: &[f32], columns: usize) -> Result<(), Error> {
    if columns == 0 {
        return Err(Error::Empty { what });
    }
    if !values.len().is_multiple_of(columns) {
        return Err(Error::NotRows { what, columns, found: values.len() });
    }
    check_rows(values, columns, |row| check::finite(what, row))
}

/// The kernel that tests whether all numbers are finite.
struct AreFinite<'a>(&'a [f32]);

impl Kernel for AreFinite<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<V: Vector>(self) -> bool {
        let infinity = V::splat(f32::INFINITY);
        let mut finite = V::Mask::splat(true);
        let mut whole = self.0.chunks_exact(V::LANES);
        for x in &mut whole {
            finite = finite.and(V::load(x).abs().lt(infinity));
        }
        finite.and(V::load(whole.remainder()).abs().lt(infinity)).all()
    }
}
