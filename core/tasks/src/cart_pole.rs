//! The cart-pole task. A policy learns on the device to balance a pole on a cart.
//!
//! The cart is pushed left or right 50 times per second. An episode ends if the pole leans by more than 12°, if the
//! cart leaves the track, or after 500 steps. The reward of each step is 1. The policy sees the four numbers of the
//! state and learns at the end of each episode, in constant memory. Every lane has its own episode, which ends and
//! restarts independently of other lanes. Each lane therefore computes what a device computes.
//!
//! Source: A. G. Barto, R. S. Sutton and C. W. Anderson, *Neuronlike adaptive elements that can solve difficult
//! learning control problems*, IEEE Transactions on Systems, Man, and Cybernetics 13, 1983. The initial state, the
//! limits and Euler's rule for the steps come from later benchmarks.

use core::ops::ControlFlow;

use samplegrad_core::{
    ActionMask, Adam, AverageReturn, CategoricalPolicy, Decay, Dense, Discount, Ending, EpisodicReinforce, Error,
    Features, LearningRate, Reward, SoftmaxHead, Source, Steering,
    lane::{Lane, Mask, Word},
};

use crate::{
    control::ControlTask,
    episode::{Episode, Range, within},
    fingerprint,
    log::{Ended, lines, log},
};

/// The seed of all devices. The number of a device selects its stream.
pub const SEED: u64 = 2026;
/// The number of features that the policy sees.
pub const FEATURES: usize = 4;
/// The number of actions: left and right.
pub const ACTIONS: usize = 2;
/// Number of steps after which an episode is truncated. It is also the largest possible return.
pub const MAX_STEPS: u32 = 500;
/// Number of steps of the whole training.
pub const TRAINING_STEPS: u32 = 150_000;
/// The names and default values of a device's arguments.
pub const ARGUMENTS: [(&str, u32); 3] = [("DEVICE", 0), ("STEPS", TRAINING_STEPS), ("EPISODES", 100)];

/// The initial learning rate of the policy. During the training, the rate falls linearly to 1/100 of this value.
const RATE: f32 = 0.04;
const DISCOUNT: f32 = 0.99;
/// The weight of earlier returns in the average return.
const BASELINE_DECAY: f32 = 0.9;

const GRAVITY: f32 = 9.8;
const CART_MASS: f32 = 1.0;
const POLE_MASS: f32 = 0.1;
const MASS: f32 = CART_MASS + POLE_MASS;
/// Distance from the pivot to the pole's centre.
const HALF_LENGTH: f32 = 0.5;
const FORCE: f32 = 10.0;
const STEP_SECONDS: f32 = 0.02;
/// Distance from the centre to either end of the track.
const MAX_POSITION: f32 = 2.4;
/// The largest angle of the pole: 12°, in radians.
const MAX_ANGLE: f32 = 0.209_439_51;
/// The limit of the initial state. Each number of the initial state is between `−START` and `START`.
const START: f32 = 0.05;

const RANGES: [Range; FEATURES] = [
    Range::new("position", -MAX_POSITION, MAX_POSITION, "from -2.4 to 2.4"),
    Range::new("velocity", -100.0, 100.0, "from -100 to 100"),
    Range::new("angle", -MAX_ANGLE, MAX_ANGLE, "from -0.20943951 to 0.20943951"),
    Range::new("angular velocity", -100.0, 100.0, "from -100 to 100"),
];

/// Computes `sin x` for `|x| ≤ ½` by Taylor's polynomial of degree 7. The error is at most 6·10^−8.
///
/// ```
/// use samplegrad_tasks::cart_pole::sine;
///
/// assert!((f64::from(sine(0.25_f32)) - 0.25_f64.sin()).abs() < 6e-8);
/// ```
pub fn sine<L: Lane>(x: L) -> L {
    let s = x * x;
    x + x * (s * (s * (s * (-1.0 / 5040.0) + 1.0 / 120.0) - 1.0 / 6.0))
}

