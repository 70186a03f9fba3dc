//! Computations that every target runs to prove that it computes the same bits.
//!
//! | module | contents |
//! |---|---|
//! | [`suites`] | the golden suites: their input arrays, computations and output arrays |
//! | [`digest`] | long seeded runs of every operation, each folded into one hash |
//!
//! Everything is generic over the lane: a device runs it in `f32`, a host in `f32` and in SIMD vectors.

#![no_std]
#![forbid(unsafe_code)]

mod arrays;
mod continuous;
pub mod digest;
mod discrete;
mod episodes;
mod estimators;
mod integer;
mod learning;
mod rebar;
mod relaxed;
mod straight_through;
pub mod suites;
