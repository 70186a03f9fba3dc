//! A kind of device for fleets: it learns to read digits from reward alone.

use samplegrad_core::{Error, lane::Lane};
use samplegrad_host::{
    LaneRng,
    fleet::{Device, Numbers},
};
use samplegrad_tasks::{
    digits_bandit::{Bandit, PASSES},
    optdigits::{self, Example},
};

/// The pictures that all devices see, one per step, repeatedly.
pub struct Digits {
    examples: Vec<Example>,
}

impl Digits {
    /// Loads the rows for learning.
    pub fn new() -> Self {
        Self { examples: optdigits::training().collect() }
    }
}

impl Device for Digits {
    type Life<L: Lane> = Bandit<L>;
    /// The hash of the learned parameters.
    type Report = u64;

    fn start<L: Lane>(&self, _: Numbers, _: &mut LaneRng<L>) -> Result<Bandit<L>, Error> {
        Bandit::new()
    }

    #[inline(always)]
    fn step<L: Lane>(&self, life: &mut Bandit<L>, step: u64, rng: &mut LaneRng<L>) -> Result<L, Error> {
        let rows = self.examples.len() as u64;
        if step.is_multiple_of(rows) {
            life.begin((step / rows).min(u64::from(PASSES)) as u32, PASSES)?;
        }
        life.step(self.examples[(step % rows) as usize], rng)
    }

    fn report<L: Lane>(&self, life: &Bandit<L>, lane: usize, _: &LaneRng<L>) -> u64 {
        life.fingerprint(lane)
    }
}
