//! Firmware whose policies go on learning on a microcontroller, for emulated boards.
//!
//! | file | what it holds |
//! |---|---|
//! | [`firmware!`] | makes a function the program of a device |
//! | `device` | what every firmware needs on the device: arguments, logs, the end of the program, the measured stack |
//!
//! The programs are in `src/bin`: each lives the life of a device that the crate `samplegrad-tasks` describes, and a host
//! replays it from there. `cargo xtask demo` builds one, boots it on an emulated Cortex-M4F and replays it; `cargo xtask test
//! cores` boots all on six cores. The firmware of real boards is in `boards`.

#![no_std]
#![deny(unsafe_code)]

// The painted stack is read as it lies in memory. Nothing else here may do such things.
#[cfg(target_os = "none")]
#[allow(unsafe_code)]
pub mod device;
mod firmware;
