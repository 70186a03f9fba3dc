//! The golden files on the host: read, encoded for a device, and compared with what it computed.

pub mod compare;
pub mod golden;
pub mod tolerance;

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
