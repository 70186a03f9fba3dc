//! Firmware whose policies continue to learn on a microcontroller, for emulated boards.
//!
//! | file | contents |
//! |---|---|
//! | [`firmware!`] | makes a function the program of a device |
//! | `device` | runtime of every firmware on the device: arguments, logs, exit of the program, stack measurement |
//!
//! The programs are in `src/bin`. Each program runs a device that the crate `samplegrad-tasks` describes. A host uses
//! the same crate to replay the device. `cargo xtask demo` builds one, boots it on an emulated Cortex-M4F and replays
//! it; `cargo xtask test cores` boots all on six cores. The firmware of real boards is in `boards`.

#![no_std]
#![deny(unsafe_code)]

// `device` reads the painted stack as raw memory. No other module here may use such operations.
#[cfg(target_os = "none")]
#[allow(unsafe_code)]
pub mod device;
mod firmware;
