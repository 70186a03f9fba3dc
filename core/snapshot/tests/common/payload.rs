//! Snapshots with any payload and a matching checksum.

use samplegrad_core::BITS;
use samplegrad_snapshot::{Error, Kind, VERSION, decode, encode};
use serde::{Serialize, de::DeserializeOwned};

/// Appends the matching checksum.
pub fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// Builds a whole snapshot around a payload.
pub fn around(kind: Kind, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_le_bytes();
    let bits = BITS.to_le_bytes();
    sealed([b"SGsn", &VERSION.to_le_bytes()[..], &kind.get().to_le_bytes(), &length, &bits, payload].concat())
}

/// A kind for payloads of any type.
pub const KIND: Kind = Kind::new("any", &[]);

/// Checks that an undamaged snapshot with these parts as its payload is refused as invalid.
#[track_caller]
pub fn invalid<T: DeserializeOwned + std::fmt::Debug>(parts: &[&[u8]]) {
    let error = decode::<T>(KIND, &around(KIND, &parts.concat())).unwrap_err();
    assert_eq!(error, Error::Invalid);
}

/// Converts numbers to the bytes of a payload.
pub fn bytes<const N: usize>(numbers: [f32; N]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// Checks that a value decodes to itself.
#[track_caller]
pub fn kept<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T) {
    let mut buffer = [0; 1024];
    let bytes = encode(KIND, &value, &mut buffer).unwrap();
    assert_eq!(decode(KIND, bytes), Ok(value));
}
