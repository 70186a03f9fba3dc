//! samplegrad for C.
//!
//! Every function, except the functions that free, returns an [`sg_status`] and writes its results through pointers.
//! The results have the bits of the Rust functions of the same names in [`samplegrad_host::batch`]. The documentation
//! of the Rust functions has the formulas, their sources and the order of every sum.
//!
//! # Requirements on the caller
//! The caller must meet two requirements that no library can check. A pointer that is not null must point to as many
//! numbers as its length says. A handle must come from this library and must not have been freed. Null pointers,
//! addresses that are not a multiple of four, lengths that do not fit together and memory that is written while it is
//! read are detected, and refused before anything is written.
//!
//! # Threads
//! `sg_threads` may be used by any number of threads at once. `sg_streams` and `sg_learners` may move from thread to
//! thread. If two threads use the same streams or learners at the same time, one of the threads gets `SG_STATUS_BUSY`
//! and changes nothing. Messages are per thread.

// The names of C, in the header and in Rust.
#![allow(non_camel_case_types)]
// The requirements on the caller are the same for every function, and stated above.
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
