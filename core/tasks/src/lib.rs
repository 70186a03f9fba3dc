//! Tasks for policies that learn on a microcontroller. Each task of a device has the device's whole run and the lines
//! that the device logs. Control tasks have one trait, by which one trainer runs each of them. All code is generic over
//! the lane: a device runs it in `f32`, a host runs the same code in SIMD vectors, one device per lane.
//!
//! | file | content |
//! |---|---|
//! | [`digits_bandit`] | handwritten digits, read by a policy that learns from reward alone |
//! | [`digits_integer`] | the digits task in integers, for cores without a floating-point unit |
//! | [`cart_pole`] | a pole on a cart, balanced by a policy that learns from its falls |
//! | [`sensor_node`] | the power of a radio, chosen by a policy that learns from the packets that arrive |
//! | [`control`] | the trait of control tasks: cart-pole and the three tasks that follow |
//! | [`pendulum`] | a pendulum, swung up and held by a limited torque, which is a class or a number |
//! | [`mountain_car`] | a car that gathers speed in a valley to reach a flag |
//! | [`acrobot`] | two links, whose free end a torque at the middle joint swings above a line |
//! | [`angle`] | angles in the range of one turn |
//! | [`optdigits`] | the digits; [`csv`] reads and checks their table |
//! | [`streaming`] | the trainer of control tasks, a network that learns step by step |
//! | [`task`] | all tasks by name, for programs that replay devices |
//! | [`log`] | the lines of a log, written once for device and host |
//! | [`fingerprint`] | a hash of the learned parameters |
//!
//! # Features
//! `defmt`: `defmt::Format` on the lines of logs.

#![no_std]
#![forbid(unsafe_code)]

pub mod acrobot;
pub mod angle;
pub mod cart_pole;
pub mod control;
pub mod csv;
pub mod digits_bandit;
pub mod digits_integer;
mod episode;
pub mod fingerprint;
pub mod log;
pub mod mountain_car;
pub mod optdigits;
pub mod pendulum;
pub mod sensor_node;
pub mod streaming;
pub mod task;

pub use task::Task;
