//! samplegrad for firmware in C: the core as a static library for bare metal.
//!
//! The numbers of classes, features and actions are arguments, up to a stated capacity. Learners are in the caller's
//! memory. The results have the same bits as the results of [`samplegrad_core`]. Its documentation has the formulas,
//! their sources and the order of every sum.
//!
//! On bare metal there is a panic handler, because the compiler requires one. It calls `samplegrad_core_can_panic`,
//! which is defined nowhere: if firmware links, no function it calls can panic.

#![cfg_attr(target_os = "none", no_std)]
// The names follow C conventions, in the header and here.
#![allow(non_camel_case_types)]
// All functions have the same safety requirements, which the header states.
#![allow(clippy::missing_safety_doc)]

mod generator;
mod gumbel_softmax;
mod learner;
mod memory;
mod samplers;
mod status;

pub use generator::*;
pub use gumbel_softmax::*;
pub use learner::*;
pub use samplers::*;
pub use status::*;

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // The declaration is unsafe because it is not checked against a definition. No definition exists, and the function
    // never runs.
    unsafe extern "C" {
        safe fn samplegrad_core_can_panic() -> !;
    }
    samplegrad_core_can_panic()
}
