//! Policies that go on learning on a microcontroller.
//!
//! | file | what it holds |
//! |---|---|
//! | [`digits_bandit`] | reads handwritten digits, learned from reward alone |
//! | [`digits_integer`] | the same in integers, for cores without a floating-point unit |
//! | [`cart_pole`] | balances a pole on a cart, learned from when it falls |
//! | [`sensor_node`] | chooses the power of its radio, learned from what arrives |
//! | [`optdigits`] | the digits |
//! | [`fingerprint`] | a hash of what was learned |
//! | [`csv`] | how their table is read and checked |
//! | `told` | what each firmware tells in its log, told by a host |
//! | [`firmware!`] | makes a function the program of a device |
//! | `device` | what every firmware needs on the device: arguments, the end of the program, the measured stack |
//!
//! The firmware is in `src/bin`. `cargo xtask demo` builds it, boots it on an emulated Cortex-M4F and replays it;
//! `cargo xtask test cores` boots it on all six. What goes on real boards is in `boards`.

#![no_std]
#![deny(unsafe_code)]

#[cfg(not(target_os = "none"))]
extern crate std;

pub mod cart_pole;
pub mod csv;
// The painted stack is read as it lies in memory. Nothing else here may do such things.
#[cfg(all(target_os = "none", feature = "emulated"))]
#[allow(unsafe_code)]
pub mod device;
pub mod digits_bandit;
pub mod digits_integer;
pub mod fingerprint;
mod firmware;
pub mod optdigits;
pub mod sensor_node;
#[cfg(not(target_os = "none"))]
pub mod told;
