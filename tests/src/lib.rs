//! Golden files on the host: reads them, encodes them for a device, and compares the device's results with them.

pub mod compare;
pub mod golden;
pub mod tolerance;

/// Doc-tests of the examples in the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
