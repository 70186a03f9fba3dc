//! The same learning on the host: one lane a device.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use samplegrad_core::lane::{Lane, Word};
use samplegrad_host::{F32x16, LaneRng};
use samplegrad_tasks::{
    digits_bandit::{Bandit, PASSES, SEED},
    optdigits::{self, DIGITS, PIXELS},
};
use xtask::{
    board::CORTEX_M4F,
    firmware::{self, OptLevel},
    shell::root,
};

use crate::{demo, report};

/// RAM that firmware may use in all.
pub const RAM: u64 = 16 * 1024;

/// How one device learned, as its lane computed it.
#[derive(Clone, Debug, PartialEq)]
pub struct Lived {
    /// The device's number.
    pub device: u64,
    /// Held-out digits read right before learning and after every pass.
    pub held_out: Vec<u32>,
    /// Bits of the weights, `[pixel][digit]`.
    pub weights: Box<[[u32; DIGITS]; PIXELS]>,
    /// Bits of the biases.
    pub bias: [u32; DIGITS],
    /// Hash of them.
    pub fingerprint: u64,
    /// How often a digit held out (row) was read as another (column).
    pub confusion: [[u32; DIGITS]; DIGITS],
}

/// Lives the lives of devices `first .. first + count`; `progress` hears of every pass of 16 devices and their mean
/// accuracy.
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

/// Fails unless emulated devices learn and hold the bits of their lanes, the mean accuracy over the lanes is as promised, and
/// the README's picture is the one that the demo makes.
pub fn check(whole: bool) -> Result<()> {
    /// Held-out accuracy that a mean over at least twenty devices must reach.
    const PROMISED: f64 = 0.945;
    let (devices, lanes): (&[u32], u64) =
        if whole { (&[demo::DEVICE, 17], 64) } else { (&[demo::DEVICE], demo::DEVICES) };
    let elf = firmware::build(&CORTEX_M4F, "samplegrad-firmware-example", "digits-bandit", OptLevel::Fast)?;
    let size = firmware::size(&elf)?;
    let (lives, time) = live(0, lanes, PASSES, PASSES, |_| ())?;
    for &device in devices {
        let run = demo::boot(&CORTEX_M4F, &elf, device, PASSES, PASSES, |_, _| ())?;
        demo::compare(&run, &lives[device as usize]).with_context(|| format!("device {device}"))?;
        let ram = size.ram + run.stack;
        ensure!(ram <= RAM, "the firmware uses {ram} bytes of RAM, more than {RAM}");
        if device == demo::DEVICE {
            check_picture(&report::banner(&run, &lives[..demo::DEVICES as usize])?)?;
        }
        println!("device {device:2} = lane {device:2}: {:016x}, {ram} bytes of RAM", run.fingerprint);
    }
    let accuracy = |right: u32| f64::from(right) / f64::from(optdigits::HELD_OUT);
    let last: Vec<f64> = lives.iter().filter_map(|life| life.held_out.last()).map(|&right| accuracy(right)).collect();
    let mean = last.iter().sum::<f64>() / last.len() as f64;
    println!("held-out accuracy of {} devices: mean {mean:.4} (lanes took {:.1} s)", last.len(), time.as_secs_f64());
    last.chunks(8)
        .for_each(|row| println!("  {}", row.iter().map(|x| format!("{x:.4}")).collect::<Vec<_>>().join(" ")));
    ensure!(mean >= PROMISED, "the mean accuracy is below {PROMISED}");
    Ok(())
}

/// Fails unless the README's picture is this one.
fn check_picture(made: &str) -> Result<()> {
    const PICTURE: &str = "firmware-example/learning.svg";
    let update = "`cargo xtask demo` makes target/demo/learning.svg: look at it and copy it there";
    let kept = fs::read_to_string(root().join(PICTURE)).with_context(|| format!("reading {PICTURE}; {update}"))?;
    ensure!(kept == made, "{PICTURE} is not what the demo makes; {update}");
    Ok(())
}
