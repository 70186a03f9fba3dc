//! Checks shared by several constructors.

use crate::{
    arithmetic::lane::{Lane, Mask, Word},
    error::Error,
};

/// Checks that numbers are finite, in every lane.
///
/// # Errors
/// [`Error::NotANumber`] and [`Error::Infinite`] with the index of the first number that is not finite.
pub fn finite<L: Lane>(what: &'static str, x: &[L]) -> Result<(), Error> {
    x.iter().enumerate().try_for_each(|(index, &x)| finite_at(what, index, x))
}

fn finite_at<L: Lane>(what: &'static str, index: usize, x: L) -> Result<(), Error> {
    if !x.equals(x).all() {
        return Err(Error::NotANumber { what, index });
    }
    if !x.abs().lt(L::splat(f32::INFINITY)).all() {
        return Err(Error::Infinite { what, index });
    }
    Ok(())
}

/// Checks that the logarithms of a point of the simplex are finite, in every lane. The coordinate of a masked class is
/// zero, and its logarithm may be −∞. Works on the shorter length.
///
/// ```
/// use samplegrad_core::{Error, check};
///
/// let (logits, masked) = ([0.5_f32, f32::NEG_INFINITY], f32::NEG_INFINITY);
/// assert_eq!(check::log_point("point", &logits, &[0.0, masked]), Ok(()));
/// let error = Error::Infinite { what: "point", index: 0 };
/// assert_eq!(check::log_point("point", &logits, &[masked, 0.0]), Err(error));
/// ```
///
/// # Errors
/// [`Error::NotANumber`] and [`Error::Infinite`] with the index of the first logarithm that is not finite.
pub fn log_point<L: Lane>(what: &'static str, logits: &[L], x: &[L]) -> Result<(), Error> {
    for (index, (&l, &x)) in logits.iter().zip(x).enumerate() {
        let none = l.equals(L::NEG_INFINITY).and(x.equals(L::NEG_INFINITY));
        finite_at(what, index, L::select(none, L::ZERO, x))?;
    }
    Ok(())
}

/// Checks that a number lies in a closed range, in every lane.
#[cfg_attr(target_arch = "x86_64", inline(always))]
pub(crate) fn within<L: Lane>(
    what: &'static str,
    x: L,
    low: f32,
    high: f32,
    requirement: &'static str,
) -> Result<(), Error> {
    let inside = x.lt(L::splat(low)).or(L::splat(high).lt(x)).or(x.equals(x).not()).not();
    if inside.all() {
        return Ok(());
    }
    let value = x.extract((0..L::LANES).find(|&lane| !inside.extract(lane)).unwrap_or(0));
    Err(Error::OutOfRange { what, value, requirement })
}

/// Checks that a slice has the expected length.
pub(crate) fn length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}

/// Checks that a class exists, in every lane.
pub(crate) fn class<W: Word>(class: W, len: usize) -> Result<(), Error> {
    let exists = class.lt(W::splat(len as u32));
    if exists.all() {
        return Ok(());
    }
    // The error names the largest class, which does not exist.
    let index = (0..W::LANES).map(|lane| class.extract(lane) as usize).max().unwrap_or(0);
    Err(Error::NoSuchIndex { what: "class", index, len })
}
