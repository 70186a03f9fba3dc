//! Devices that learn from features and rewards that depend only on the step.

use rand_core::Rng;
use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    ActionMask, ActionModel, Adam, AverageReturn, CategoricalPolicy, Decay, Dense, Discount, Ending, EntropyBonus,
    EpisodicReinforce, Features, LearningRate, MovingAverage, Reinforce, Reward, SoftmaxHead, Steering,
    baseline::ControlVariate, stream,
};
use samplegrad_snapshot::Kind;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The whole state of a device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "C: Serialize", deserialize = "C: DeserializeOwned"))]
pub struct Device<const D: usize, const K: usize, C> {
    pub learner: Reinforce<D, K, C>,
    #[serde(with = "samplegrad_snapshot::generator")]
    pub generator: XorShiftRng,
    pub step: u32,
}

/// A device with four features, three actions and an average baseline.
pub type Small = Device<4, 3, MovingAverage>;
/// A device too large for a page: the digits bandit's policy with its model of rewards.
pub type Large = Device<64, 10, ActionModel<64, 10>>;

/// A learner of the cart-pole shape: traces, sums and Adam's moments, saved in the middle of an episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episodic {
    learner: EpisodicReinforce<CategoricalPolicy<4, 2>, Adam<Dense<4, 2>>, AverageReturn>,
    #[serde(with = "samplegrad_snapshot::generator")]
    generator: XorShiftRng,
    /// The step, as `f32` so that it has a fixed number of bytes.
    step: f32,
}

/// A device that has not learned yet.
pub trait Fresh: Clone + Serialize + DeserializeOwned {
    const KIND: Kind;
    fn fresh() -> Self;
    /// Takes one action, receives its reward and makes one gradient step.
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

impl Fresh for Episodic {
    const KIND: Kind = Kind::new("episodic test device", &[4, 2]);

    fn fresh() -> Self {
        let learner = EpisodicReinforce::new(
            CategoricalPolicy::new(SoftmaxHead),
            Adam::new(LearningRate::new(0.04).unwrap()),
            AverageReturn::new(Decay::new(0.9).unwrap()),
            Steering { discount: Discount::new(0.99).unwrap(), ..Steering::default() },
        );
        Self { learner, generator: stream::xorshift(2026, 4), step: 0.0 }
    }
    fn learn(&mut self) {
        let features = features(self.step as u32);
        let choice = self.learner.act(&features, &ActionMask::all(), &mut self.generator);
        let reward = Reward::new(if choice.action() == best(&features) { 1.0 } else { -0.1 }).unwrap();
        let ending = Ending::new(self.step % 7.0 == 6.0, false);
        self.learner.learn(&features, &choice, reward, &ending);
        self.step += 1.0;
    }
}

/// Computes features that depend on the step alone.
fn features<const D: usize>(step: u32) -> Features<D> {
    let mut world = stream::xorshift(99, u64::from(step));
    Features::new([(); D].map(|()| world.next_u32() as f32 / 2e9 - 1.0)).unwrap()
}

/// Returns the rewarded action.
fn best<const D: usize>(features: &Features<D>) -> u32 {
    u32::from(features.as_array()[0] > 0.0)
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
        let features = features(self.step);
        let decision = self.learner.act(&features, &ActionMask::all(), &mut self.generator);
        let reward = if decision.action() == best(&features) { 1.0 } else { -0.1 };
        self.learner.learn(&features, &decision, Reward::new(reward).unwrap());
        self.step += 1;
    }
}
