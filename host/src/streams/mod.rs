//! Streams of random words: one per lane, or one per row of a batch.

pub(crate) mod jump;
pub(crate) mod lane_rng;
#[allow(clippy::module_inception, reason = "files are named for the types in them")]
pub(crate) mod streams;
pub(crate) mod streams_mut;
