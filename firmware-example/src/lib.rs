//! Policies that go on learning on a microcontroller.
//!
//! | file | what it holds |
//! |---|---|
//! | [`digits_bandit`] | reads handwritten digits, learned from reward alone |
//! | [`cart_pole`] | balances a pole on a cart, learned from when it falls |
//! | [`sensor_node`] | chooses the power of its radio, learned from what arrives |
//! | [`optdigits`] | the digits |
//! | [`csv`] | how their table is read and checked |
//!
//! The firmware is in `src/bin`. `cargo xtask demo` builds it, boots it on an emulated Cortex-M4F and replays it.

#![no_std]
#![forbid(unsafe_code)]

pub mod cart_pole;
pub mod csv;
pub mod digits_bandit;
pub mod optdigits;
pub mod sensor_node;