/// Computes `cos x` for `|x| ≤ ½` by Taylor's polynomial of degree 8. The error is at most 1.2·10^−7.
///
/// ```
/// use samplegrad_tasks::cart_pole::cosine;
///
/// assert!((f64::from(cosine(0.25_f32)) - 0.25_f64.cos()).abs() < 1.2e-7);
/// ```
pub fn cosine<L: Lane>(x: L) -> L {
    let s = x * x;
    s * (s * (s * (s * (1.0 / 40320.0) - 1.0 / 720.0) + 1.0 / 24.0) - 0.5) + 1.0
}

/// The state of a cart with a pole, and the number of steps of the episode so far.
///
/// ```
/// use samplegrad_core::stream;
/// use samplegrad_tasks::cart_pole::CartPole;
///
/// let mut cart = CartPole::<f32>::start(&mut stream::xorshift(2026, 0));
/// let mut pushes = 0;
/// while !cart.push(true).ended() {
///     pushes += 1;
/// }
/// assert!(pushes < 12);       // pushed to one side, it falls at once
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CartPole<L: Lane = f32> {
    /// Position in metres, velocity in metres per second, angle in radians, angular velocity in radians per second.
    episode: Episode<FEATURES, L>,
}

impl<L: Lane> CartPole<L> {
    /// Starts an episode from four words of the source. Each word gives a number that is uniform within ±0.05.
    pub fn start<S: Source<L> + ?Sized>(source: &mut S) -> Self {
        Self { episode: Episode::new([START; FEATURES].map(|range| within(range, source))) }
    }

    /// Creates the episode that starts with a given position, velocity, angle and angular velocity.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the position is in ±2.4 m, the angle in ±12°, the velocity in ±100 m/s and the
    /// angular velocity in ±100 rad/s, in every lane.
    pub fn from_state(state: [L; FEATURES]) -> Result<Self, Error> {
        Ok(Self { episode: Episode::from_state(state, &RANGES)? })
    }

    /// Returns position, velocity, angle and angular velocity.
    pub fn state(&self) -> &[L; FEATURES] {
        self.episode.state()
    }

    /// Returns the features for the policy. They are the numbers of the state, scaled to similar sizes.
    ///
    /// # Errors
    /// Returns no error if the cart is never pushed after the end of an episode.
    pub fn features(&self) -> Result<Features<FEATURES, L>, Error> {
        let [position, velocity, angle, spin] = *self.episode.state();
        Features::new([position * (1.0 / MAX_POSITION), velocity * 0.5, angle * 5.0, spin * 0.5])
    }

    /// Pushes for one step, to the right or to the left, and returns whether the episode ended with this step.
    pub fn push(&mut self, right: L::Mask) -> Ending<L> {
        let [position, velocity, angle, spin] = *self.episode.state();
        let force = L::select(right, L::splat(FORCE), L::splat(-FORCE));
        let (sine, cosine) = (sine(angle), cosine(angle));
        let pull = (force + spin * spin * sine * (POLE_MASS * HALF_LENGTH)) / MASS;
        let inertia = (-(cosine * cosine * (POLE_MASS / MASS)) + 4.0 / 3.0) * HALF_LENGTH;
        let turn = (sine * GRAVITY - cosine * pull) / inertia;
        let acceleration = pull - turn * cosine * (POLE_MASS * HALF_LENGTH / MASS);
        let state = [
            position + velocity * STEP_SECONDS,
            velocity + acceleration * STEP_SECONDS,
            angle + spin * STEP_SECONDS,
            spin + turn * STEP_SECONDS,
        ];
        let [position, _, angle, _] = state;
        let beyond = |x: L, limit: f32| L::splat(limit).lt(x.abs());
        let fallen = beyond(position, MAX_POSITION).or(beyond(angle, MAX_ANGLE));
        self.episode.advance(state, fallen, MAX_STEPS)
    }
}

