//! Tasks for policies that go on learning on a microcontroller, each with the life of a device and the lines that it logs.
//! Everything is written over a lane: a device runs it in `f32`, a host the same lines in SIMD vectors, one device a lane.
//!
//! | file | what it holds |
//! |---|---|
//! | [`digits_bandit`] | handwritten digits, read by what reward alone taught |
//! | [`digits_integer`] | the same in integers, for cores without a floating-point unit |
//! | [`cart_pole`] | a pole on a cart, balanced by what its falls taught |
//! | [`sensor_node`] | the power of a radio, chosen by what arrived |
//! | [`optdigits`] | the digits; [`csv`], how their table is read and checked |
//! | [`task`] | all tasks by name, as a program that replays devices needs them |
//! | [`log`] | lines of a log, written once for device and host |
//! | [`fingerprint`] | a hash of what was learned |
//!
//! # Features
//! `defmt`: `defmt::Format` on the lines of logs.

#![no_std]
#![forbid(unsafe_code)]

pub mod cart_pole;
pub mod csv;
pub mod digits_bandit;
pub mod digits_integer;
pub mod fingerprint;
pub mod log;
pub mod optdigits;
pub mod sensor_node;
pub mod task;

pub use task::Task;
