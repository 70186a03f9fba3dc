//! Streams of random words: one per lane, and as many as a batch has rows.

pub(crate) mod jump;
pub(crate) mod lane_rng;
#[allow(clippy::module_inception, reason = "files are named for the types in them")]
pub(crate) mod streams;
pub(crate) mod streams_mut;
