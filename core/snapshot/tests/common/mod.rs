//! What the tests share.
#![allow(dead_code)]

pub mod device;
pub mod flash;
pub mod payload;
