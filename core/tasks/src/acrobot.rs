//! The acrobot task. A torque at the middle joint swings the free end of two links above a line.
//!
//! The first link hangs from a fixed joint, the second from the end of the first. Each has a mass of 1 kg, a length of
//! 1 m, its centre of mass in the middle, and a moment of inertia of 1 kg m². `θ₁` is the angle of the first link from
//! straight down, `θ₂` the angle of the second link relative to the first. With the torque `τ` of −1, 0 or 1 N m:
//!
//! ```text
//! d₁ = 3.5 + cos θ₂,   d₂ = 1.25 + 0.5 cos θ₂
//! φ₂ = 4.9 sin(θ₁ + θ₂)
//! φ₁ = 14.7 sin θ₁ + φ₂ − (0.5 θ₂' + θ₁') θ₂' sin θ₂
//! θ₂'' = (d₁ (τ − 0.5 θ₁'² sin θ₂ − φ₂) + d₂ φ₁) / (1.25 d₁ − d₂²)
//! θ₁'' = −(d₂ θ₂'' + φ₁) / d₁
//! ```
//!
//! A step of 0.2 s is one step of the Runge–Kutta method of order 4. Then angles are wrapped to [−π, π], and angular
//! velocities are bounded to ±4π and ±9π. An episode starts with four numbers that are uniform in ±0.1. It ends if
//! `−cos θ₁ − cos(θ₁ + θ₂) > 1`, the height of the free end in metres above the fixed joint, and is truncated after 500
//! steps. The reward is 0 for the step with which the episode ends by height, and −1 for every other step.
//!
//! Source: R. S. Sutton, *Generalization in reinforcement learning: successful examples using sparse coarse coding*,
//! NIPS 8, 1996, for the task; R. S. Sutton and A. G. Barto, *Reinforcement Learning: An Introduction*, for the equation
//! of `θ₂''`. The constants, the rule of the steps and the initial states are those of Gymnasium's Acrobot-v1 (see
//! [`control`](crate::control)).

use core::f32::consts::PI;

use samplegrad_core::{
    Ending, Error, Features, Source,
    elementary::{cos, sin, sin_cos},
    lane::Lane,
};

use crate::{
    angle,
    control::ControlTask,
    episode::{Episode, Range, direction, within},
};

/// The number of observed numbers: cosine and sine of both angles, and both angular velocities.
pub const OBSERVATIONS: usize = 6;
/// The number of actions: the torques −1, 0 and 1 N m.
pub const ACTIONS: usize = 3;
/// Number of steps after which an episode is truncated.
pub const MAX_STEPS: u32 = 500;
/// The largest angular velocity of each link, in radians per second.
pub const MAX_SPEEDS: [f32; 2] = [4.0 * PI, 9.0 * PI];

const GRAVITY: f32 = 9.8;
/// The height of the line above the fixed joint.
const LINE: f32 = 1.0;
/// Distance from a joint to the centre of mass of its link. Masses, lengths and moments of inertia are 1.
const CENTRE: f32 = 0.5;
/// The moment of inertia of the second link about its joint.
const INERTIA: f32 = 1.0 + CENTRE * CENTRE;
/// The constant part of `d₁`.
const INERTIA_OF_BOTH: f32 = 2.0 * INERTIA + 1.0;
const STEP_SECONDS: f32 = 0.2;
/// The limit of the initial state. Each number of the initial state is between `−START` and `START`.
const START: f32 = 0.1;

const RANGES: [Range; 4] = [
    Range::new("angle of link 1", -PI, PI, "from -3.1415927 to 3.1415927"),
    Range::new("angle of link 2", -PI, PI, "from -3.1415927 to 3.1415927"),
    Range::new("angular velocity of link 1", -MAX_SPEEDS[0], MAX_SPEEDS[0], "from -4 pi to 4 pi"),
    Range::new("angular velocity of link 2", -MAX_SPEEDS[1], MAX_SPEEDS[1], "from -9 pi to 9 pi"),
];

/// The state of two links, and the number of steps of the episode so far.
///
/// ```
/// use core::f32::consts::PI;
/// use samplegrad_core::Ending;
/// use samplegrad_tasks::{acrobot::Acrobot, control::ControlTask};
///
/// let mut hanging = Acrobot::from_state([0.0_f32; 4])?;
/// assert_eq!(hanging.step(1), (-1.0, Ending::none()));
/// assert_eq!(hanging.state(), &[0.0; 4]);
///
/// let mut upright = Acrobot::from_state([PI, 0.0, 0.0, 0.0])?;
/// assert_eq!(upright.step(1), (0.0, Ending::terminal()));
///
/// assert!(Acrobot::from_state([4.0_f32, 0.0, 0.0, 0.0]).is_err());
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Acrobot<L: Lane = f32> {
    /// Two angles in radians, then two angular velocities in radians per second.
    episode: Episode<4, L>,
}

