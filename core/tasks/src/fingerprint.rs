//! A hash of what a device has learned, for comparing it with its lane.

/// 64-bit FNV-1a over words, from first to last.
///
/// ```
/// use samplegrad_tasks::fingerprint::of_words;
///
/// assert_ne!(of_words([1, 2]), of_words([2, 1]));
/// ```
#[inline]
pub fn of_words(words: impl IntoIterator<Item = u32>) -> u64 {
    words
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, word| (hash ^ u64::from(word)).wrapping_mul(0x0000_0100_0000_01b3))
}
