//! Golden files and recorded bits: every suite in every lane, the digest of every operation, and single steps of tasks.

mod control;
#[cfg(debug_assertions)]
mod digest;
mod recorded_bits;
mod suites;