impl<L: Lane> Acrobot<L> {
    /// Creates the episode that starts with two given angles and two given angular velocities.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the angles are in ±π and the angular velocities in ±4π and ±9π, in every lane.
    pub fn from_state(state: [L; 4]) -> Result<Self, Error> {
        Ok(Self { episode: Episode::from_state(state, &RANGES)? })
    }

    /// Returns both angles, in ±π, and both angular velocities.
    pub fn state(&self) -> &[L; 4] {
        self.episode.state()
    }
}

/// Returns the derivative of the state by time.
fn derivative<L: Lane>([angle, bend, spin, bend_spin]: [L; 4], torque: L) -> [L; 4] {
    let (sine, cosine) = sin_cos(bend);
    let d1 = cosine * (2.0 * CENTRE) + INERTIA_OF_BOTH;
    let d2 = cosine * CENTRE + INERTIA;
    let phi2 = sin(angle + bend) * (CENTRE * GRAVITY);
    let phi1 = sin(angle) * ((CENTRE + 1.0) * GRAVITY) + phi2
        - (bend_spin * CENTRE + spin * (2.0 * CENTRE)) * bend_spin * sine;
    // 1.25 d₁ − d₂², in which the terms of cos θ₂ cancel.
    let determinant = -(cosine * cosine) * (CENTRE * CENTRE) + (INERTIA * INERTIA_OF_BOTH - INERTIA * INERTIA);
    let bend_turn = (d1 * (torque - spin * spin * sine * CENTRE - phi2) + d2 * phi1) / determinant;
    [spin, bend_spin, -(d2 * bend_turn + phi1) / d1, bend_turn]
}

/// Returns `state + seconds · derivative`.
fn after<L: Lane>(mut state: [L; 4], derivative: &[L; 4], seconds: f32) -> [L; 4] {
    for (x, &slope) in state.iter_mut().zip(derivative) {
        *x = *x + slope * seconds;
    }
    state
}

/// Returns the state after a Runge–Kutta step of order 4. The four derivatives are added as `k₁ + 2 k₂ + 2 k₃ + k₄`, from
/// left to right, onto zero.
fn runge_kutta<L: Lane>(state: [L; 4], torque: L) -> [L; 4] {
    let (mut slope, mut sum) = ([L::ZERO; 4], [L::ZERO; 4]);
    for (share, weight) in [(0.0, 1.0), (0.5, 2.0), (0.5, 2.0), (1.0, 1.0)] {
        slope = derivative(after(state, &slope, share * STEP_SECONDS), torque);
        sum = after(sum, &slope, weight);
    }
    after(state, &sum, STEP_SECONDS / 6.0)
}

impl<L: Lane> ControlTask<L> for Acrobot<L> {
    type Input = Features<OBSERVATIONS, L>;
    type Action = L::Word;
    const MAX_STEPS: u32 = MAX_STEPS;

    /// Starts an episode from four words of the source.
    fn start<S: Source<L> + ?Sized>(source: &mut S) -> Self {
        Self { episode: Episode::new([START; 4].map(|range| within(range, source))) }
    }

    /// Returns cosine and sine of the first angle, cosine and sine of the second angle, and both angular velocities.
    fn observation(&self) -> Result<Features<OBSERVATIONS, L>, Error> {
        let [angle, bend, spin, bend_spin] = *self.episode.state();
        let ((sine, cosine), (bend_sine, bend_cosine)) = (sin_cos(angle), sin_cos(bend));
        Features::new([cosine, sine, bend_cosine, bend_sine, spin, bend_spin])
    }

    /// Makes one step with a torque of −1, 0 or 1 N m.
    fn step(&mut self, action: L::Word) -> (L, Ending<L>) {
        let [angle, bend, spin, bend_spin] = runge_kutta(*self.episode.state(), direction(action));
        let (angle, bend) = (angle::wrapped(angle), angle::wrapped(bend));
        let bounded = |x: L, limit: f32| x.min(L::splat(limit)).max(L::splat(-limit));
        let (spin, bend_spin) = (bounded(spin, MAX_SPEEDS[0]), bounded(bend_spin, MAX_SPEEDS[1]));
        let above = L::splat(LINE).lt(-cos(angle) - cos(angle + bend));
        let ending = self.episode.advance([angle, bend, spin, bend_spin], above, MAX_STEPS);
        (L::select(above, L::ZERO, L::splat(-1.0)), ending)
    }

    fn replace(&mut self, lanes: L::Mask, other: &Self) {
        self.episode.replace(lanes, &other.episode);
    }
}
