//! The version number of the returned bits.

/// Version number of the returned bits. It is raised whenever any public operation returns other bits for the same
/// input and seed than in the release before.
///
/// | number | releases |
/// |---|---|
/// | 1 | 0.1.0 |
/// | 2 | 0.2.0 and later |
///
/// Firmware logs it, and snapshots and checkpoints store it. A host whose number differs refuses to replay with an
/// error that names both numbers, instead of computing different bits. Within one number, the bits are the same on
/// every target and in every lane.
///
/// ```
/// assert_eq!(samplegrad_core::BITS, 2);
/// ```
pub const BITS: u32 = 2;
