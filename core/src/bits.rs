//! The number of the bits that this version returns.

/// The number of the bits that this version returns: it is raised whenever any public operation returns other bits for the
/// same input and seed than in the release before.
///
/// | number | releases |
/// |---|---|
/// | 1 | 0.1.0 |
/// | 2 | 0.2.0 |
///
/// Firmware logs it, and snapshots and checkpoints hold it, so that a replay by a host of another number is refused by name
/// instead of ending in a difference. Within one number, the bits are the same on every target and in every lane.
///
/// ```
/// assert_eq!(samplegrad_core::BITS, 2);
/// ```
pub const BITS: u32 = 2;
