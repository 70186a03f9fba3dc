//! The pendulum task. A limited torque swings a pendulum up and holds it upright.
//!
//! The pendulum is a uniform rod of 1 kg and 1 m, fixed at one end. Its angle `θ` is zero upright. The torque `u` is
//! too weak to lift the hanging rod, so the rod must first swing back and forth. A step lasts 0.05 s:
//!
//! ```text
//! reward = −(θ² + 0.1 θ'² + 0.001 u²)            of the state before the step, with θ in [−π, π]
//! θ' ← θ' + 0.05 (3g/(2l) sin θ + 3/(m l²) u)    bounded to ±8 rad/s
//! θ  ← θ + 0.05 θ'                               with the new θ', wrapped to [−π, π]
//! ```
//!
//! An episode starts at an angle that is uniform in ±π, with an angular velocity that is uniform in ±1 rad/s. It has no
//! terminal state and is truncated after 200 steps.
//!
//! Source: K. Doya, *Reinforcement learning in continuous time and space*, Neural Computation 12, 2000, for the task.
//! The equations, constants and initial states are those of Gymnasium's Pendulum-v1 (see [`control`](crate::control)).

use core::f32::consts::PI;

use samplegrad_core::{
    Ending, Error, Features, Source,
    elementary::{sin, sin_cos},
    lane::{Lane, Mask},
};

use crate::{
    angle,
    control::ControlTask,
    episode::{Episode, Range, direction, within},
};

/// The number of observed numbers: cosine and sine of the angle, and the angular velocity.
pub const OBSERVATIONS: usize = 3;
/// The number of actions: the torques −2, 0 and 2 N m.
pub const ACTIONS: usize = 3;
/// Number of steps after which an episode is truncated.
pub const MAX_STEPS: u32 = 200;
/// The largest torque, in N m.
pub const MAX_TORQUE: f32 = 2.0;
/// The largest angular velocity, in radians per second.
pub const MAX_SPEED: f32 = 8.0;

const GRAVITY: f32 = 10.0;
const MASS: f32 = 1.0;
const LENGTH: f32 = 1.0;
const STEP_SECONDS: f32 = 0.05;
/// The limit of the initial angular velocity.
const START_SPEED: f32 = 1.0;

const RANGES: [Range; 2] = [
    Range::new("angle", -PI, PI, "from -3.1415927 to 3.1415927"),
    Range::new("angular velocity", -MAX_SPEED, MAX_SPEED, "from -8 to 8"),
];

/// The state of a pendulum, and the number of steps of the episode so far.
///
/// ```
/// use samplegrad_core::Error;
/// use samplegrad_tasks::{control::ControlTask, pendulum::Pendulum};
///
/// let mut upright = Pendulum::from_state([0.0_f32, 0.0])?;
/// assert_eq!(upright.push(0.0).0, 0.0);
///
/// let mut falling = Pendulum::from_state([0.1_f32, 0.0])?;
/// falling.step(1);
/// assert!(falling.state()[0] > 0.1);
///
/// let too_fast = Error::OutOfRange { what: "angular velocity", value: 9.0, requirement: "from -8 to 8" };
/// assert_eq!(Pendulum::from_state([0.0_f32, 9.0]), Err(too_fast));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pendulum<L: Lane = f32> {
    /// Angle in radians, angular velocity in radians per second.
    episode: Episode<2, L>,
}

impl<L: Lane> Pendulum<L> {
    /// Creates the episode that starts with a given angle and angular velocity.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the angle is in ±π and the angular velocity is in ±8, in every lane.
    pub fn from_state(state: [L; 2]) -> Result<Self, Error> {
        Ok(Self { episode: Episode::from_state(state, &RANGES)? })
    }

    /// Returns the angle, in ±π, and the angular velocity.
    pub fn state(&self) -> &[L; 2] {
        self.episode.state()
    }

    /// Makes one step with a torque, and returns the reward and the ending of this step. The torque is bounded to ±2
    /// N m; a torque that is NaN counts as 2 N m. The three costs of the reward are added in the order of the formula.
    pub fn push(&mut self, torque: L) -> (L, Ending<L>) {
        let [angle, spin] = *self.episode.state();
        // Of NaN and the limit, the minimum is the limit.
        let torque = L::splat(MAX_TORQUE).min(torque).max(L::splat(-MAX_TORQUE));
        let cost = angle * angle + spin * spin * 0.1 + torque * torque * 0.001;
        let turn = sin(angle) * (3.0 * GRAVITY / (2.0 * LENGTH)) + torque * (3.0 / (MASS * LENGTH * LENGTH));
        let spin = (spin + turn * STEP_SECONDS).min(L::splat(MAX_SPEED)).max(L::splat(-MAX_SPEED));
        let angle = angle::wrapped(angle + spin * STEP_SECONDS);
        (-cost, self.episode.advance([angle, spin], L::Mask::splat(false), MAX_STEPS))
    }
}

impl<L: Lane> ControlTask<L> for Pendulum<L> {
    type Input = Features<OBSERVATIONS, L>;
    type Action = L::Word;
    const MAX_STEPS: u32 = MAX_STEPS;

    /// Starts an episode from two words of the source: for the angle, then for the angular velocity.
    fn start<S: Source<L> + ?Sized>(source: &mut S) -> Self {
        let state = [PI, START_SPEED].map(|range| within(range, source));
        Self { episode: Episode::new(state) }
    }

    /// Returns the cosine and the sine of the angle, and the angular velocity.
    fn observation(&self) -> Result<Features<OBSERVATIONS, L>, Error> {
        let [angle, spin] = *self.episode.state();
        let (sine, cosine) = sin_cos(angle);
        Features::new([cosine, sine, spin])
    }

    /// Pushes with −2, 0 or 2 N m.
    fn step(&mut self, action: L::Word) -> (L, Ending<L>) {
        self.push(direction::<L>(action) * MAX_TORQUE)
    }

    fn replace(&mut self, lanes: L::Mask, other: &Self) {
        self.episode.replace(lanes, &other.episode);
    }
}

/// The pendulum with a torque that is a number: the action `a`, from −1 to 1, pushes with `2 a` N m.
///
/// ```
/// use samplegrad_tasks::{control::ControlTask, pendulum::{Pendulum, Torque}};
///
/// let pendulum = Pendulum::from_state([0.5_f32, 0.0])?;
/// assert_eq!(Torque::from(pendulum).step([0.25]), pendulum.clone().push(0.5));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Torque<L: Lane = f32>(Pendulum<L>);

impl<L: Lane> From<Pendulum<L>> for Torque<L> {
    fn from(pendulum: Pendulum<L>) -> Self {
        Self(pendulum)
    }
}

impl<L: Lane> ControlTask<L> for Torque<L> {
    type Input = Features<OBSERVATIONS, L>;
    type Action = [L; 1];
    const MAX_STEPS: u32 = MAX_STEPS;

    fn start<S: Source<L> + ?Sized>(source: &mut S) -> Self {
        Self(Pendulum::start(source))
    }

    fn observation(&self) -> Result<Features<OBSERVATIONS, L>, Error> {
        self.0.observation()
    }

    fn step(&mut self, [action]: [L; 1]) -> (L, Ending<L>) {
        self.0.push(action * MAX_TORQUE)
    }

    fn replace(&mut self, lanes: L::Mask, other: &Self) {
        self.0.replace(lanes, &other.0);
    }
}
