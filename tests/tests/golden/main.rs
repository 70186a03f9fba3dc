//! Golden files and recorded bits: every suite in every lane, and the digest of every operation.

#[cfg(debug_assertions)]
mod digest;
mod recorded_bits;
mod suites;
