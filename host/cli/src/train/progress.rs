//! The progress and the options of a run: all of a checkpoint except the learner.

use anyhow::{Result, bail};
use rand_xorshift::XorShiftRng;
use serde::{Deserialize, Serialize};

/// The options of a run. A checkpoint is resumed only with the same options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunOptions {
    /// The hash of the data.
    pub data: u64,
    /// The names of options, and the bits of their numbers.
    pub options: Vec<(String, u64)>,
}

impl RunOptions {
    /// Fails unless the resumed run has the same options.
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

/// The results of one pass over the training rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pass {
    /// Right answers during learning.
    pub rewards: u32,
    /// Held-out rows read right after the pass.
    pub held_out_right: u32,
}

/// The progress of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The options of the run.
    pub asked: RunOptions,
    /// The completed passes.
    pub passes: Vec<Pass>,
    /// Rows seen in the current pass.
    pub row: u32,
    /// Right answers among the seen rows.
    pub rewards: u32,
    /// The present state of the generator.
    #[serde(with = "samplegrad_snapshot::generator")]
    pub generator: XorShiftRng,
}
