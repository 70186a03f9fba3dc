//! Sources of random words.

use crate::arithmetic::lane::Lane;

/// A source of uniform 32-bit words, one independent stream per lane.
///
/// Every infallible `rand_core` generator is a source for one lane (`f32`):
///
/// ```
/// use samplegrad_core::{Source, stream};
///
/// let mut rng = stream::xorshift(2026, 0);
/// let word: u32 = Source::<f32>::next_word(&mut rng);
/// # let _ = word;
/// ```
pub trait Source<L: Lane> {
    /// Returns the next word of every lane's stream.
    fn next_word(&mut self) -> L::Word;
}

impl<R: rand_core::Rng + ?Sized> Source<f32> for R {
    #[inline]
    fn next_word(&mut self) -> u32 {
        self.next_u32()
    }
}
