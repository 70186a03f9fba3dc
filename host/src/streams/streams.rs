//! Streams of random words for the rows of a batch.

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

/// Any number of random streams, for batches.
///
/// Row `b` of every batch is drawn from stream `b mod n`, and rows that share a stream draw from it in order. So the
/// draws of a row do not depend on the width of a vector. Row `b` of a first batch of at most `n` rows has the draws of
/// device number `b` of the same seed.
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
    /// Array `i` has word `i` of the state of every stream. With this structure of arrays, the lanes of a vector load
    /// neighbouring words.
    state: [Vec<u32>; 4],
}

impl Streams {
    /// Creates streams number `0..count` of a seed.
    ///
    /// # Errors
    /// [`Error::Empty`] for 0 streams; [`Error::TooLarge`] if 16 bytes per stream cannot be allocated.
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

    /// Creates streams in given states: the first states of devices seeded by [`stream::state_from_entropy`], or states
    /// kept in snapshots.
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
    /// [`Error::Empty`] for 0 states; [`Error::Row`] with the number of a stream whose state is all zero (a generator
    /// would stay in this state forever); [`Error::TooLarge`] if 16 bytes per stream cannot be allocated.
    pub fn from_states(states: &[[u32; 4]]) -> Result<Self, Error> {
        for (row, &words) in states.iter().enumerate() {
            stream::resumed(words).map_err(|source| Error::Row { row, source })?;
        }
        Self::collected(states.len(), |number| states[number])
    }

    /// Returns the number of streams.
    pub fn count(&self) -> usize {
        self.state[0].len()
    }

    /// Returns the generator of stream `number` in its current state, as a device has it, or `None` if there is no such
    /// stream.
    pub fn device(&self, number: usize) -> Option<XorShiftRng> {
        (number < self.count()).then(|| device(self.state.each_ref().map(|words| words[number])))
    }

    /// Creates an empty set of streams, to be filled from others.
    pub(crate) const fn none() -> Self {
        Self { state: [const { Vec::new() }; 4] }
    }

    /// Divides the first `rows` streams of `whole` into chunks of `words` words, and sets these streams to the starts
    /// of the chunks. The order is the first chunk of every row, then the second chunk of every row, and so on.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if 16 bytes per stream cannot be allocated.
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
            // The last lane is the start of the next group of lanes.
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

    /// Writes the states of the first streams, as many as fit into `to`.
    pub(crate) fn save(&self, to: &mut [u32]) {
        let count = to.len() / self.state.len();
        for (words, to) in self.state.iter().zip(to.chunks_exact_mut(count)) {
            to.copy_from_slice(&words[..count]);
        }
    }

    /// Restores the states of the first streams that were [saved](Self::save).
    pub(crate) fn restore(&mut self, from: &[u32]) {
        let count = from.len() / self.state.len();
        for (words, from) in self.state.iter_mut().zip(from.chunks_exact(count)) {
            words[..count].copy_from_slice(from);
        }
    }

    /// Copies the states of the streams `first` to `first + count − 1` of `others` to the first `count` streams.
    pub(crate) fn resume(&mut self, others: &Self, first: usize, count: usize) {
        for (words, others) in self.state.iter_mut().zip(&others.state) {
            words[..count].copy_from_slice(&others[first..first + count]);
        }
    }

    /// Returns the first `count` streams for drawing.
    pub(crate) fn first_mut(&mut self, count: usize) -> StreamsMut<'_> {
        StreamsMut { state: self.state.each_mut().map(|words| &mut words[..count]) }
    }
}
