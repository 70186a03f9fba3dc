//! Vectors in which each lane computes what a device computes, and the dispatch that chooses a vector.

mod arithmetic;
pub(crate) mod dispatch;
pub(crate) mod elementary;
pub(crate) mod kernel;
mod linear_kernels;
pub(crate) mod native;
pub(crate) mod portable;
pub(crate) mod unrolled;
pub(crate) mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;
