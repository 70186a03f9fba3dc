use super::{ControlVariate, centred};
use crate::{Categorical, Decay, Features, Reward, lane::Lane};

/// An exponential moving average of the rewards: `b ← ρ b + (1 − ρ) r` after each.
///
/// ```
/// use samplegrad_core::{Decay, Reward, baseline::MovingAverage};
///
/// let mut average = MovingAverage::<f32>::new(Decay::new(0.5)?);
/// average.observe(Reward::new(1.0)?);
/// assert_eq!(average.get(), 0.5);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct MovingAverage<L: Lane = f32> {
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_arrays::learned"))]
    average: L,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::serde_arrays::decay"))]
    decay: f32,
}

impl<L: Lane> MovingAverage<L> {
    /// An average that starts at 0.
    pub fn new(decay: Decay) -> Self {
        Self { average: L::ZERO, decay: decay.get() }
    }

    /// An average that starts at `start`.
    pub fn starting_at(start: Reward<L>, decay: Decay) -> Self {
        Self { average: start.get(), decay: decay.get() }
    }

    /// The average so far.
    #[inline]
    pub fn get(&self) -> L {
        self.average
    }

    /// Takes a reward in.
    #[inline]
    pub fn observe(&mut self, reward: Reward<L>) {
        self.take(reward.get());
    }

    #[inline]
    pub(crate) fn take(&mut self, reward: L) {
        self.average = self.average * self.decay + reward * (1.0 - self.decay);
    }
}

impl<const D: usize, const K: usize, L: Lane> ControlVariate<D, K, L> for MovingAverage<L> {
    #[inline]
    fn learn(
        &mut self,
        _features: &Features<D, L>,
        policy: &Categorical<K, L>,
        action: L::Word,
        reward: L,
        gradient: &mut [L; K],
    ) {
        centred(policy, action, reward - self.average, gradient);
        self.take(reward);
    }
}
