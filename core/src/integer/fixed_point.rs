//! Fixed-point rewards and rates of a learner, each checked once.

use crate::{
    arithmetic::lane::{Lane, Word},
    check,
    error::Error,
    settings::{
        learning::{Decay, LearningRate},
        reward::Reward,
    },
};

/// A reward with 16 fraction bits, at most 256 in magnitude.
///
/// ```
/// use samplegrad_core::{Reward, integer::FixedReward};
///
/// assert_eq!(FixedReward::<f32>::new(1 << 16)?, FixedReward::from_reward(Reward::new(1.0)?)?);
/// assert!(FixedReward::<f32>::new(i32::MAX).is_err());
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FixedReward<L: Lane = f32>(L::Word);

impl<L: Lane> FixedReward<L> {
    /// The largest magnitude.
    pub const MAX: i32 = 256 << 16;
    const REQUIREMENT: &str = "from -256 to 256";

    /// Checks a reward that is the same in every lane.
    ///
    /// # Errors
    /// The errors of [`FixedReward::from_word`].
    pub fn new(reward: i32) -> Result<Self, Error> {
        Self::from_word(L::Word::splat(reward as u32))
    }

    /// Checks a reward given as a signed word.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] beyond [`FixedReward::MAX`], with the value of the first such lane.
    pub fn from_word(reward: L::Word) -> Result<Self, Error> {
        fixed_within(("reward", Self::REQUIREMENT), reward, Self::MAX)?;
        Ok(Self(reward))
    }

    /// Rounds a reward to the nearest 2^−16.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] with the value of the first lane that is not from −256 to 256.
    pub fn from_reward(reward: Reward<L>) -> Result<Self, Error> {
        let r = reward.get();
        check::within("reward", r, -256.0, 256.0, Self::REQUIREMENT)?;
        Ok(Self(to_fixed(r, 65536.0)))
    }

    /// Creates the reward 1 where a mask holds, 0 elsewhere.
    pub fn one_where(mask: L::Mask) -> Self {
        Self(L::Word::select(mask, L::Word::splat(1 << 16), L::Word::splat(0)))
    }

    /// Returns the reward as a signed word.
    #[inline]
    pub fn to_word(self) -> L::Word {
        self.0
    }

    /// Adds a share of the distance to another reward. The result lies between the two, so it is in range.
    #[inline]
    pub(super) fn towards(self, part: L::Word) -> Self {
        Self(self.0.wrapping_add(part))
    }
}

/// The length of a gradient step in logits to base 2: `η / ln 2` with 16 fraction bits, for a step of length `η` in
/// nats.
///
/// A step of length `η` in natural logits is a step of length `η / ln 2` in logits to base 2.
///
/// ```
/// use samplegrad_core::{LearningRate, integer::FixedRate};
///
/// assert_eq!(FixedRate::from_nats(LearningRate::new(core::f32::consts::LN_2)?)?, FixedRate::new(1 << 16)?);
/// assert!(FixedRate::new(0).is_err());
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FixedRate(u32);

impl FixedRate {
    /// The largest rate.
    pub const MAX: u32 = 16 << 16;
    const REQUIREMENT: &str = "from 2^-16 to 16 to base 2";

    /// Checks a rate.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for 0 and beyond [`FixedRate::MAX`].
    pub const fn new(rate: u32) -> Result<Self, Error> {
        if rate > 0 && rate <= Self::MAX {
            return Ok(Self(rate));
        }
        Err(Error::OutOfRange { what: "learning rate", value: rate as f32 / 65536.0, requirement: Self::REQUIREMENT })
    }

    /// Computes `η / ln 2`, rounded to the nearest 2^−16.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the result is 0 or beyond [`FixedRate::MAX`].
    pub const fn from_nats(rate: LearningRate) -> Result<Self, Error> {
        Self::new((rate.get() * (core::f32::consts::LOG2_E * 65536.0) + 0.5) as u32)
    }

    /// Returns the rate.
    #[inline]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Computes `1 − ρ` with 16 fraction bits, rounded to nearest.
pub(super) fn share_of_the_new(decay: Decay) -> u32 {
    ((1.0 - decay.get()) * 65536.0 + 0.5) as u32
}

/// Returns a number times a scale, rounded to the nearest integer, halves away from zero. The caller ensures that the
/// result is in range.
pub(super) fn to_fixed<L: Lane>(x: L, scale: f32) -> L::Word {
    let magnitude = (x.abs() * scale + 0.5).to_word();
    L::Word::select(x.lt(L::ZERO), L::Word::splat(0).wrapping_sub(magnitude), magnitude)
}

/// Returns an error for a signed number with 16 fraction bits that exceeds `limit` in magnitude in any lane. `what`
/// holds the name of the number and its requirement.
pub(super) fn fixed_within<W: Word>(what: (&'static str, &'static str), x: W, limit: i32) -> Result<(), Error> {
    for lane in 0..W::LANES {
        let value = x.extract(lane) as i32;
        if !(-limit..=limit).contains(&value) {
            return Err(Error::OutOfRange { what: what.0, value: value as f32 / 65536.0, requirement: what.1 });
        }
    }
    Ok(())
}
