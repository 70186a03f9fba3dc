//! The reward of a step.

use crate::{arithmetic::lane::Lane, error::Error, limits};

/// A reward (or a negated cost), finite and at most 10^6 in magnitude, so that no sum of a learner can overflow.
///
/// ```
/// use samplegrad_core::{Error, Reward};
///
/// assert_eq!(Reward::new(1.0_f32)?.get(), 1.0);
/// assert!(matches!(Reward::new(f32::NAN), Err(Error::OutOfRange { what: "reward", .. })));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = "L: Lane"))]
pub struct Reward<L = f32>(#[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::reward"))] L);

impl<L: Lane> Reward<L> {
    /// The largest magnitude.
    pub const MAX: f32 = limits::REWARD;

    /// Checks the reward of every lane.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] with the value of the first lane that is outside −10^6 to 10^6.
    pub fn new(reward: L) -> Result<Self, Error> {
        for lane in 0..L::LANES {
            let value = reward.extract(lane);
            if !(-Self::MAX..=Self::MAX).contains(&value) {
                return Err(Error::OutOfRange { what: "reward", value, requirement: "from -1e6 to 1e6" });
            }
        }
        Ok(Self(reward))
    }

    /// Returns the reward.
    #[inline]
    pub fn get(self) -> L {
        self.0
    }
}
