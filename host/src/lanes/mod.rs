//! Vector types whose lanes compute the same bits as a microcontroller, and the dispatch that chooses a vector type.

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