impl<L: Lane> ControlTask<L> for CartPole<L> {
    type Input = Features<FEATURES, L>;
    type Action = L::Word;
    const MAX_STEPS: u32 = MAX_STEPS;

    fn start<S: Source<L> + ?Sized>(source: &mut S) -> Self {
        Self::start(source)
    }

    /// Returns position, velocity, angle and angular velocity, not scaled as in [`CartPole::features`].
    fn observation(&self) -> Result<Features<FEATURES, L>, Error> {
        Features::new(*self.state())
    }

    /// Pushes to the left or to the right.
    fn step(&mut self, action: L::Word) -> (L, Ending<L>) {
        (L::ONE, self.push(L::Word::splat(0).lt(action)))
    }

    fn replace(&mut self, lanes: L::Mask, other: &Self) {
        self.episode.replace(lanes, &other.episode);
    }
}

/// The type of the learner. It learns once per episode. The baseline is an average of earlier returns.
pub type Learner<L = f32> =
    EpisodicReinforce<CategoricalPolicy<FEATURES, ACTIONS, L>, Adam<Dense<FEATURES, ACTIONS, 1, L>>, AverageReturn<L>>;

/// The whole state of the device: the learner, the cart, and the number of training steps so far.
///
/// ```
/// use samplegrad_core::stream;
/// use samplegrad_tasks::cart_pole::{SEED, Trainer};
///
/// let mut rng = stream::xorshift(SEED, 0);
/// let mut trainer = Trainer::<f32>::new(&mut rng)?;
/// let before = trainer.evaluate(10, &mut rng)?;
/// trainer.train(10_000, &mut rng)?;
/// assert!(trainer.evaluate(10, &mut rng)? > 5.0 * before);
/// assert!(core::mem::size_of_val(&trainer) < 400);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Trainer<L: Lane = f32> {
    learner: Learner<L>,
    /// The initial learning rate.
    rate: LearningRate,
    cart: CartPole<L>,
    steps: u32,
}

impl<L: Lane> Trainer<L> {
    /// Creates an untrained policy, before its first episode.
    ///
    /// # Errors
    /// Returns no error, because the constants are in range.
    pub fn new<S: Source<L> + ?Sized>(source: &mut S) -> Result<Self, Error> {
        Self::with_rate(LearningRate::new(RATE)?, source)
    }

    /// Creates an untrained policy with another learning rate.
    ///
    /// # Errors
    /// Returns no error, because the constants are in range.
    pub fn with_rate<S: Source<L> + ?Sized>(rate: LearningRate, source: &mut S) -> Result<Self, Error> {
        let learner = EpisodicReinforce::new(
            CategoricalPolicy::new(SoftmaxHead),
            Adam::new(rate),
            AverageReturn::new(Decay::new(BASELINE_DECAY)?),
            Steering { discount: Discount::new(DISCOUNT)?, ..Steering::default() },
        );
        Ok(Self { learner, rate, cart: CartPole::start(source), steps: 0 })
    }

    /// Returns the learner.
    pub fn learner(&self) -> &Learner<L> {
        &self.learner
    }

    /// Returns the number of steps so far.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Trains for `steps` more steps, across episodes. The learning rate falls as scheduled for [`TRAINING_STEPS`].
    /// Returns the number of episodes that ended in each lane. Every step takes five words of the source, even if no
    /// episode starts. Each lane therefore draws the same words as a device.
    ///
    /// # Errors
    /// Returns no error, because the constants are in range.
    pub fn train<S: Source<L> + ?Sized>(&mut self, steps: u32, source: &mut S) -> Result<L, Error> {
        let mut episodes = L::ZERO;
        for _ in 0..steps {
            let left = (1.0 - self.steps as f32 / TRAINING_STEPS as f32).max(0.01);
            self.learner.optimizer_mut().set_rate(LearningRate::new(self.rate.get() * left)?);
            episodes = episodes + L::select(self.step(source)?, L::ONE, L::ZERO);
        }
        Ok(episodes)
    }

