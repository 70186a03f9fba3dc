//! Lanes and streams for draws, and limits on the number of parameters.

use samplegrad_core::lane::Lane;

/// The lanes of all draws.
pub type L = samplegrad_host::Native;
/// A word per lane.
pub type Words = <L as Lane>::Word;

/// The number of independent streams in a comparison. It does not depend on the number of lanes.
pub const STREAMS: usize = 16;

/// The largest number of parameters of a problem.
pub const CAPACITY: usize = 256;

/// The capacity for problems with at most this number of parameters. Smaller values are cheaper to copy.
pub const SMALL: usize = 8;

/// The largest number of values for a sum over all values.
pub(crate) const MOST_VALUES: usize = 1 << 16;
