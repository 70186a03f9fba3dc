//! Code shared by the tests.
#![allow(dead_code)]

pub mod device;
pub mod flash;
pub mod payload;
