//! Learners whose numbers of features and actions are known only at run time, as bindings to other languages need.
//! [`Reinforce`](samplegrad_core::Reinforce) has these numbers in its type.
//!
//! A learner is padded to the smallest capacity that is large enough: unused features are zero, and unused actions are
//! masked. Neither changes a sum. So the results have the bits of a device with exactly the same numbers of features
//! and actions as the learner.

mod error;
mod fleet;

use samplegrad_core::{ActionModel, Decay, EntropyBonus, LearningRate, MovingAverage};

pub use error::Error;
use fleet::{Fleet, Padded, Shape};

/// The most features of a learner.
pub const MOST_FEATURES: usize = 64;
/// The most actions of a learner.
pub const MOST_ACTIONS: usize = 16;

/// The baseline with which a learner compares rewards.
///
/// Example: [`Learners`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Baseline {
    /// A moving average of the rewards: [`MovingAverage`].
    MovingAverage(Decay),
    /// A linear model that predicts the reward of every action: [`ActionModel`]. It is a control variate whose mean is
    /// added back.
    ActionModel(LearningRate),
}

/// The settings of learners.
///
/// Example: [`Learners`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The number of features of each learner, 1 to [`MOST_FEATURES`].
    pub features: usize,
    /// The number of actions of each learner, 1 to [`MOST_ACTIONS`].
    pub actions: usize,
    /// The learning rate.
    pub rate: LearningRate,
    /// The weight of the entropy in the objective.
    pub entropy_bonus: EntropyBonus,
    /// The baseline with which rewards are compared.
    pub baseline: Baseline,
}

/// Learners, each with its own weights and random numbers: linear-softmax policies that learn online by REINFORCE, one
/// step per reward. Each learner has bit for bit the results of [`Reinforce`](samplegrad_core::Reinforce) on the device
/// with the same number.
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
    /// Creates `count` untrained learners. Learner `i` draws from stream number `first + i` (modulo 2^64) of the seed.
    ///
    /// # Errors
    /// [`Error::Empty`] for no learners, features or actions; [`Error::Capacity`] for more than the capacity;
    /// [`Error::Host`] if the memory cannot be allocated.
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

    /// Returns the number of learners.
    pub fn count(&self) -> usize {
        self.shape.count
    }

    /// Returns the number of features of each learner.
    pub fn features(&self) -> usize {
        self.shape.features
    }

    /// Returns the number of actions of each learner.
    pub fn actions(&self) -> usize {
        self.shape.actions
    }

    /// Draws one action per learner. `features` has one row per learner. `allowed` has a byte for every action of every
    /// learner, 0 for an impossible action, or is empty if all actions are possible.
    ///
    /// # Errors
    /// [`Error::Host`] for a wrong length, for a feature that [`Features`](samplegrad_core::Features) refuses (with the
    /// number of the learner), or for a learner whose actions are all masked. Nothing is drawn then.
    pub fn act(&mut self, features: &[f32], allowed: &[u8], actions: &mut [u32]) -> Result<(), Error> {
        Ok(self.fleet.act(features, allowed, actions)?)
    }

    /// Makes one learning step for the actions drawn last, with one reward for each.
    ///
    /// # Errors
    /// [`Error::NothingWaits`] if no actions were drawn since the last step; [`Error::Host`] for a wrong length, or for
    /// a reward that [`Reward`](samplegrad_core::Reward) refuses (with the number of the learner). Nothing is learned
    /// then.
    pub fn learn(&mut self, rewards: &[f32]) -> Result<(), Error> {
        if !self.fleet.waits() {
            return Err(Error::NothingWaits);
        }
        Ok(self.fleet.learn(rewards)?)
    }

    /// Writes the parameters of a learner: the weights, feature-major, `weights[feature * actions + action]`, and one
    /// bias per action.
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
