//! Lanes: vectors that compute in each lane what a device computes, and the choice among them.

mod arithmetic;
pub(crate) mod dispatch;
pub(crate) mod elementary;
pub(crate) mod kernel;
mod learners;
pub(crate) mod native;
pub(crate) mod several;
pub(crate) mod vector;
pub(crate) mod wide;
#[cfg(target_arch = "x86_64")]
mod x86;
