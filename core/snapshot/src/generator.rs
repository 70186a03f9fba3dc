//! The state of a generator as four words, for `#[serde(with = "samplegrad_snapshot::generator")]` on a field of type
//! `XorShiftRng`: `[x, y, z, w]` of [`stream::words`]. Four zeros are refused.

use rand_xorshift::XorShiftRng;
use samplegrad_core::stream;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Writes the four words.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(generator: &XorShiftRng, serializer: S) -> Result<S::Ok, S::Error> {
    stream::words(generator).serialize(serializer)
}

/// Reads the four words.
///
/// # Errors
/// The deserializer's, and what [`stream::resumed`] refuses.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<XorShiftRng, D::Error> {
    stream::resumed(<[u32; 4]>::deserialize(deserializer)?).map_err(de::Error::custom)
}
