//! samplegrad for C.
//!
//! Every function but those that free returns an [`sg_status`]; what it makes is written through its pointers. The bits are
//! those of the Rust functions of the same names, whose documentation has the formulas, their sources and the order of
//! every sum: [`samplegrad_host::batch`].
//!
//! # What a caller owes
//! Two things no library can check: a pointer that is not null points to as many numbers as its length says, and a handle
//! came from here and has not been freed. Null pointers, addresses that are no multiple of four, lengths that do not fit
//! together and memory that is written while it is read are found, and refused before anything is written.
//!
//! # Threads
//! `sg_threads` may be used by any number of threads at once. `sg_streams` and `sg_learners` may go from thread to thread;
//! of two that use one at the same time one gets `SG_STATUS_BUSY` and changes nothing. Messages are a thread's own.

// The names are those of C, in the header and here.
#![allow(non_camel_case_types)]
// What a caller owes is the same everywhere, and said above.
#![allow(clippy::missing_safety_doc)]

mod batch;
mod estimators;
mod handle;
mod learners;
mod memory;
mod status;
mod streams;
mod threads;

pub use batch::*;
pub use estimators::*;
pub use learners::*;
pub use memory::{sg_bytes, sg_floats, sg_floats_out, sg_words, sg_words_out};
pub use status::*;
pub use streams::*;
pub use threads::*;
