//! Learning runs of devices, replayed on the host. Each lane replays one device.

use std::time::{Duration, Instant};

use anyhow::Result;
use samplegrad_core::lane::{Lane, Word};
use samplegrad_host::{F32x16, LaneRng};
use samplegrad_tasks::{
    digits_bandit::{Bandit, SEED},
    optdigits::{self, DIGITS, PIXELS},
};

/// The run of one device, computed by a lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Lived {
    /// Number of the device.
    pub device: u64,
    /// Number of held-out digits read correctly before learning and after every pass.
    pub held_out: Vec<u32>,
    /// Bits of the weights, `[pixel][digit]`.
    pub weights: Box<[[u32; DIGITS]; PIXELS]>,
    /// Bits of the biases.
    pub bias: [u32; DIGITS],
    /// Hash of the weights and biases.
    pub fingerprint: u64,
    /// Confusion matrix: the number of times that a held-out digit of the row was read as the digit of the column.
    pub confusion: [[u32; DIGITS]; DIGITS],
}

/// Runs devices `first .. first + count` to their last pass. The devices run in groups of 16. After every pass of a
/// group, calls `progress` with the mean accuracy of the group.
pub fn live(
    first: u64,
    count: u64,
    passes: u32,
    schedule: u32,
    mut progress: impl FnMut(f64),
) -> Result<(Vec<Lived>, Duration)> {
    let start = Instant::now();
    let mut lives = Vec::new();
    for group in (0..count).step_by(F32x16::LANES) {
        let mut rng = LaneRng::<F32x16>::new(SEED, first + group);
        let mut bandit = Bandit::<F32x16>::new()?;
        let mut held_out = vec![bandit.held_out_right()];
        for pass in 0..passes {
            bandit.pass(pass, schedule, &mut rng)?;
            let right = bandit.held_out_right();
            held_out.push(right);
            let mean = right.to_array().iter().sum::<f32>() / F32x16::LANES as f32;
            progress(f64::from(mean) / f64::from(optdigits::HELD_OUT));
        }
        let mut confusion = [[[0; DIGITS]; DIGITS]; F32x16::LANES];
        for example in optdigits::held_out() {
            let read = bandit.read(example);
            for (lane, confusion) in confusion.iter_mut().enumerate() {
                confusion[usize::from(example.digit)][read.extract(lane) as usize] += 1;
            }
        }
        for lane in 0..F32x16::LANES.min((count - group) as usize) {
            lives.push(Lived {
                device: first + group + lane as u64,
                held_out: held_out.iter().map(|right| right.extract(lane) as u32).collect(),
                weights: Box::new(bandit.weights().map(|row| row.map(|x| x.extract(lane).to_bits()))),
                bias: bandit.bias().map(|x| x.extract(lane).to_bits()),
                fingerprint: bandit.fingerprint(lane),
                confusion: confusion[lane],
            });
        }
    }
    Ok((lives, start.elapsed()))
}
