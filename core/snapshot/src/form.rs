//! The binary format of a snapshot: its bytes, and the errors for bytes that are refused.

use core::fmt;

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};
use postcard::de_flavors::Slice;
use samplegrad_core::BITS;
use serde::{Serialize, de::DeserializeOwned};

/// The first four bytes of a snapshot.
const MAGIC: [u8; 4] = *b"SGsn";
/// The version of the format that this crate writes. The crate also reads version 1, which release 0.1.0 wrote.
pub const VERSION: u32 = 2;
/// The version that release 0.1.0 wrote. A snapshot of this version has no number of the bits; the number was 1.
const FIRST_VERSION: u32 = 1;
/// Bytes before the payload.
const HEADER: usize = 24;
/// Bytes after the payload.
const CHECKSUM: usize = 4;
/// Bytes of a snapshot besides its payload.
pub const OVERHEAD: usize = HEADER + CHECKSUM;

/// The checksum algorithm, without a table. This saves 1 KB of flash, and the computation is still far quicker than
/// writing flash.
const CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// The kind of a snapshot: a hash of a name and of the numbers that fix the payload's shape.
///
/// A snapshot of another kind is refused: a policy of 64 features and 10 actions does not load as a policy of 20
/// features and 32 actions, nor as a value of another program. Change the name when the fields of the type change.
///
/// ```
/// use samplegrad_snapshot::Kind;
///
/// const BANDIT: Kind = Kind::new("digits bandit", &[64, 10]);
/// assert_ne!(BANDIT, Kind::new("digits bandit", &[32, 20]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Kind(u64);

impl Kind {
    /// Computes 64-bit FNV-1a over the bytes of the name, then over the byte 0xFF, then over eight little-endian bytes
    /// for each number. No name contains the byte 0xFF.
    pub const fn new(name: &str, shape: &[usize]) -> Self {
        let (mut hash, name) = (0xcbf2_9ce4_8422_2325, name.as_bytes());
        let mut at = 0;
        while at < name.len() {
            hash = Self::mixed(hash, name[at]);
            at += 1;
        }
        let mut number = 0;
        while number < shape.len() {
            hash = Self::mixed(hash, 0xFF);
            let bytes = (shape[number] as u64).to_le_bytes();
            let mut at = 0;
            while at < bytes.len() {
                hash = Self::mixed(hash, bytes[at]);
                at += 1;
            }
            number += 1;
        }
        Self(hash)
    }

    const fn mixed(hash: u64, byte: u8) -> u64 {
        (hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3)
    }

    /// Returns the number that is stored in the snapshot.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// An error of reading or writing a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// The bytes do not begin with the magic bytes of a snapshot.
    NotASnapshot,
    /// The version of the format is not supported.
    Version {
        /// The version in the bytes.
        found: u32,
        /// The newest supported version: [`VERSION`].
        supported: u32,
    },
    /// The bytes end too early.
    Truncated {
        /// The number of bytes needed, at least.
        needed: usize,
        /// The number of bytes present.
        found: usize,
    },
    /// Bytes follow after the end.
    Trailing {
        /// The number of bytes needed, exactly.
        needed: usize,
        /// The number of bytes present.
        found: usize,
    },
    /// The checksum differs: bits have changed.
    Damaged {
        /// The checksum in the bytes.
        stored: u32,
        /// The checksum computed from the bytes.
        computed: u32,
    },
    /// The snapshot is undamaged but of another kind.
    Kind {
        /// The kind in the bytes.
        found: u64,
        /// The expected kind.
        expected: u64,
    },
    /// The payload is undamaged but not of this type: its fields have changed and its [`Kind`] has not.
    Payload,
    /// The payload is undamaged but holds a value that the type does not allow: a NaN weight, a rate out of range.
    Invalid,
    /// The snapshot does not fit into the buffer.
    TooLarge {
        /// The size of the snapshot in bytes.
        needed: usize,
        /// The size of the buffer in bytes.
        capacity: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::NotASnapshot => write!(f, "not a snapshot"),
            Error::Version { found, supported } => {
                write!(f, "snapshot: version {found}, versions 1 to {supported} are read")
            }
            Error::Truncated { needed, found } => write!(f, "snapshot: {found} bytes, at least {needed} are needed"),
            Error::Trailing { needed, found } => write!(f, "snapshot: {found} bytes, it must have {needed}"),
            Error::Damaged { stored, computed } => {
                write!(f, "snapshot: damaged, checksum {computed:08x}, it must be {stored:08x}")
            }
            Error::Kind { found, expected } => {
                write!(f, "snapshot: of something else, kind {found:016x}, it must be {expected:016x}")
            }
            Error::Payload => write!(f, "snapshot: the payload is not of this type"),
            Error::Invalid => write!(f, "snapshot: the payload holds a value that is refused"),
            Error::TooLarge { needed, capacity } => {
                write!(f, "snapshot: needs {needed} bytes, there are {capacity}")
            }
        }
    }
}

