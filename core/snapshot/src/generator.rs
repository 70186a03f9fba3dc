//! The format of a generator's state, for `#[serde(with = "samplegrad_snapshot::generator")]` on a field of type
//! `XorShiftRng`. The state is stored as sixteen bytes: the words `[x, y, z, w]` of [`stream::words`], each
//! little-endian. A state of zeros is refused.

use rand_xorshift::XorShiftRng;
use samplegrad_core::stream;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Writes the four words.
///
/// # Errors
/// The errors of the serializer.
pub fn serialize<S: Serializer>(generator: &XorShiftRng, serializer: S) -> Result<S::Ok, S::Error> {
    let [x, y, z, w] = stream::words(generator).map(u32::to_le_bytes);
    (x, y, z, w).serialize(serializer)
}

/// Reads the four words.
///
/// # Errors
/// The errors of the deserializer and of [`stream::resumed`].
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<XorShiftRng, D::Error> {
    let (x, y, z, w) = Deserialize::deserialize(deserializer)?;
    stream::resumed([x, y, z, w].map(u32::from_le_bytes)).map_err(de::Error::custom)
}
