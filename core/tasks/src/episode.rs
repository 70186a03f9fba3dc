//! Parts that control tasks share: the state of an episode, its random start, and the check of a given state.

use samplegrad_core::{
    Ending, Error, Source,
    lane::{Lane, Mask, Word},
    noise::Uniform,
};

/// The numbers of a state, and the number of steps of the episode so far, in each lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Episode<const N: usize, L: Lane> {
    state: [L; N],
    steps: L,
}

impl<const N: usize, L: Lane> Episode<N, L> {
    /// Creates the episode before its first step.
    pub(crate) fn new(state: [L; N]) -> Self {
        Self { state, steps: L::ZERO }
    }

    /// Checks a state and creates the episode before its first step.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for the first number that is outside of its range in any lane.
    pub(crate) fn from_state(state: [L; N], ranges: &[Range; N]) -> Result<Self, Error> {
        for (x, range) in state.iter().zip(ranges) {
            for lane in 0..L::LANES {
                range.check(x.extract(lane))?;
            }
        }
        Ok(Self::new(state))
    }

    /// Returns the numbers of the state.
    pub(crate) fn state(&self) -> &[L; N] {
        &self.state
    }

    /// Makes a step to another state. Returns the ending of the step: terminal in the lanes of the mask, truncated from
    /// step `max_steps` on.
    pub(crate) fn advance(&mut self, state: [L; N], terminal: L::Mask, max_steps: u32) -> Ending<L> {
        self.state = state;
        self.steps = self.steps + 1.0;
        Ending::new(terminal, self.steps.lt(L::splat(max_steps as f32)).not())
    }

    /// Replaces the episode by the episode `other` in the lanes of the mask.
    pub(crate) fn replace(&mut self, lanes: L::Mask, other: &Self) {
        for (x, &y) in self.state.iter_mut().zip(&other.state) {
            *x = L::select(lanes, y, *x);
        }
        self.steps = L::select(lanes, other.steps, self.steps);
    }
}

/// The range of a number of a state.
pub(crate) struct Range {
    what: &'static str,
    low: f32,
    high: f32,
    requirement: &'static str,
}

impl Range {
    /// Creates a range with both ends included, and its text for errors.
    pub(crate) const fn new(what: &'static str, low: f32, high: f32, requirement: &'static str) -> Self {
        Self { what, low, high, requirement }
    }

    fn check(&self, value: f32) -> Result<(), Error> {
        if (self.low..=self.high).contains(&value) {
            return Ok(());
        }
        Err(Error::OutOfRange { what: self.what, value, requirement: self.requirement })
    }
}

/// Draws a number that is uniform within `±range`, from one word of the source.
pub(crate) fn within<L: Lane, S: Source<L> + ?Sized>(range: f32, source: &mut S) -> L {
    (Uniform::sample(source).value() - 0.5) * (2.0 * range)
}

/// Returns the direction of one of three actions: −1 for action 0, 0 for action 1, and 1 for higher numbers.
pub(crate) fn direction<L: Lane>(action: L::Word) -> L {
    let below = |k: u32| action.lt(L::Word::splat(k));
    L::select(below(1), L::splat(-1.0), L::select(below(2), L::ZERO, L::ONE))
}
