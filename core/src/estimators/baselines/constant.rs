//! A constant baseline.

use crate::{
    arithmetic::lane::Lane,
    estimators::baselines::baseline::{Baseline, scale},
    settings::reward::Reward,
};

/// A constant baseline. Zero gives plain REINFORCE.
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
    /// Creates a baseline from a typical reward.
    pub fn new(baseline: Reward<L>) -> Self {
        Self { baseline: baseline.get() }
    }

    /// Returns the baseline.
    #[inline]
    pub fn get(&self) -> L {
        self.baseline
    }
}

impl<L: Lane, X: ?Sized> Baseline<L, X> for Constant<L> {
    #[inline]
    fn centre(&mut self, _: &X, value: L, score: &mut [L]) {
        scale(score, value - self.baseline);
    }
}
