//! The learning rates and the baseline of a policy.

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use samplegrad_core::{Decay, EntropyBonus, LearningRate, Reward};

/// The learning rates and the entropy bonus. The learning rate and the bonus fall linearly from pass to pass. In the
/// last of `n` passes they are `1/n` of their first values.
#[derive(Args, Clone)]
pub struct Steering {
    /// The learning rate in the first pass
    #[arg(long, default_value_t = 0.4, allow_negative_numbers = true)]
    pub rate: f32,
    /// The weight of the entropy in the first pass
    #[arg(long, default_value_t = 0.2, allow_negative_numbers = true)]
    pub entropy: f32,
    /// The learning rate of the model of rewards, or of the critic
    #[arg(long, default_value_t = 0.02, allow_negative_numbers = true)]
    pub model_rate: f32,
}

/// The baseline, which is subtracted from a reward to reduce the variance of its gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Baseline {
    /// A linear model of the reward of every action; the mean of the model is added back
    ActionModel,
    /// A linear model of the mean reward
    LinearCritic,
    /// The average of the rewards so far
    MovingAverage,
    /// Plain REINFORCE, without a baseline
    None,
}

/// The weight of the past in the average of the rewards.
pub const DECAY: f32 = 0.99;

impl Steering {
    /// Returns the rate and the bonus of a pass.
    pub fn of_pass(&self, pass: u32, passes: u32) -> Result<(LearningRate, EntropyBonus)> {
        let left = (passes - pass.min(passes - 1)) as f32 / passes as f32;
        let rate = LearningRate::new(self.rate * left).context("--rate")?;
        Ok((rate, EntropyBonus::new(self.entropy * left).context("--entropy")?))
    }

    /// Returns the rate of the model.
    pub fn model_rate(&self) -> Result<LearningRate> {
        LearningRate::new(self.model_rate).context("--model-rate")
    }

    /// Returns the decay of the average.
    pub fn decay() -> Result<Decay> {
        Ok(Decay::new(DECAY)?)
    }

    /// Returns the zero baseline.
    pub fn nothing() -> Result<Reward> {
        Ok(Reward::new(0.0)?)
    }
}
