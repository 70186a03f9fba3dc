use crate::{
    arithmetic::lane::Lane,
    distributions::categorical::Categorical,
    estimators::baselines::baseline::{ControlVariate, centred},
    settings::{features::Features, reward::Reward},
};

/// A constant baseline. Zero makes plain REINFORCE.
///
/// ```
/// use samplegrad_core::{Reward, Constant};
///
/// let half = Constant::new(Reward::new(0.5_f32)?);
/// assert_eq!(half, Constant::new(Reward::new(0.5)?));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct Constant<L: Lane = f32> {
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::reward"))]
    baseline: L,
}

impl<L: Lane> Constant<L> {
    /// From a reward that is thought typical.
    pub fn new(baseline: Reward<L>) -> Self {
        Self { baseline: baseline.get() }
    }

    /// The baseline.
    #[inline]
    pub fn get(&self) -> L {
        self.baseline
    }
}

impl<const D: usize, const K: usize, L: Lane> ControlVariate<D, K, L> for Constant<L> {
    #[inline]
    fn learn(
        &mut self,
        _features: &Features<D, L>,
        policy: &Categorical<K, L>,
        action: L::Word,
        reward: L,
        gradient: &mut [L; K],
    ) {
        centred(policy, action, reward - self.baseline, gradient);
    }
}
