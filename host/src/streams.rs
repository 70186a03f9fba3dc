//! Streams of random words: one per lane, and as many as a batch has rows.

use core::ops::Range;

use rand_core::SeedableRng;
use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    Source,
    lane::{Lane, Word},
    stream,
};

use crate::{Error, F32x16, Vector, jump::Pieces};

/// One `XorShiftRng` per lane.
///
/// ```
/// use rand_core::Rng;
/// use samplegrad_core::{Source, lane::Word, stream};
/// use samplegrad_host::{F32x8, LaneRng};
///
/// let mut lanes = LaneRng::<F32x8>::new(2026, 100);
/// let mut device = stream::xorshift(2026, 103);
/// assert_eq!(lanes.next_word().extract(3), device.next_u32());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaneRng<L: Lane> {
    pub(crate) state: [L::Word; 4],
}

impl<L: Lane> LaneRng<L> {
    /// Lane `i` is stream number `first + i` (modulo 2^64) of the seed.
    pub fn new(seed: u64, first: u64) -> Self {
        Self::from_states(|lane| stream::state(seed, first.wrapping_add(lane as u64)))
    }

    /// Lane `i` goes on where generator number `i` is, as [`LaneRng::device`] returned it.
    ///
    /// ```
    /// use samplegrad_core::{Source, stream};
    /// use samplegrad_host::{F32x4, LaneRng};
    ///
    /// let mut lanes = LaneRng::<F32x4>::new(2026, 0);
    /// lanes.next_word();
    /// let devices = [0, 1, 2, 3].map(|lane| lanes.device(lane));
    /// assert_eq!(LaneRng::<F32x4>::from_devices(|lane| devices[lane].clone()), lanes);
    /// ```
    pub fn from_devices(device: impl Fn(usize) -> XorShiftRng) -> Self {
        Self::from_states(|lane| stream::words(&device(lane)))
    }

    pub(crate) fn from_states(state: impl Fn(usize) -> [u32; 4]) -> Self {
        Self { state: core::array::from_fn(|i| L::Word::from_fn(|lane| state(lane)[i])) }
    }

    /// The generator of one lane, as a device would have it now.
    pub fn device(&self, lane: usize) -> XorShiftRng {
        device(self.state.map(|word| word.extract(lane)))
    }
}

impl<L: Lane> Source<L> for LaneRng<L> {
    /// G. Marsaglia's xorshift with shifts 11, 8 and 19, as `rand_xorshift` has it.
    #[inline(always)]
    fn next_word(&mut self) -> L::Word {
        let [x, y, z, w] = self.state;
        let t = x.xor(x.shl(11));
        let next = w.xor(w.shr(19)).xor(t.xor(t.shr(8)));
        self.state = [y, z, w, next];
        next
    }
}

fn device(state: [u32; 4]) -> XorShiftRng {
    let mut seed = [0; 16];
    for (bytes, word) in seed.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    XorShiftRng::from_seed(seed)
}

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

    /// How many there are.
    pub fn count(&self) -> usize {
        self.state[0].len()
    }

    /// The generator of stream `number`, as a device would have it now; nothing if there is no such stream.
    pub fn device(&self, number: usize) -> Option<XorShiftRng> {
        (number < self.count()).then(|| device(self.state.each_ref().map(|words| words[number])))
    }

    /// The first streams, one a row, cut in pieces of so many words: those of all rows where their first piece begins, then where
    /// their second does, and so on.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where the machine has no room for 16 bytes each.
    pub(crate) fn pieces(&self, rows: usize, pieces: usize, words: usize) -> Result<Self, Error> {
        let count = rows.saturating_mul(pieces);
        let mut state = [const { Vec::new() }; 4];
        for words in &mut state {
            words.try_reserve_exact(count).map_err(|_| Error::TooLarge { what: "streams" })?;
            words.resize(count, 0);
        }
        let jumps = Pieces::new::<F32x16>(words);
        for row in 0..rows {
            let mut start = LaneRng::<f32> { state: self.state.each_ref().map(|words| words[row]) };
            // The last lane is where the next lanes begin.
            let lanes = F32x16::LANES - 1;
            for first in (0..pieces).step_by(lanes) {
                let rng = jumps.lanes::<F32x16>(&start);
                for (words, lane) in state.iter_mut().zip(&rng.state) {
                    for piece in first..pieces.min(first + lanes) {
                        words[piece * rows + row] = lane.extract(piece - first);
                    }
                }
                start.state = rng.state.map(|word| word.extract(lanes));
            }
        }
        Ok(Self { state })
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

/// Some streams, one a row, that are drawn from.
pub(crate) struct StreamsMut<'a> {
    state: [&'a mut [u32]; 4],
}

impl StreamsMut<'_> {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.state[0].len()
    }

    /// The first, and the others.
    pub(crate) fn split_at(self, row: usize) -> (Self, Self) {
        let [[a, b], [c, d], [e, f], [g, h]] = self.state.map(|words| {
            let (first, others) = words.split_at_mut(row);
            [first, others]
        });
        (Self { state: [a, c, e, g] }, Self { state: [b, d, f, h] })
    }

    /// The streams of the rows from `first` on. Lanes from `active` on have a stream of zeros.
    #[inline(always)]
    pub(crate) fn load<L: Vector>(&self, first: usize, active: usize) -> LaneRng<L> {
        let [x, y, z, w] = &self.state;
        let rows = first..first + active;
        LaneRng {
            state: [
                L::load_words(&x[rows.clone()]),
                L::load_words(&y[rows.clone()]),
                L::load_words(&z[rows.clone()]),
                L::load_words(&w[rows]),
            ],
        }
    }

    /// The next words of the streams of some rows, tile after tile, so many columns of each. Returns how many columns that are.
    #[inline(always)]
    pub(crate) fn words<L: Vector>(&mut self, rows: &Range<usize>, columns: usize, words: &mut [L::Word]) -> usize {
        let mut count = 0;
        for first in rows.clone().step_by(L::LANES) {
            let active = L::LANES.min(rows.end - first);
            let mut rng = self.load::<L>(first, active);
            for word in &mut words[count..count + columns] {
                *word = rng.next_word();
            }
            self.store(first, active, &rng);
            count += columns;
        }
        count
    }

    /// Puts the streams of `active` rows back.
    #[inline(always)]
    pub(crate) fn store<L: Vector>(&mut self, first: usize, active: usize, rng: &LaneRng<L>) {
        for (words, &lanes) in self.state.iter_mut().zip(&rng.state) {
            L::store_words(lanes, &mut words[first..first + active]);
        }
    }
}