impl core::error::Error for Error {}

/// Returns the size of a value's snapshot in bytes.
///
/// # Errors
/// [`Error::Payload`] for a value that `postcard` cannot write.
pub fn encoded_len<T: Serialize + ?Sized>(value: &T) -> Result<usize, Error> {
    let payload = postcard::experimental::serialized_size(value).map_err(|_| Error::Payload)?;
    Ok(OVERHEAD.saturating_add(payload))
}

/// Writes the snapshot of a value to the front of a buffer and returns it.
///
/// # Errors
/// [`Error::TooLarge`] if the snapshot does not fit; [`Error::Payload`] for a value that `postcard` cannot write.
pub fn encode<'b, T: Serialize + ?Sized>(kind: Kind, value: &T, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
    let (needed, capacity) = (encoded_len(value)?, buffer.len());
    let bytes = buffer.get_mut(..needed).ok_or(Error::TooLarge { needed, capacity })?;
    let (summed, sum) = bytes.split_last_chunk_mut::<CHECKSUM>().ok_or(Error::Payload)?;
    let (header, payload) = summed.split_first_chunk_mut::<HEADER>().ok_or(Error::Payload)?;
    let length = u32::try_from(payload.len()).map_err(|_| Error::TooLarge { needed, capacity })?;
    header[0..4].copy_from_slice(&MAGIC);
    header[4..8].copy_from_slice(&VERSION.to_le_bytes());
    header[8..16].copy_from_slice(&kind.get().to_le_bytes());
    header[16..20].copy_from_slice(&length.to_le_bytes());
    header[20..24].copy_from_slice(&BITS.to_le_bytes());
    let written = postcard::to_slice(value, payload).map_err(|_| Error::Payload)?.len();
    // The value's serialized size has changed between the two passes.
    if written != length as usize {
        return Err(Error::Payload);
    }
    *sum = CRC.checksum(summed).to_le_bytes();
    Ok(bytes)
}

/// Decodes the value in a snapshot. Returns either a complete value or an error, never a partial value.
///
/// # Errors
/// In this order: [`Error::NotASnapshot`], [`Error::Version`], [`Error::Truncated`], [`Error::Trailing`],
/// [`Error::Damaged`], [`Error::Kind`], [`Error::Payload`] or [`Error::Invalid`].
pub fn decode<T: DeserializeOwned>(kind: Kind, bytes: &[u8]) -> Result<T, Error> {
    let mut deserializer = postcard::Deserializer::from_bytes(payload(kind, bytes)?);
    let value = T::deserialize(&mut deserializer).map_err(refused)?;
    end(deserializer)?;
    Ok(value)
}

/// Decodes a snapshot into an existing value, so that the stack holds no second value.
///
/// ```
/// use samplegrad_core::{Decay, Dense, LearningRate, Momentum, Optimizer};
/// use samplegrad_snapshot::{Kind, decode_into, encode};
///
/// let kind = Kind::new("momentum", &[2, 1]);
/// let fresh = Momentum::<Dense<2, 1>>::new(LearningRate::new(0.1)?, Decay::new(0.9)?);
/// let (mut moving, mut buffer) = (fresh, [0; 64]);
/// moving.ascend(&mut Dense::zero(), &Dense::new([[[1.0], [2.0]]], [[3.0]])?, true);
/// let snapshot = encode(kind, &moving, &mut buffer).unwrap();
///
/// let mut momentum = fresh;
/// decode_into(kind, snapshot, &mut momentum).unwrap();
/// assert_eq!(momentum, moving);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
///
/// # Errors
/// The errors of [`decode`]. After [`Error::Payload`] and [`Error::Invalid`] the value is a mix of old and new numbers,
/// each of them valid: create it anew. After any other error the value is unchanged.
pub fn decode_into<T: DeserializeOwned>(kind: Kind, bytes: &[u8], value: &mut T) -> Result<(), Error> {
    let mut deserializer = postcard::Deserializer::from_bytes(payload(kind, bytes)?);
    T::deserialize_in_place(&mut deserializer, value).map_err(refused)?;
    end(deserializer)
}

