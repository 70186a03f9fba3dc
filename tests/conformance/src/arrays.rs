//! Input and output arrays, encoded as words. The encoding of an array is its length, followed by its elements.

use heapless::Vec;
use samplegrad_core::lane::{Lane, Word};

/// Largest number of elements of an array that is copied from a golden case.
pub(crate) const CAPACITY: usize = 96;

/// The reason for which a case was not computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refusal {
    /// A quantity exceeds its capacity.
    TooLarge {
        /// Name of the quantity.
        what: &'static str,
        /// Largest value allowed.
        limit: usize,
        /// Value found.
        found: usize,
    },
    /// The lengths of the arrays disagree, or the core refuses a number.
    Malformed,
}

impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::TooLarge { what, limit, found } => write!(f, "{found} {what}, there is room for {limit}"),
            Self::Malformed => f.write_str("the arrays do not fit together, or a number is refused"),
        }
    }
}

impl core::error::Error for Refusal {}

/// An array that is read without copying.
#[derive(Clone, Copy)]
pub(crate) struct Array<'a> {
    cases: &'a [&'a [u32]],
    start: usize,
    length: usize,
}

impl Array<'_> {
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn word<L: Lane>(&self, index: usize) -> Option<L::Word> {
        if index < self.length { word_at::<L>(self.cases, self.start + index) } else { None }
    }

    pub(crate) fn float<L: Lane>(&self, index: usize) -> Option<L> {
        self.word::<L>(index).map(L::from_bits)
    }
}

/// Returns one word for each lane, from the case of the lane. Lanes without a case repeat the last case.
fn word_at<L: Lane>(cases: &[&[u32]], at: usize) -> Option<L::Word> {
    let in_lane = |lane: usize| cases.get(lane.min(cases.len().wrapping_sub(1)))?.get(at).copied();
    in_lane(0)?;
    Some(L::Word::from_fn(|lane| in_lane(lane).unwrap_or(0)))
}

/// A reader of arrays. The cases of all lanes have the same shape, and each lane has one case.
pub(crate) struct Reader<'a> {
    cases: &'a [&'a [u32]],
    at: usize,
    refusal: Option<Refusal>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(cases: &'a [&'a [u32]]) -> Self {
        Self { cases, at: 0, refusal: None }
    }

    /// Returns a new reader, positioned after the next array. The position of `self` does not change.
    pub(crate) fn after_one(&self) -> Self {
        let mut ahead = Self { cases: self.cases, at: self.at, refusal: None };
        // If the array is missing, both readers are at the end.
        let _ = ahead.array();
        ahead
    }

    /// Returns the refusal for a size that is too large.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// Checks that `found` is at most `limit`. If it is larger, stores the refusal and returns `None`.
    pub(crate) fn at_most(&mut self, what: &'static str, limit: usize, found: usize) -> Option<()> {
        if found > limit {
            self.refusal = Some(Refusal::TooLarge { what, limit, found });
            return None;
        }
        Some(())
    }

    fn word<L: Lane>(&mut self) -> Option<L::Word> {
        let at = self.at;
        self.at += 1;
        word_at::<L>(self.cases, at)
    }

    /// Reads the next array without copying it.
    pub(crate) fn array(&mut self) -> Option<Array<'a>> {
        let length = self.word::<f32>()? as usize;
        let array = Array { cases: self.cases, start: self.at, length };
        self.at += length;
        Some(array)
    }

    /// Reads the next array as words.
    pub(crate) fn words<L: Lane>(&mut self) -> Option<Vec<L::Word, CAPACITY>> {
        self.words_up_to::<L, CAPACITY>()
    }

    /// Reads the next array as at most `N` words.
    pub(crate) fn words_up_to<L: Lane, const N: usize>(&mut self) -> Option<Vec<L::Word, N>> {
        let length = self.word::<f32>()?;
        self.at_most("words in an array", N, length as usize)?;
        let mut words = Vec::new();
        for _ in 0..length {
            words.push(self.word::<L>()?).ok()?;
        }
        Some(words)
    }

    /// Reads the next array as floats.
    pub(crate) fn floats<L: Lane>(&mut self) -> Option<Vec<L, CAPACITY>> {
        self.floats_up_to()
    }

    /// Reads the next array as at most `N` floats.
    pub(crate) fn floats_up_to<L: Lane, const N: usize>(&mut self) -> Option<Vec<L, N>> {
        let length = self.word::<f32>()?;
        self.at_most("numbers in an array", N, length as usize)?;
        let mut floats = Vec::new();
        for _ in 0..length {
            floats.push(L::from_bits(self.word::<L>()?)).ok()?;
        }
        Some(floats)
    }

    /// Reads the next array as one float.
    pub(crate) fn float<L: Lane>(&mut self) -> Option<L> {
        self.floats::<L>()?.first().copied()
    }

    /// Reads the next array as one float that all lanes share.
    pub(crate) fn shared(&mut self) -> Option<f32> {
        self.float::<f32>()
    }
}

/// A writer of arrays.
pub(crate) struct Writer<'a, W> {
    words: &'a mut [W],
    at: usize,
    refusal: Option<Refusal>,
}

impl<'a, W: Word> Writer<'a, W> {
    pub(crate) fn new(words: &'a mut [W]) -> Self {
        Self { words, at: 0, refusal: None }
    }

    /// Returns the refusal for results that exceed the output buffer.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// Returns the number of words written.
    pub(crate) fn len(&self) -> usize {
        self.at
    }

    fn push(&mut self, word: W) -> Option<()> {
        self.room(1)?;
        *self.words.get_mut(self.at)? = word;
        self.at += 1;
        Some(())
    }

    fn room(&mut self, more: usize) -> Option<()> {
        let (limit, found) = (self.words.len(), self.at + more);
        if found > limit {
            self.refusal = Some(Refusal::TooLarge { what: "words of results", limit, found });
            return None;
        }
        Some(())
    }

    /// Reserves an array of zeros, to be filled later, and returns its position.
    pub(crate) fn reserve(&mut self, length: usize) -> Option<usize> {
        self.push(W::splat(length as u32))?;
        self.room(length)?;
        let start = self.at;
        self.at += length;
        self.words.get_mut(start..self.at)?.fill(W::splat(0));
        Some(start)
    }

    /// Writes an element of a reserved array.
    pub(crate) fn set<L: Lane<Word = W>>(&mut self, place: usize, x: L) -> Option<()> {
        *self.words.get_mut(place)? = x.to_bits();
        Some(())
    }

    pub(crate) fn words(&mut self, words: &[W]) -> Option<()> {
        self.push(W::splat(words.len() as u32))?;
        words.iter().try_for_each(|&word| self.push(word))
    }

    pub(crate) fn floats<L: Lane<Word = W>>(&mut self, x: &[L]) -> Option<()> {
        self.push(W::splat(x.len() as u32))?;
        x.iter().try_for_each(|x| self.push(x.to_bits()))
    }

    pub(crate) fn float<L: Lane<Word = W>>(&mut self, x: L) -> Option<()> {
        self.floats(&[x])
    }
}
