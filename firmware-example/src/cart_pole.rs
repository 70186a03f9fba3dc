//! A pole is balanced on a cart, learned on the device from when it falls.
//!
//! The cart is pushed left or right, 50 times a second, until the pole leans by more than 12° or the cart leaves the track,
//! for up to 500 steps. Each step is rewarded by 1. Dynamics and constants are the published ones, and so is everything
//! that makes the task; the sine and the cosine are polynomials, for the same bits everywhere. Every lane has its own
//! episode, which starts and ends by itself, so a lane is a device here too.
//!
//! Source: A. G. Barto, R. S. Sutton and C. W. Anderson, *Neuronlike adaptive elements that can solve difficult learning
//! control problems*, IEEE Transactions on Systems, Man, and Cybernetics 13, 1983, with the start and the limits that are in
//! common use since.

use samplegrad_core::{
    Ending, Source,
    lane::{Lane, Mask},
    noise::Uniform,
};

/// Steps after which an episode is cut off: the best return there is.
pub const MAX_STEPS: f32 = 500.0;

const GRAVITY: f32 = 9.8;
const CART_MASS: f32 = 1.0;
const POLE_MASS: f32 = 0.1;
/// From the pivot to the pole's centre.
const HALF_LENGTH: f32 = 0.5;
const FORCE: f32 = 10.0;
const STEP_SECONDS: f32 = 0.02;
/// Where the track ends.
const MAX_POSITION: f32 = 2.4;
/// 12°, in radians.
const MAX_ANGLE: f32 = 0.209_439_51;
/// Every number of the state starts within this of zero.
const START: f32 = 0.05;

/// `sin x` for `|x| ≤ ½`, its Taylor polynomial of degree 7: within 6·10^−8.
pub fn sine<L: Lane>(x: L) -> L {
    let s = x * x;
    x + x * (s * (s * (s * (-1.0 / 5040.0) + 1.0 / 120.0) - 1.0 / 6.0))
}

/// `cos x` for `|x| ≤ ½`, its Taylor polynomial of degree 8: within 1.2·10^−7.
pub fn cosine<L: Lane>(x: L) -> L {
    let s = x * x;
    s * (s * (s * (s * (1.0 / 40320.0) - 1.0 / 720.0) + 1.0 / 24.0) - 0.5) + 1.0
}

/// A cart with a pole: where it is, how far it leans, how fast both change, and for how long it has stood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CartPole<L: Lane = f32> {
    position: L,
    velocity: L,
    angle: L,
    spin: L,
    steps: L,
}

impl<L: Lane> CartPole<L> {
    /// The start of an episode: four words of the source, each a number uniform within ±0.05.
    pub fn start<S: Source<L> + ?Sized>(source: &mut S) -> Self {
        let words = core::array::from_fn(|_| source.next_word());
        Self::from_words(words)
    }

    pub fn from_words(words: [L::Word; 4]) -> Self {
        let [position, velocity, angle, spin] =
            words.map(|word| (Uniform::<L>::from_word(word).value() - 0.5) * (2.0 * START));
        Self { position, velocity, angle, spin, steps: L::ZERO }
    }

    pub fn state(&self) -> [L; 4] {
        [self.position, self.velocity, self.angle, self.spin]
    }
    pub fn steps(&self) -> L { self.steps }

    /// Pushes for a step, to the right or to the left, and says whether the episode ended with it.
    pub fn push(&mut self, right: L::Mask) -> Ending<L> {
        const MASS: f32 = CART_MASS + POLE_MASS;
        let force = L::select(right, L::splat(FORCE), L::splat(-FORCE));
        let (sine, cosine) = (sine(self.angle), cosine(self.angle));
        let pull = (force + self.spin * self.spin * sine * (POLE_MASS * HALF_LENGTH)) / MASS;
        let inertia = (-(cosine * cosine * (POLE_MASS / MASS)) + 4.0 / 3.0) * HALF_LENGTH;
        let turn = (sine * GRAVITY - cosine * pull) / inertia;
        let acceleration = pull - turn * cosine * (POLE_MASS * HALF_LENGTH / MASS);
        self.position = self.position + self.velocity * STEP_SECONDS;
        self.velocity = self.velocity + acceleration * STEP_SECONDS;
        self.angle = self.angle + self.spin * STEP_SECONDS;
        self.spin = self.spin + turn * STEP_SECONDS;
        self.steps = self.steps + 1.0;
        let beyond = |x: L, limit: f32| L::splat(limit).lt(x.abs());
        let fallen = beyond(self.position, MAX_POSITION).or(beyond(self.angle, MAX_ANGLE));
        Ending::new(fallen, self.steps.lt(L::splat(MAX_STEPS)).not())
    }

    pub fn restart(&mut self, start: Self, w: L::Mask) {
        self.position = L::select(w, start.position, self.position);
        self.velocity = L::select(w, start.velocity, self.velocity);
        self.angle = L::select(w, start.angle, self.angle);
        self.spin = L::select(w, start.spin, self.spin);
        self.steps = L::select(w, start.steps, self.steps);
    }
}
