//! Streams from which a batch operation draws some rows.

use core::ops::Range;

use samplegrad_core::Source;

use crate::{lanes::vector::Vector, streams::lane_rng::LaneRng};

/// The streams from which some rows are drawn, one per row.
pub(crate) struct StreamsMut<'a> {
    pub(super) state: [&'a mut [u32]; 4],
}

impl StreamsMut<'_> {
    /// Returns the number of streams.
    pub(crate) fn count(&self) -> usize {
        self.state[0].len()
    }

    /// Splits into the first `row` streams and the others.
    pub(crate) fn split_at(self, row: usize) -> (Self, Self) {
        let [[a, b], [c, d], [e, f], [g, h]] = self.state.map(|words| {
            let (first, others) = words.split_at_mut(row);
            [first, others]
        });
        (Self { state: [a, c, e, g] }, Self { state: [b, d, f, h] })
    }

    /// Returns the streams of `active` rows, starting with row `first`. The other lanes have a stream of zeros.
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

    /// Returns the streams of `active` rows, starting with row `first`. The other lanes repeat the last row.
    pub(crate) fn load_repeated<L: Vector>(&self, first: usize, active: usize) -> LaneRng<L> {
        LaneRng::from_states(|lane| self.state.each_ref().map(|words| words[first + lane.min(active - 1)]))
    }

    /// Draws the next `columns` words of the stream of each row, tile after tile. Returns the number of vectors
    /// written.
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

    /// Stores the streams of `active` rows.
    #[inline(always)]
    pub(crate) fn store<L: Vector>(&mut self, first: usize, active: usize, rng: &LaneRng<L>) {
        for (words, &lanes) in self.state.iter_mut().zip(&rng.state) {
            L::store_words(lanes, &mut words[first..first + active]);
        }
    }
}
