//! Learners whose numbers of features and actions are known when the program runs: what bindings to other languages need, where
//! [`Reinforce`](samplegrad_core::Reinforce) has them in its type.
//!
//! A learner is padded to the smallest capacity that has room: features that it has not are zero, actions that it has not are
//! masked. Neither changes a sum, so that its bits are those of a device of just its size.

mod error;
mod fleet;

use samplegrad_core::{ActionModel, Decay, EntropyBonus, LearningRate, MovingAverage};

pub use error::Error;
use fleet::{Fleet, Padded, Shape};

/// The most features that a learner sees.
pub const MOST_FEATURES: usize = 64;
/// The most actions that it has.
pub const MOST_ACTIONS: usize = 16;

/// What a learner compares rewards with.
///
/// Example: [`Learners`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Baseline {
    /// A moving average of the rewards: [`MovingAverage`].
    MovingAverage(Decay),
    /// A linear model of the reward of every action, as a control variate whose mean is added back: [`ActionModel`].
    ActionModel(LearningRate),
}

/// What learners are made of.
///
/// Example: [`Learners`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Features that each sees, 1 to [`MOST_FEATURES`].
    pub features: usize,
    /// Actions that each chooses from, 1 to [`MOST_ACTIONS`].
    pub actions: usize,
    /// The length of the steps.
    pub rate: LearningRate,
    /// The weight of the entropy in the objective.
    pub entropy_bonus: EntropyBonus,
    /// What rewards are compared with.
    pub baseline: Baseline,
}

/// Learners, each with weights and random numbers of its own: linear-softmax policies that go on learning by online REINFORCE,
/// a step per reward, as [`Reinforce`](samplegrad_core::Reinforce) on the device of their number does, bit for bit.
///
/// ```
/// use samplegrad_core::{EntropyBonus, LearningRate};
/// use samplegrad_learners::{Baseline, Learners, Settings};
///
/// let settings = Settings {
///     features: 1,
///     actions: 2,
///     rate: LearningRate::new(0.5)?,
///     entropy_bonus: EntropyBonus::NONE,
///     baseline: Baseline::ActionModel(LearningRate::new(0.1)?),
/// };
/// let mut learners = Learners::new(settings, 3, 2026, 0)?;
/// let mut actions = [0; 3];
/// for _ in 0..200 {
///     learners.act(&[1.0; 3], &[], &mut actions)?;
///     learners.learn(&actions.map(|action| action as f32))?;
/// }
/// assert_eq!(actions, [1; 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Learners {
    shape: Shape,
    fleet: Box<dyn Fleet>,
}

impl std::fmt::Debug for Learners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Shape { count, features, actions } = self.shape;
        write!(f, "{count} learners of {features} features and {actions} actions")
    }
}

impl Learners {
    /// `count` learners that know nothing. Learner `i` draws from stream number `first + i` (modulo 2^64) of the seed.
    ///
    /// # Errors
    /// [`Error::Empty`] for no learners, features or actions; [`Error::Capacity`] for more than there is room for;
    /// [`Error::Host`] where the machine has no room.
    pub fn new(settings: Settings, count: usize, seed: u64, first: u64) -> Result<Self, Error> {
        let shape = Shape { count, features: settings.features, actions: settings.actions };
        let within = |what, found: usize, most: usize| match found {
            0 => Err(Error::Empty { what }),
            _ if found > most => Err(Error::Capacity { what, found, most }),
            _ => Ok(()),
        };
        within("learners", count, isize::MAX as usize / (MOST_FEATURES * 4))?;
        within("features", shape.features, MOST_FEATURES)?;
        within("actions", shape.actions, MOST_ACTIONS)?;
        let streams = (seed, first);
        let fleet = match (shape.features, shape.actions) {
            (..=4, ..=4) => of_capacity::<4, 4>(settings, shape, streams),
            (..=16, ..=4) => of_capacity::<16, 4>(settings, shape, streams),
            (_, ..=4) => of_capacity::<MOST_FEATURES, 4>(settings, shape, streams),
            (..=4, _) => of_capacity::<4, MOST_ACTIONS>(settings, shape, streams),
            (..=16, _) => of_capacity::<16, MOST_ACTIONS>(settings, shape, streams),
            _ => of_capacity::<MOST_FEATURES, MOST_ACTIONS>(settings, shape, streams),
        }?;
        Ok(Self { shape, fleet })
    }

    /// How many learners there are.
    pub fn count(&self) -> usize {
        self.shape.count
    }

    /// How many features each sees.
    pub fn features(&self) -> usize {
        self.shape.features
    }

    /// How many actions each chooses from.
    pub fn actions(&self) -> usize {
        self.shape.actions
    }

    /// Draws an action of each. `features` has a row per learner; `allowed` a byte for every action of every learner, 0 where it
    /// is impossible, or nothing where all are possible.
    ///
    /// # Errors
    /// [`Error::Host`] for a wrong length, a feature that [`Features`](samplegrad_core::Features) refuses, with the learner, or a
    /// learner of which every action is masked. Nothing is drawn then.
    pub fn act(&mut self, features: &[f32], allowed: &[u8], actions: &mut [u32]) -> Result<(), Error> {
        Ok(self.fleet.act(features, allowed, actions)?)
    }

    /// Goes one step for the actions that were drawn last, with a reward for each.
    ///
    /// # Errors
    /// [`Error::NothingWaits`] if none were drawn since; [`Error::Host`] for a wrong length or a reward that
    /// [`Reward`](samplegrad_core::Reward) refuses, with the learner. Nothing is learned then.
    pub fn learn(&mut self, rewards: &[f32]) -> Result<(), Error> {
        if !self.fleet.waits() {
            return Err(Error::NothingWaits);
        }
        Ok(self.fleet.learn(rewards)?)
    }

    /// Writes what a learner has learned: the weights, feature-major, `weights[feature * actions + action]`, and a bias per
    /// action.
    ///
    /// # Errors
    /// [`Error::NoSuchLearner`]; [`Error::Host`] for a wrong length.
    pub fn policy(&self, number: usize, weights: &mut [f32], bias: &mut [f32]) -> Result<(), Error> {
        let Shape { count, features, actions } = self.shape;
        if number >= count {
            return Err(Error::NoSuchLearner { number, count });
        }
        fleet::check("weights", features * actions, weights.len())?;
        fleet::check("bias", actions, bias.len())?;
        self.fleet.policy(number, weights, bias);
        Ok(())
    }
}

fn of_capacity<const D: usize, const K: usize>(
    settings: Settings,
    shape: Shape,
    streams: (u64, u64),
) -> Result<Box<dyn Fleet>, Error> {
    let steps = (settings.rate, settings.entropy_bonus);
    Ok(match settings.baseline {
        Baseline::MovingAverage(decay) => {
            Box::new(Padded::<D, K, _>::new(shape, streams, steps, || MovingAverage::new(decay))?)
        }
        Baseline::ActionModel(rate) => {
            Box::new(Padded::<D, K, _>::new(shape, streams, steps, || ActionModel::new(rate))?)
        }
    })
}
