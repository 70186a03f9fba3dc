//! How far a run has come, and of what it is: all of a checkpoint but the learner.

use anyhow::{Result, bail};
use rand_xorshift::XorShiftRng;
use serde::{Deserialize, Serialize};

/// What a run was asked for. A checkpoint goes on with the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunOptions {
    /// The hash of the data.
    pub data: u64,
    /// Words of the command line, and the bits of their numbers.
    pub options: Vec<(String, u64)>,
}

impl RunOptions {
    /// Fails unless a run that is to go on was asked for the same.
    pub fn check(&self, now: &Self) -> Result<()> {
        if self.data != now.data {
            bail!("the checkpoint is of other data; give the same, or start anew with --restart");
        }
        for (then, now) in self.options.iter().zip(&now.options) {
            if then != now {
                bail!("the checkpoint is of a run with another {}; give the same, or start anew with --restart", now.0);
            }
        }
        Ok(())
    }
}

/// One pass over the training rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pass {
    /// Answers that were right while it learned.
    pub rewards: u32,
    /// Rows held out that it read right afterwards.
    pub held_out_right: u32,
}

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// What it was asked for.
    pub asked: RunOptions,
    /// Passes that are over.
    pub passes: Vec<Pass>,
    /// Rows seen of the next.
    pub row: u32,
    /// Answers that were right among them.
    pub rewards: u32,
    /// The generator as it is now.
    #[serde(with = "samplegrad_snapshot::generator")]
    pub generator: XorShiftRng,
}
