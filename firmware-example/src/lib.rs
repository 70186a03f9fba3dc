//! Policies that go on learning on a microcontroller.
//!
//! | file | what it holds |
//! |---|---|
//! | [`digits_bandit`] | reads handwritten digits, learned from reward alone |
//! | [`digits_integer`] | the same in integers, for cores without a floating-point unit |
//! | [`optdigits`] | the digits |
//! | [`csv`] | how their table is read and checked |
//!
//! The firmware is in `src/bin`. `cargo xtask demo` builds it, boots it on an emulated Cortex-M4F and replays it.

#![no_std]
#![forbid(unsafe_code)]

pub mod csv;
pub mod digits_bandit;
pub mod digits_integer;
pub mod optdigits;
