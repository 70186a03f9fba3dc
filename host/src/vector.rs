//! What a batch needs of lanes beside their arithmetic: to go to and from memory, and to turn rows into columns.

use samplegrad_core::lane::{Lane, Word};

use crate::elementary::Convert;

/// A SIMD vector of `f32`, one number a lane.
///
/// Implemented by the vectors of this crate; [`dispatch`](crate::dispatch) chooses among them when the program runs.
///
/// ```
/// use samplegrad_core::lane::Lane;
/// use samplegrad_host::{F32x4, Vector};
///
/// let x = F32x4::load(&[1.0, 2.0]);
/// assert_eq!((x.extract(1), x.extract(3)), (2.0, 0.0));
/// ```
#[allow(private_bounds)]
pub trait Vector: Lane + Convert {
    /// The first numbers of a slice, zeros where it is shorter than the vector.
    fn load(values: &[f32]) -> Self;
    /// Writes the first lanes, as many as there is room for.
    fn store(self, values: &mut [f32]);
    /// The first words of a slice, zeros where it is shorter than the vector.
    fn load_words(words: &[u32]) -> Self::Word;
    /// Writes the first words, as many as there is room for.
    fn store_words(words: Self::Word, to: &mut [u32]);
    /// Lane `i` of vector `j` and lane `j` of vector `i` change places, in the first `LANES` vectors of the block.
    fn transpose(block: &mut Block<Self>);
}

/// The most lanes that a vector here has.
pub const MOST_LANES: usize = 16;

/// As many vectors as a vector has lanes, and unused ones to make a fixed size.
pub type Block<V> = [V; MOST_LANES];

/// A vector from a slice, lane by lane.
#[inline(always)]
pub(crate) fn load_by_lane<V: Lane>(values: &[f32]) -> V {
    V::from_fn(|lane| values.get(lane).copied().unwrap_or(0.0))
}

/// A vector into a slice, lane by lane.
#[inline(always)]
pub(crate) fn store_by_lane<V: Lane>(x: V, values: &mut [f32]) {
    for (lane, value) in values.iter_mut().enumerate().take(V::LANES) {
        *value = x.extract(lane);
    }
}

/// Words from a slice, lane by lane.
#[inline(always)]
pub(crate) fn load_words_by_lane<W: Word>(words: &[u32]) -> W {
    W::from_fn(|lane| words.get(lane).copied().unwrap_or(0))
}

/// Words into a slice, lane by lane.
#[inline(always)]
pub(crate) fn store_words_by_lane<W: Word>(x: W, words: &mut [u32]) {
    for (lane, word) in words.iter_mut().enumerate().take(W::LANES) {
        *word = x.extract(lane);
    }
}
