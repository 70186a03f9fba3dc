//! samplegrad in SIMD lanes.

#![forbid(unsafe_code)]

mod elementary;
mod lanes;

pub use lanes::{F32x4, F32x8, F32x16, Mask32x4, Mask32x8, Mask32x16, U32x4, U32x8, U32x16};
