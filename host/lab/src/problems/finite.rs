//! A check for settings that must be finite.

use crate::error::Error;

/// Returns the number if it is finite.
pub(super) fn finite(what: &'static str, x: f32) -> Result<f32, Error> {
    let refused = || Error::Setting { what, found: x.to_string(), requirement: "finite".to_owned() };
    if x.is_finite() { Ok(x) } else { Err(refused()) }
}
