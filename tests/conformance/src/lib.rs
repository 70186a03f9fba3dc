//! Computations that every target runs. They show that the results of all targets are bit-for-bit equal.
//!
//! | module | contents |
//! |---|---|
//! | [`suites`] | the input arrays, computations and output arrays of the golden suites |
//! | [`digest`] | long seeded runs of every operation; the results of each run are hashed |
//!
//! All code is generic over the lane type. A device runs the code in `f32`. A host runs it in `f32` and in SIMD
//! vectors.

#![no_std]
#![forbid(unsafe_code)]

mod arrays;
mod continuous;
pub mod digest;
mod discrete;
mod elementary;
mod episodes;
mod estimators;
mod integer;
mod learning;
mod networks;
mod rebar;
mod relaxed;
mod straight_through;
pub mod suites;
