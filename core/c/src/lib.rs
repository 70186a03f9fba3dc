//! samplegrad for firmware in C: the core, in a static library for bare metal.
//!
//! Classes, features and actions are counted when a function is called, up to a stated capacity; learners lie in memory of the
//! caller's. The bits are those of [`samplegrad_core`], whose documentation has the formulas, their sources and the order of
//! every sum.
//!
//! On bare metal there is a panic handler, because the compiler asks for one. It calls `samplegrad_core_can_panic`, which is
//! defined nowhere: firmware that links holds the proof that no function it calls can panic.

#![cfg_attr(target_os = "none", no_std)]
// The names are those of C, in the header and here.
#![allow(non_camel_case_types)]
// What a caller owes is the same everywhere, and said in the header.
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
    // The declaration is unsafe because no one checks it against a definition; there is none, and it is never run.
    unsafe extern "C" {
        safe fn samplegrad_core_can_panic() -> !;
    }
    samplegrad_core_can_panic()
}