    /// Makes one step. Returns a mask of the lanes in which an episode ended with this step.
    fn step<S: Source<L> + ?Sized>(&mut self, source: &mut S) -> Result<L::Mask, Error> {
        let features = self.cart.features()?;
        let choice = self.learner.act(&features, &ActionMask::all(), source);
        let ending = self.cart.push(choice.action().equals(L::Word::splat(1)));
        self.learner.learn(&features, &choice, Reward::new(L::ONE)?, &ending);
        self.cart.replace(ending.ended(), &CartPole::start(source));
        self.steps += 1;
        Ok(ending.ended())
    }

    /// Returns the mean return of `episodes` episodes in which the policy always takes the more probable action. Each
    /// episode takes four words of the source.
    ///
    /// # Errors
    /// Returns no error, because the constants are in range.
    pub fn evaluate<S: Source<L> + ?Sized>(&self, episodes: u32, source: &mut S) -> Result<L, Error> {
        let mut total = L::ZERO;
        for _ in 0..episodes {
            let mut cart = CartPole::start(source);
            let mut stands = L::Mask::splat(true);
            while stands.any() {
                let action = self.learner.policy().greedy(&cart.features()?, &ActionMask::all());
                let before = cart;
                let ending = cart.push(action.equals(L::Word::splat(1)));
                // A cart whose episode is over waits for the other lanes.
                cart.replace(stands.not(), &before);
                total = total + L::select(stands, L::ONE, L::ZERO);
                stands = stands.and(ending.ended().not());
            }
        }
        Ok(total / episodes.max(1) as f32)
    }

    /// Returns a hash of the bits of every weight and bias of one lane. The hash is 64-bit FNV-1a over the words. The
    /// weights come before the biases.
    pub fn fingerprint(&self, lane: usize) -> u64 {
        let parameters = self.learner.policy().parameters();
        let weights = parameters.weights().iter().flatten().flatten();
        let numbers = weights.chain(parameters.bias().iter().flatten());
        fingerprint::of_words(numbers.map(|x| x.extract(lane).to_bits()))
    }
}

lines! {
    /// A line of the log.
    ///
    /// ```
    /// use samplegrad_tasks::cart_pole::Line;
    ///
    /// let line = Line::Evaluated { episodes: 100, mean: 499.5 };
    /// assert_eq!(line.to_string(), "mean return of 100 episodes: 499.5");
    /// ```
    pub enum Line {
        /// A part of the training.
        Trained { steps: u32, ended: u32 } => "{} steps, {} episodes ended in the last",
        /// Evaluation episodes, in which the policy is deterministic.
        Evaluated { episodes: u32, mean: f32 } => "mean return of {} episodes: {:?}",
        /// The hash of [`Trainer::fingerprint`].
        Fingerprint { hash: u64 } => "fingerprint {:016x}",
    }
}

/// Runs a device and logs one lane. The arguments are the number of the device, the steps of training and the episodes
/// of evaluation. The caller creates `source` from the number of the device.
///
/// # Errors
/// Returns no error, because the constants are in range.
pub fn live<L: Lane, S: Source<L> + ?Sized>(
    [_, steps, episodes]: [u32; 3],
    lane: usize,
    source: &mut S,
    mut listener: impl FnMut(u64, Line) -> ControlFlow<()>,
) -> Ended {
    /// Number of steps between two lines of the log.
    const PART: u32 = 10_000;
    let mut trainer = Trainer::<L>::new(source)?;
    while trainer.steps() < steps {
        let ended = trainer.train(PART.min(steps - trainer.steps()), source)?.extract(lane) as u32;
        log!(listener, trainer.steps(), Line::Trained { steps: trainer.steps(), ended });
    }
    let mean = trainer.evaluate(episodes, source)?.extract(lane);
    log!(listener, steps, Line::Evaluated { episodes, mean });
    log!(listener, steps, Line::Fingerprint { hash: trainer.fingerprint(lane) });
    Ok(ControlFlow::Continue(()))
}
