//! A hash of the parameters of a device, for comparing the device with its lane.

/// The hash of no words.
pub const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// Adds a word to a hash.
///
/// ```
/// use samplegrad_tasks::fingerprint::{EMPTY, add, of_words};
///
/// assert_eq!(add(add(EMPTY, 1), 2), of_words([1, 2]));
/// ```
#[inline]
pub const fn add(hash: u64, word: u32) -> u64 {
    (hash ^ word as u64).wrapping_mul(0x0000_0100_0000_01b3)
}

/// Computes 64-bit FNV-1a over words, from first to last.
///
/// ```
/// use samplegrad_tasks::fingerprint::of_words;
///
/// assert_ne!(of_words([1, 2]), of_words([2, 1]));
/// ```
#[inline]
pub fn of_words(words: impl IntoIterator<Item = u32>) -> u64 {
    words.into_iter().fold(EMPTY, add)
}
