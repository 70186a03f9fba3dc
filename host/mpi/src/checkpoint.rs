//! Checkpoints: finished pieces in a file.
//!
//! A file begins with `SGmp`. The little-endian numbers after this are the version (u32), the number of the bits (u32,
//! [`samplegrad_core::BITS`]), the job (u64) and the number of pieces (u64). Each finished piece has its number, its
//! length and its words (u64 each). The file ends with a CRC-32 of all preceding bytes (u32).

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use crc::{CRC_32_ISO_HDLC, Crc};
use samplegrad_core::BITS;

const MAGIC: &[u8; 4] = b"SGmp";
/// The version of the format. Version 1, of release 0.1.0, had no number of the bits.
const VERSION: u32 = 2;

/// The results of all pieces; `None` for unfinished pieces.
pub(crate) type Pieces = Vec<Option<Vec<u64>>>;

/// Writes the whole file under another name, then renames it.
pub(crate) fn write(path: &Path, job: u64, pieces: &[Option<Vec<u64>>]) -> Result<(), String> {
    let mut bytes = Vec::from(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(BITS.to_le_bytes());
    let mut put = |word: u64| bytes.extend(word.to_le_bytes());
    put(job);
    put(pieces.len() as u64);
    for (number, words) in pieces.iter().enumerate() {
        if let Some(words) = words {
            put(number as u64);
            put(words.len() as u64);
            words.iter().copied().for_each(&mut put);
        }
    }
    let sum = checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    let name = path.file_name().ok_or("it has no name")?.to_string_lossy();
    let under = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let write = || -> io::Result<()> {
        let mut file = File::create(&under)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&under, path)
    };
    write().map_err(|error| {
        // Best effort: the first error is reported.
        let _ = fs::remove_file(&under);
        format!("cannot be written: {error}; make room there, or choose another place")
    })
}

/// Reads the file. Without a file, no piece is finished.
pub(crate) fn read(path: &Path, job: u64, count: usize) -> Result<Pieces, String> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![None; count]),
        Err(error) => return Err(format!("cannot be read: {error}")),
    };
    let away = "; give what it is of, or take it away to start anew";
    let damaged = || format!("it is damaged{away}");
    let (summed, sum) = bytes.split_last_chunk::<4>().ok_or_else(damaged)?;
    let mut rest = summed.strip_prefix(MAGIC).ok_or_else(|| format!("it is no checkpoint{away}"))?;
    if checksum(summed) != u32::from_le_bytes(*sum) {
        return Err(damaged());
    }
    let (version, words) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
    if u32::from_le_bytes(*version) != VERSION {
        return Err(format!("version {}, it must be {VERSION}{away}", u32::from_le_bytes(*version)));
    }
    let (bits, words) = words.split_first_chunk::<4>().ok_or_else(damaged)?;
    if u32::from_le_bytes(*bits) != BITS {
        return Err(format!("its bits are {}, this program's are {BITS}{away}", u32::from_le_bytes(*bits)));
    }
    rest = words;
    let mut take = || -> Option<u64> {
        let (word, others) = rest.split_first_chunk::<8>()?;
        rest = others;
        Some(u64::from_le_bytes(*word))
    };
    if take() != Some(job) || take() != Some(count as u64) {
        return Err(format!("it is of other work{away}"));
    }
    let mut pieces: Pieces = vec![None; count];
    while let Some(number) = take() {
        let place = usize::try_from(number).ok().and_then(|number| pieces.get_mut(number)).ok_or_else(damaged)?;
        let length = take().ok_or_else(damaged)?;
        *place = Some((0..length).map(|_| take()).collect::<Option<_>>().ok_or_else(damaged)?);
    }
    Ok(pieces)
}

fn checksum(bytes: &[u8]) -> u32 {
    Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(bytes)
}
