//! Arrays in and out, as words: each array is its length, then its elements.

use heapless::Vec;
use samplegrad_core::lane::{Lane, Word};

/// The largest array of a golden case.
pub(crate) const CAPACITY: usize = 96;

/// Reads arrays of cases of one shape, a case a lane.
pub(crate) struct Reader<'a> {
    cases: &'a [&'a [u32]],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(cases: &'a [&'a [u32]]) -> Self {
        Self { cases, at: 0 }
    }

    fn word<L: Lane>(&mut self) -> Option<L::Word> {
        let at = self.at;
        self.at += 1;
        let in_lane = |lane: usize| self.cases.get(lane.min(self.cases.len().wrapping_sub(1)))?.get(at).copied();
        in_lane(0)?;
        Some(L::Word::from_fn(|lane| in_lane(lane).unwrap_or(0)))
    }

    /// The next array, of words.
    pub(crate) fn words<L: Lane>(&mut self) -> Option<Vec<L::Word, CAPACITY>> {
        self.words_up_to::<L, CAPACITY>()
    }

    /// The next array, of at most `N` words.
    pub(crate) fn words_up_to<L: Lane, const N: usize>(&mut self) -> Option<Vec<L::Word, N>> {
        let length = self.word::<L>()?.extract(0);
        let mut words = Vec::new();
        for _ in 0..length {
            words.push(self.word::<L>()?).ok()?;
        }
        Some(words)
    }

    /// The next array, of floats.
    pub(crate) fn floats<L: Lane>(&mut self) -> Option<Vec<L, CAPACITY>> {
        self.floats_up_to()
    }

    /// The next array, of at most `N` floats.
    pub(crate) fn floats_up_to<L: Lane, const N: usize>(&mut self) -> Option<Vec<L, N>> {
        let length = self.word::<L>()?.extract(0);
        let mut floats = Vec::new();
        for _ in 0..length {
            floats.push(L::from_bits(self.word::<L>()?)).ok()?;
        }
        Some(floats)
    }

    /// The next array, of one float.
    pub(crate) fn float<L: Lane>(&mut self) -> Option<L> {
        self.floats::<L>()?.first().copied()
    }

    /// The next array, of one float that all lanes share.
    pub(crate) fn shared(&mut self) -> Option<f32> {
        self.float::<f32>()
    }
}

/// Writes arrays.
pub(crate) struct Writer<'a, W> {
    words: &'a mut [W],
    at: usize,
}

impl<'a, W: Word> Writer<'a, W> {
    pub(crate) fn new(words: &'a mut [W]) -> Self {
        Self { words, at: 0 }
    }

    /// How many words have been written.
    pub(crate) fn len(&self) -> usize {
        self.at
    }

    fn push(&mut self, word: W) -> Option<()> {
        *self.words.get_mut(self.at)? = word;
        self.at += 1;
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
