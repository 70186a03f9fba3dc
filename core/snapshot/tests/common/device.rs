//! Devices that learn, from features and rewards that only depend on the step.

use rand_core::Rng;
use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    ActionMask, Decay, EntropyBonus, Features, LearningRate, Reinforce, Reward,
    baseline::{ActionModel, ControlVariate, MovingAverage},
    stream,
};
use samplegrad_snapshot::Kind;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// All that a device knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "C: Serialize", deserialize = "C: DeserializeOwned"))]
pub struct Device<const D: usize, const K: usize, C> {
    pub learner: Reinforce<D, K, C>,
    #[serde(with = "samplegrad_snapshot::generator")]
    pub generator: XorShiftRng,
    pub step: u32,
}

/// Four features, three actions and an average.
pub type Small = Device<4, 3, MovingAverage>;
/// Too large for a page: the digits bandit's policy with its model of rewards.
pub type Large = Device<64, 10, ActionModel<64, 10>>;

/// A device that has not learned yet.
pub trait Fresh: Clone + Serialize + DeserializeOwned {
    const KIND: Kind;
    fn fresh() -> Self;
    /// One action, one reward, one gradient step.
    fn learn(&mut self);
}

impl Fresh for Small {
    const KIND: Kind = Kind::new("small test device", &[4, 3]);

    fn fresh() -> Self {
        Self::new(MovingAverage::new(Decay::new(0.9).unwrap()))
    }
    fn learn(&mut self) {
        self.next();
    }
}

impl Fresh for Large {
    const KIND: Kind = Kind::new("large test device", &[64, 10]);

    fn fresh() -> Self {
        Self::new(ActionModel::new(LearningRate::new(0.02).unwrap()))
    }
    fn learn(&mut self) {
        self.next();
    }
}

impl<const D: usize, const K: usize, C: ControlVariate<D, K>> Device<D, K, C> {
    fn new(control_variate: C) -> Self {
        let (rate, entropy_bonus) = (LearningRate::new(0.3).unwrap(), EntropyBonus::new(0.05).unwrap());
        Self {
            learner: Reinforce::new(control_variate, rate, entropy_bonus),
            generator: stream::xorshift(2026, 4),
            step: 0,
        }
    }

    fn next(&mut self) {
        let mut world = stream::xorshift(99, u64::from(self.step));
        let features = Features::new([(); D].map(|()| world.next_u32() as f32 / 2e9 - 1.0)).unwrap();
        let decision = self.learner.act(&features, &ActionMask::all(), &mut self.generator);
        let best = u32::from(features.as_array()[0] > 0.0);
        let reward = if decision.action() == best { 1.0 } else { -0.1 };
        self.learner.learn(&features, &decision, Reward::new(reward).unwrap());
        self.step += 1;
    }
}
