//! Numbers that steer a learner, each checked once.

use crate::{Error, lane::Lane};

macro_rules! parameter {
    ($(#[$doc:meta])* $name:ident, $what:literal, $requirement:literal, |$x:ident| $holds:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name(f32);

        impl $name {
            /// Checks the number.
            ///
            /// # Errors
            #[doc = concat!("[`Error::OutOfRange`] unless it is ", $requirement, ".")]
            pub const fn new($x: f32) -> Result<Self, Error> {
                if $holds {
                    Ok(Self($x))
                } else {
                    Err(Error::OutOfRange { what: $what, value: $x, requirement: $requirement })
                }
            }

            /// The number.
            #[inline]
            pub const fn get(self) -> f32 {
                self.0
            }
        }

        #[cfg(feature = "serde")]
        crate::serde_arrays::checked_number!($name);
    };
}

pub(crate) use parameter;

parameter! {
    /// The length of a gradient step.
    ///
    /// ```
    /// use samplegrad_core::LearningRate;
    ///
    /// assert_eq!(LearningRate::new(0.05)?.get(), 0.05);
    /// assert!(LearningRate::new(0.0).is_err());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    LearningRate, "learning rate", "above 0 and at most 1000", |x| x > 0.0 && x <= 1000.0
}
parameter! {
    /// The share of the past that a moving average keeps.
    ///
    /// ```
    /// use samplegrad_core::Decay;
    ///
    /// assert_eq!(Decay::new(0.99)?.get(), 0.99);
    /// assert!(Decay::new(1.5).is_err());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    Decay, "decay", "from 0 to 1", |x| x >= 0.0 && x <= 1.0
}
parameter! {
    /// The weight of the entropy in the objective: how much exploration is worth.
    ///
    /// ```
    /// use samplegrad_core::EntropyBonus;
    ///
    /// assert_eq!(EntropyBonus::new(0.01)?.get(), 0.01);
    /// assert!(EntropyBonus::new(-1.0).is_err());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    EntropyBonus, "entropy bonus", "from 0 to 1000", |x| x >= 0.0 && x <= 1000.0
}

impl EntropyBonus {
    /// Entropy is worth nothing.
    pub const NONE: Self = Self(0.0);
}

/// A reward (or a cost with its sign turned), finite and at most 10^6 in magnitude, so that no sum of a learner can
/// overflow.
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
pub struct Reward<L = f32>(#[cfg_attr(feature = "serde", serde(with = "crate::serde_arrays::reward"))] L);

impl<L: Lane> Reward<L> {
    /// The largest magnitude.
    pub const MAX: f32 = 1e6;

    /// Checks the reward of every lane.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] with the first lane's value that is not from −10^6 to 10^6.
    pub fn new(reward: L) -> Result<Self, Error> {
        for lane in 0..L::LANES {
            let value = reward.extract(lane);
            if !(-Self::MAX..=Self::MAX).contains(&value) {
                return Err(Error::OutOfRange { what: "reward", value, requirement: "from -1e6 to 1e6" });
            }
        }
        Ok(Self(reward))
    }

    /// The reward.
    #[inline]
    pub fn get(self) -> L {
        self.0
    }
}
