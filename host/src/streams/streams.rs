//! As many streams of random words as a batch has rows.

use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    lane::{Lane, Word},
    stream,
};

use crate::{
    error::Error,
    lanes::portable::F32x16,
    streams::{
        jump::Chunks,
        lane_rng::{LaneRng, device},
        streams_mut::StreamsMut,
    },
};

/// Any number of streams, for batches.
///
/// Row `b` of every batch is drawn from stream `b mod n`, and rows that share a stream draw from it in order. So what a
/// row gets does not depend on the width of a vector: row `b` of a first batch of at most `n` rows is what device
/// number `b` of the same seed draws.
///
/// ```
/// use rand_core::Rng;
/// use samplegrad_core::stream;
/// use samplegrad_host::Streams;
///
/// let streams = Streams::new(2026, 1000)?;
/// assert_eq!(streams.device(7).unwrap().next_u32(), stream::xorshift(2026, 7).next_u32());
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Streams {
    /// Word `i` of the state of every stream: a structure of arrays, so that lanes load neighbours.
    state: [Vec<u32>; 4],
}

impl Streams {
    /// Streams number `0..count` of a seed.
    ///
    /// # Errors
    /// [`Error::Empty`] for none; [`Error::TooLarge`] where the machine has no room for 16 bytes each.
    pub fn new(seed: u64, count: usize) -> Result<Self, Error> {
        Self::collected(count, |number| stream::state(seed, number as u64))
    }

    fn collected(count: usize, of: impl Fn(usize) -> [u32; 4]) -> Result<Self, Error> {
        if count == 0 {
            return Err(Error::Empty { what: "streams" });
        }
        let mut state = [const { Vec::new() }; 4];
        for words in &mut state {
            words.try_reserve_exact(count).map_err(|_| Error::TooLarge { what: "streams" })?;
        }
        for number in 0..count {
            for (words, word) in state.iter_mut().zip(of(number)) {
                words.push(word);
            }
        }
        Ok(Self { state })
    }

    /// Streams in states that are given: what devices seeded by [`stream::state_from_entropy`] start from, or what snapshots
    /// kept.
    ///
    /// ```
    /// use rand_core::Rng;
    /// use samplegrad_core::stream;
    /// use samplegrad_host::Streams;
    ///
    /// let logged = [[0x1234_5678, 5, 6, 7], [8, 9, 10, 11]];
    /// let states = [stream::state_from_entropy(logged[0], 0), stream::state_from_entropy(logged[1], 1)];
    /// let device = stream::xorshift_from_entropy(logged[1], 1);
    /// assert_eq!(Streams::from_states(&states)?.device(1), Some(device));
    /// # Ok::<(), samplegrad_host::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Empty`] for none; [`Error::Row`] with the stream whose state is all zero, which no generator leaves;
    /// [`Error::TooLarge`] where the machine has no room for 16 bytes each.
    pub fn from_states(states: &[[u32; 4]]) -> Result<Self, Error> {
        for (row, &words) in states.iter().enumerate() {
            stream::resumed(words).map_err(|source| Error::Row { row, source })?;
        }
        Self::collected(states.len(), |number| states[number])
    }

    /// The number of streams.
    pub fn count(&self) -> usize {
        self.state[0].len()
    }

    /// The generator of stream `number`, as a device would have it now; nothing if there is no such stream.
    pub fn device(&self, number: usize) -> Option<XorShiftRng> {
        (number < self.count()).then(|| device(self.state.each_ref().map(|words| words[number])))
    }

    /// None yet, to be made of others.
    pub(crate) const fn none() -> Self {
        Self { state: [const { Vec::new() }; 4] }
    }

    /// Becomes the first streams of `whole`, one a row, cut in chunks of so many words: those of all rows where their first chunk
    /// begins, then where their second does, and so on.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where the machine has no room for 16 bytes each.
    pub(crate) fn cut(&mut self, whole: &Self, rows: usize, chunks: usize, words: usize) -> Result<(), Error> {
        let count = rows.saturating_mul(chunks);
        for words in &mut self.state {
            words.clear();
            words.try_reserve_exact(count).map_err(|_| Error::TooLarge { what: "streams" })?;
            words.resize(count, 0);
        }
        let jumps = Chunks::new::<F32x16>(words);
        for row in 0..rows {
            let mut start = LaneRng::<f32> { state: whole.state.each_ref().map(|words| words[row]) };
            // The last lane is where the next lanes begin.
            let lanes = F32x16::LANES - 1;
            for first in (0..chunks).step_by(lanes) {
                let rng = jumps.lanes::<F32x16>(&start);
                for (words, lane) in self.state.iter_mut().zip(&rng.state) {
                    for chunk in first..chunks.min(first + lanes) {
                        words[chunk * rows + row] = lane.extract(chunk - first);
                    }
                }
                start.state = rng.state.map(|word| word.extract(lanes));
            }
        }
        Ok(())
    }

    /// Writes the states of the first streams, as many as there is room for.
    pub(crate) fn save(&self, to: &mut [u32]) {
        let count = to.len() / self.state.len();
        for (words, to) in self.state.iter().zip(to.chunks_exact_mut(count)) {
            to.copy_from_slice(&words[..count]);
        }
    }

    /// Goes on where the first streams were when their states were [saved](Self::save).
    pub(crate) fn restore(&mut self, from: &[u32]) {
        let count = from.len() / self.state.len();
        for (words, from) in self.state.iter_mut().zip(from.chunks_exact(count)) {
            words[..count].copy_from_slice(from);
        }
    }

    /// Goes on where so many streams of others are, from the first of them on.
    pub(crate) fn resume(&mut self, others: &Self, first: usize, count: usize) {
        for (words, others) in self.state.iter_mut().zip(&others.state) {
            words[..count].copy_from_slice(&others[first..first + count]);
        }
    }

    /// The first streams, so many of them, to draw from.
    pub(crate) fn first_mut(&mut self, count: usize) -> StreamsMut<'_> {
        StreamsMut { state: self.state.each_mut().map(|words| &mut words[..count]) }
    }
}
