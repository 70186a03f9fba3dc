//! A generator of random words in each lane.

use rand_core::SeedableRng;
use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    Source,
    lane::{Lane, Word},
    stream,
};

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
    /// Creates generators: lane `i` has stream number `first + i` (modulo 2^64) of the seed.
    pub fn new(seed: u64, first: u64) -> Self {
        Self::from_states(|lane| stream::state(seed, first.wrapping_add(lane as u64)))
    }

    /// Creates lanes from generators that [`LaneRng::device`] returned: lane `i` continues generator number `i`.
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

    /// Returns the generator of one lane, in its current state, as a microcontroller would have it.
    pub fn device(&self, lane: usize) -> XorShiftRng {
        device(self.state.map(|word| word.extract(lane)))
    }

    /// Writes the next words.
    #[inline(always)]
    pub(crate) fn next_words(&mut self, words: &mut [L::Word]) {
        for word in words {
            *word = self.next_word();
        }
    }
}

impl<L: Lane> Source<L> for LaneRng<L> {
    /// Draws the next word of G. Marsaglia's xorshift with shifts 11, 8 and 19, as in `rand_xorshift`.
    #[inline(always)]
    fn next_word(&mut self) -> L::Word {
        let [x, y, z, w] = self.state;
        let t = x.xor(x.shl(11));
        let next = w.xor(w.shr(19)).xor(t.xor(t.shr(8)));
        self.state = [y, z, w, next];
        next
    }
}

/// Creates a generator in the given state.
pub(super) fn device(state: [u32; 4]) -> XorShiftRng {
    let mut seed = [0; 16];
    for (bytes, word) in seed.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    XorShiftRng::from_seed(seed)
}
