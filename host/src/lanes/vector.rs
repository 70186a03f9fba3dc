//! SIMD vectors of batches: loads, stores and transposition, besides the arithmetic of lanes.

use samplegrad_core::lane::{Lane, Word};

use crate::lanes::elementary::Convert;

/// A SIMD vector of `f32`, one number per lane.
///
/// Implemented by the vectors of this crate and by `f32`; [`Lanes::run`](crate::Lanes::run) chooses among them at run
/// time.
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
    /// Loads the first numbers of a slice; lanes beyond its end are zero.
    fn load(values: &[f32]) -> Self;
    /// Writes the first lanes, as many as fit into `values`.
    fn store(self, values: &mut [f32]);
    /// Loads the first words of a slice; lanes beyond its end are zero.
    fn load_words(words: &[u32]) -> Self::Word;
    /// Writes the first words, as many as fit into `to`.
    fn store_words(words: Self::Word, to: &mut [u32]);
    /// Prefetches the memory around element `at`, which will be read soon. The element need not exist. Does nothing
    /// where no prefetch instruction is known.
    #[inline(always)]
    fn prefetch(values: &[f32], at: usize) {
        let _ = (values, at);
    }
    /// Returns the numbers at even places of `a` followed by `b`, and the numbers at odd places.
    #[inline(always)]
    fn unzip(a: Self, b: Self) -> (Self, Self) {
        let at = |place: usize| if place < Self::LANES { a.extract(place) } else { b.extract(place - Self::LANES) };
        (Self::from_fn(|lane| at(2 * lane)), Self::from_fn(|lane| at(2 * lane + 1)))
    }
    /// Inverts [`unzip`](Self::unzip).
    #[inline(always)]
    fn zip(even: Self, odd: Self) -> (Self, Self) {
        let at = |place: usize| if place.is_multiple_of(2) { even.extract(place / 2) } else { odd.extract(place / 2) };
        (Self::from_fn(at), Self::from_fn(|lane| at(Self::LANES + lane)))
    }
    /// Transposes the first `LANES` vectors of the block: exchanges lane `i` of vector `j` and lane `j` of vector `i`.
    fn transpose(block: &mut Block<Self>);
}

/// The number of lanes of the widest vector of this crate.
pub const MOST_LANES: usize = 16;

/// A block of vectors: one vector per lane, and unused vectors up to a fixed size.
pub type Block<V> = [V; MOST_LANES];

/// Loads a vector from a slice, lane by lane.
#[inline(always)]
pub(crate) fn load_by_lane<V: Lane>(values: &[f32]) -> V {
    V::from_fn(|lane| values.get(lane).copied().unwrap_or(0.0))
}

/// Stores a vector in a slice, lane by lane.
#[inline(always)]
pub(crate) fn store_by_lane<V: Lane>(x: V, values: &mut [f32]) {
    for (lane, value) in values.iter_mut().enumerate().take(V::LANES) {
        *value = x.extract(lane);
    }
}

/// Loads words from a slice, lane by lane.
#[inline(always)]
pub(crate) fn load_words_by_lane<W: Word>(words: &[u32]) -> W {
    W::from_fn(|lane| words.get(lane).copied().unwrap_or(0))
}

/// Stores words in a slice, lane by lane.
#[inline(always)]
pub(crate) fn store_words_by_lane<W: Word>(x: W, words: &mut [u32]) {
    for (lane, word) in words.iter_mut().enumerate().take(W::LANES) {
        *word = x.extract(lane);
    }
}

impl Convert for f32 {
    #[inline(always)]
    fn to_integer(self) -> u32 {
        (self as i32).cast_unsigned()
    }
}

/// One lane: the arithmetic of a device.
impl Vector for f32 {
    #[inline(always)]
    fn load(values: &[f32]) -> Self {
        load_by_lane(values)
    }
    #[inline(always)]
    fn store(self, values: &mut [f32]) {
        store_by_lane(self, values);
    }
    #[inline(always)]
    fn load_words(words: &[u32]) -> u32 {
        load_words_by_lane(words)
    }
    #[inline(always)]
    fn store_words(words: u32, to: &mut [u32]) {
        store_words_by_lane(words, to);
    }
    #[inline(always)]
    fn transpose(_: &mut Block<Self>) {}
}
