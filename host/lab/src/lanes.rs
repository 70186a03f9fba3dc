//! Lanes and streams for draws, and room for parameters.

use samplegrad_core::lane::Lane;

/// The lanes that everything is drawn in.
pub type L = samplegrad_host::Native;
/// A word per lane.
pub type Words = <L as Lane>::Word;

/// The number of independent streams that the draws of a comparison come from, whatever the width of the lanes.
pub const STREAMS: usize = 16;

/// The most parameters a problem can have.
pub const CAPACITY: usize = 256;

/// Problems of at most so many parameters are run with this capacity, which copies less.
pub const SMALL: usize = 8;

/// The most values that the sum over all of them is taken of.
pub(crate) const MOST_VALUES: usize = 1 << 16;
