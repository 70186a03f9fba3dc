//! The core's learner, of any size up to its capacity.
//!
//! A learner has room for more features and actions than the data have: missing features are 0 and missing actions are
//! masked. Both add zeros at the end of every sum, so that the bits are those of a learner of the exact size.

use anyhow::{Result, anyhow, ensure};
use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    ActionMask, ActionModel, BITS, Constant, EntropyBonus, Features, LearningRate, LinearCritic, MovingAverage,
    Reinforce, Reward, baseline::ControlVariate, lane::Lane, reduce,
};
use samplegrad_snapshot::{Kind, bits_of, decode, encode, encoded_len};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    data::{CLASSES, FEATURES},
    progress::Progress,
    steering::{Baseline, Steering},
};

/// A policy that learns from one reward at a time.
pub trait Learn {
    /// Sets the learning rate and the entropy bonus of the following steps.
    fn steer(&mut self, rate: LearningRate, bonus: EntropyBonus);
    /// Sees a row, acts, and learns from the reward. Returns whether the action was right.
    fn step(&mut self, row: &[f32], class: u32, rng: &mut XorShiftRng) -> Result<bool>;
    /// Returns the class with the largest logit for a row, without randomness.
    fn read(&self, row: &[f32]) -> Result<u32>;
    /// Returns the weights, a row per feature, and the biases.
    fn weights(&self) -> (Vec<f32>, Vec<f32>);
    /// Encodes a snapshot of the learner and of the progress.
    fn save(&self, progress: &Progress) -> Result<Vec<u8>>;
    /// Resumes from a snapshot.
    fn load(&mut self, snapshot: &[u8]) -> Result<Progress>;
}

/// A learner of at most `D` features and `K` actions.
struct Linear<const D: usize, const K: usize, C> {
    learner: Reinforce<D, K, C>,
    mask: ActionMask<K>,
    features: usize,
    classes: usize,
    kind: Kind,
}

/// Pads a row with zeros.
pub fn padded<const D: usize, L: Lane>(row: &[f32]) -> Result<Features<D, L>, samplegrad_core::Error> {
    Features::new(core::array::from_fn(|i| L::splat(row.get(i).copied().unwrap_or(0.0))))
}

/// Creates a mask of the first `classes` actions.
pub fn mask<const K: usize, L: Lane>(classes: usize) -> Result<ActionMask<K, L>, samplegrad_core::Error> {
    use samplegrad_core::lane::Mask;
    ActionMask::new(core::array::from_fn(|k| L::Mask::splat(k < classes)))
}

impl<const D: usize, const K: usize, C> Learn for Linear<D, K, C>
where
    C: ControlVariate<D, K> + Serialize + DeserializeOwned,
{
    fn steer(&mut self, rate: LearningRate, bonus: EntropyBonus) {
        self.learner.set_rate(rate);
        self.learner.set_entropy_bonus(bonus);
    }

    fn step(&mut self, row: &[f32], class: u32, rng: &mut XorShiftRng) -> Result<bool> {
        let features = padded(row)?;
        let decision = self.learner.act(&features, &self.mask, rng);
        let right = decision.action() == class;
        self.learner.learn(&features, &decision, Reward::new(f32::from(u8::from(right)))?);
        Ok(right)
    }

    fn read(&self, row: &[f32]) -> Result<u32> {
        let logits = self.learner.policy().logits(&padded(row)?);
        Ok(reduce::arg_max(&logits[..self.classes]).0)
    }

    fn weights(&self) -> (Vec<f32>, Vec<f32>) {
        let policy = self.learner.policy();
        let rows = policy.weights().iter().take(self.features);
        (rows.flat_map(|row| &row[..self.classes]).copied().collect(), policy.bias()[..self.classes].to_vec())
    }

    fn save(&self, progress: &Progress) -> Result<Vec<u8>> {
        let value = (progress, &self.learner);
        let mut bytes = vec![0; encoded_len(&value).map_err(refused)?];
        encode(self.kind, &value, &mut bytes).map_err(refused)?;
        Ok(bytes)
    }

    fn load(&mut self, snapshot: &[u8]) -> Result<Progress> {
        // A snapshot of another type, version or program is reported first.
        let bits = bits_of(snapshot).map_err(refused)?;
        let (progress, learner): (Progress, Reinforce<D, K, C>) = decode(self.kind, snapshot).map_err(refused)?;
        ensure!(
            bits == BITS,
            "the checkpoint has bits {bits}, this program has bits {BITS}: it would go on to others than that run; go on with \
             that version, or start anew with --restart"
        );
        self.learner = learner;
        Ok(progress)
    }
}

fn refused(error: samplegrad_snapshot::Error) -> anyhow::Error {
    anyhow!("{error}")
}

/// Creates an untrained learner, with room for these features and classes.
pub fn new(baseline: Baseline, steering: &Steering, features: usize, classes: usize) -> Result<Box<dyn Learn>> {
    fn sized<const D: usize, const K: usize>(
        baseline: Baseline,
        steering: &Steering,
        features: usize,
        classes: usize,
    ) -> Result<Box<dyn Learn>> {
        let (rate, bonus) = steering.of_pass(0, 1)?;
        let shape = [D, K, features, classes];
        let mask = mask(classes)?;
        macro_rules! learner {
            ($name:literal, $baseline:expr) => {
                Box::new(Linear {
                    learner: Reinforce::<D, K, _>::new($baseline, rate, bonus),
                    mask,
                    features,
                    classes,
                    kind: Kind::new(concat!("samplegrad train, ", $name), &shape),
                })
            };
        }
        Ok(match baseline {
            Baseline::ActionModel => learner!("action model", ActionModel::<D, K>::new(steering.model_rate()?)),
            Baseline::LinearCritic => learner!("linear critic", LinearCritic::<D>::new(steering.model_rate()?)),
            Baseline::MovingAverage => learner!("moving average", MovingAverage::<f32>::new(Steering::decay()?)),
            Baseline::None => learner!("no baseline", Constant::<f32>::new(Steering::nothing()?)),
        })
    }
    let made = match (features, classes) {
        (..=64, ..=16) => sized::<64, 16>,
        (_, _) => sized::<FEATURES, CLASSES>,
    };
    made(baseline, steering, features, classes)
}
