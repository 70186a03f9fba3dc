//! The mountain-car task. A car in a valley gathers speed to reach a flag on a hill.
//!
//! The motor is too weak to climb the hill from the bottom, so the car must first drive up the other side. With the
//! action `a` (0: left, 1: no force, 2: right), a step is:
//!
//! ```text
//! v ← v + 0.001 (a − 1) − 0.0025 cos 3x    bounded to ±0.07
//! x ← x + v                                with the new v, bounded to [−1.2, 0.6]; v ← 0 where x = −1.2 and v < 0
//! ```
//!
//! The reward of each step is −1. An episode starts at rest, at a position that is uniform in [−0.6, −0.4]. It ends if
//! `x ≥ 0.5` and `v ≥ 0`, and is truncated after 200 steps. Positions and velocities have no unit; a unit of time is a
//! step.
//!
//! Source: A. W. Moore, *Efficient Memory-Based Learning for Robot Control*, University of Cambridge, 1990, for the
//! task. The equations, constants and initial states are those of Gymnasium's MountainCar-v0 (see
//! [`control`](crate::control)).

use samplegrad_core::{
    Ending, Error, Features, Source,
    elementary::cos,
    lane::{Lane, Mask},
};

use crate::{
    control::ControlTask,
    episode::{Episode, Range, direction, within},
};

/// The number of observed numbers: position and velocity.
pub const OBSERVATIONS: usize = 2;
/// The number of actions: a force to the left, no force, a force to the right.
pub const ACTIONS: usize = 3;
/// Number of steps after which an episode is truncated.
pub const MAX_STEPS: u32 = 200;

const MIN_POSITION: f32 = -1.2;
const MAX_POSITION: f32 = 0.6;
const MAX_SPEED: f32 = 0.07;
/// The position of the flag.
const FLAG: f32 = 0.5;
const FORCE: f32 = 0.001;
const GRAVITY: f32 = 0.0025;
/// The centre of the initial positions, and their largest distance from it.
const START: [f32; 2] = [-0.5, 0.1];

const RANGES: [Range; 2] = [
    Range::new("position", MIN_POSITION, MAX_POSITION, "from -1.2 to 0.6"),
    Range::new("velocity", -MAX_SPEED, MAX_SPEED, "from -0.07 to 0.07"),
];

/// The state of a car, and the number of steps of the episode so far.
///
/// ```
/// use samplegrad_core::{Error, stream};
/// use samplegrad_tasks::{control::ControlTask, mountain_car::MountainCar};
///
/// let mut car = MountainCar::<f32>::start(&mut stream::xorshift(2026, 0));
/// let mut steps = 0;
/// let ending = loop {
///     let [_, velocity] = *car.state();
///     let (_, ending) = car.step(if velocity < 0.0 { 0 } else { 2 });
///     steps += 1;
///     if ending.ended() {
///         break ending;
///     }
/// };
/// assert!(ending.is_terminal() && steps < 130);       // pushed in its direction, it gathers speed
///
/// let outside = Error::OutOfRange { what: "position", value: 0.7, requirement: "from -1.2 to 0.6" };
/// assert_eq!(MountainCar::from_state([0.7_f32, 0.0]), Err(outside));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MountainCar<L: Lane = f32> {
    /// Position and velocity.
    episode: Episode<2, L>,
}

impl<L: Lane> MountainCar<L> {
    /// Creates the episode that starts with a given position and velocity.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the position is in [−1.2, 0.6] and the velocity is in ±0.07, in every lane.
    pub fn from_state(state: [L; 2]) -> Result<Self, Error> {
        Ok(Self { episode: Episode::from_state(state, &RANGES)? })
    }

    /// Returns position and velocity.
    pub fn state(&self) -> &[L; 2] {
        self.episode.state()
    }
}

impl<L: Lane> ControlTask<L> for MountainCar<L> {
    type Input = Features<OBSERVATIONS, L>;
    type Action = L::Word;
    const MAX_STEPS: u32 = MAX_STEPS;

    /// Starts an episode from one word of the source.
    fn start<S: Source<L> + ?Sized>(source: &mut S) -> Self {
        let [centre, range] = START;
        let position: L = within(range, source);
        Self { episode: Episode::new([position + centre, L::ZERO]) }
    }

    /// Returns position and velocity.
    fn observation(&self) -> Result<Features<OBSERVATIONS, L>, Error> {
        Features::new(*self.episode.state())
    }

    /// Makes one step with a force to the left, without force, or with a force to the right.
    fn step(&mut self, action: L::Word) -> (L, Ending<L>) {
        let [position, velocity] = *self.episode.state();
        let push = direction::<L>(action) * FORCE - cos(position * 3.0) * GRAVITY;
        let velocity = (velocity + push).min(L::splat(MAX_SPEED)).max(L::splat(-MAX_SPEED));
        let position = (position + velocity).min(L::splat(MAX_POSITION)).max(L::splat(MIN_POSITION));
        let blocked = position.equals(L::splat(MIN_POSITION)).and(velocity.lt(L::ZERO));
        let velocity = L::select(blocked, L::ZERO, velocity);
        let arrived = position.lt(L::splat(FLAG)).or(velocity.lt(L::ZERO)).not();
        (L::splat(-1.0), self.episode.advance([position, velocity], arrived, MAX_STEPS))
    }

    fn replace(&mut self, lanes: L::Mask, other: &Self) {
        self.episode.replace(lanes, &other.episode);
    }
}
