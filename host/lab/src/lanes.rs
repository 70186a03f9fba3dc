//! Lanes and streams for draws, and limits on the number of parameters.

use samplegrad_core::lane::Lane;

/// The lanes of all draws.
pub type L = samplegrad_host::Native;
/// A word per lane.
pub type Words = <L as Lane>::Word;

/// The number of independent streams of a comparison's draws, at every width of the lanes.
pub const STREAMS: usize = 16;

/// The largest number of parameters of a problem.
pub const CAPACITY: usize = 256;

/// The small capacity, for problems of at most so many parameters; it copies less.
pub const SMALL: usize = 8;

/// The largest number of values for a sum over all values.
pub(crate) const MOST_VALUES: usize = 1 << 16;