fn refused(error: postcard::Error) -> Error {
    match error {
        postcard::Error::SerdeDeCustom => Error::Invalid,
        _ => Error::Payload,
    }
}

/// Checks that no bytes are left.
fn end<'de>(deserializer: postcard::Deserializer<'de, Slice<'de>>) -> Result<(), Error> {
    match deserializer.finalize() {
        Ok([]) => Ok(()),
        Ok(_) | Err(_) => Err(Error::Payload),
    }
}

/// Returns the number of the bits, [`samplegrad_core::BITS`], of the program that wrote a snapshot of any kind.
///
/// ```
/// use samplegrad_core::{BITS, LearningRate};
/// use samplegrad_snapshot::{Kind, bits_of, encode};
///
/// let mut buffer = [0; 32];
/// let snapshot = encode(Kind::new("rate", &[]), &LearningRate::new(0.1)?, &mut buffer).unwrap();
/// assert_eq!(bits_of(snapshot), Ok(BITS));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
///
/// # Errors
/// The errors of [`decode`], up to [`Error::Damaged`].
pub fn bits_of(bytes: &[u8]) -> Result<u32, Error> {
    parts(bytes).map(|(header, _)| header.bits)
}

/// The header of a snapshot of any kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub version: u32,
    pub kind: u64,
    pub bits: u32,
}

impl Header {
    /// The number of bytes of the header. The shortest snapshot has this length in all.
    pub(crate) const START: usize = 24;

    /// Reads a header from the first bytes of a snapshot; `None` without the magic bytes.
    pub(crate) fn read(start: &[u8; Self::START]) -> Option<Self> {
        let [a, b, c, d, v0, v1, v2, v3, kind @ .., l0, l1, l2, l3, b0, b1, b2, b3] = *start;
        let (version, _length) = (u32::from_le_bytes([v0, v1, v2, v3]), [l0, l1, l2, l3]);
        let bits = if version == FIRST_VERSION { 1 } else { u32::from_le_bytes([b0, b1, b2, b3]) };
        ([a, b, c, d] == MAGIC).then_some(Self { version, kind: u64::from_le_bytes(kind), bits })
    }

    pub(crate) fn is_supported(&self) -> bool {
        matches!(self.version, FIRST_VERSION | VERSION)
    }

    /// Returns whether the snapshot was written by release 0.1.0, which wrote no seals.
    pub(crate) fn is_unsealed(&self) -> bool {
        self.version == FIRST_VERSION
    }

    /// Returns the error with which a store of this kind skips the snapshot; `None` if the store accepts it.
    pub(crate) fn refused(&self, kind: Kind) -> Option<Error> {
        if !self.is_supported() {
            return Some(Error::Version { found: self.version, supported: VERSION });
        }
        (self.kind != kind.get()).then_some(Error::Kind { found: self.kind, expected: kind.get() })
    }
}

/// Returns the payload of an undamaged snapshot of a kind.
fn payload(kind: Kind, bytes: &[u8]) -> Result<&[u8], Error> {
    let (header, payload) = parts(bytes)?;
    header.refused(kind).map_or(Ok(payload), Err)
}

/// Returns the header and the payload of an undamaged snapshot.
fn parts(bytes: &[u8]) -> Result<(Header, &[u8]), Error> {
    let found = bytes.len();
    if MAGIC.iter().zip(bytes).any(|(magic, byte)| magic != byte) {
        return Err(Error::NotASnapshot);
    }
    let truncated = Error::Truncated { needed: OVERHEAD, found };
    let version = bytes.get(4..8).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes).ok_or(truncated)?;
    let (head, overhead) = match version {
        VERSION => (HEADER, OVERHEAD),
        FIRST_VERSION => (HEADER - 4, OVERHEAD - 4),
        found => return Err(Error::Version { found, supported: VERSION }),
    };
    let truncated = Error::Truncated { needed: overhead, found };
    let header = bytes.first_chunk().and_then(Header::read).ok_or(truncated)?;
    let length = bytes.get(16..20).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes).ok_or(truncated)?;
    let needed = overhead.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
    if found < needed {
        return Err(Error::Truncated { needed, found });
    }
    if found > needed {
        return Err(Error::Trailing { needed, found });
    }
    let (summed, sum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(truncated)?;
    let (stored, computed) = (u32::from_le_bytes(*sum), CRC.checksum(summed));
    if stored != computed {
        return Err(Error::Damaged { stored, computed });
    }
    Ok((header, summed.get(head..).ok_or(truncated)?))
}
