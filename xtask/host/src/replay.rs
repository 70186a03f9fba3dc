//! The step `replay`: emulated devices learn as their lanes do.

use std::fs;

use anyhow::{Context, Result, ensure};
use samplegrad_tasks::{digits_bandit::PASSES, optdigits};
use xtask::{
    board::CORTEX_M4F,
    firmware::{self, OptLevel},
    shell::root,
};

use crate::{
    cores,
    emulated::{self, RAM},
    lives, report,
};

/// Fails unless emulated devices have the bits of their lanes, the mean accuracy over the lanes reaches its promised
/// value, and the README's picture equals the demo's.
pub fn check(whole: bool) -> Result<()> {
    /// Held-out accuracy that a mean over at least twenty devices must reach.
    const PROMISED: f64 = 0.945;
    let (devices, lanes): (&[u32], u64) =
        if whole { (&[emulated::DEVICE, 17], 64) } else { (&[emulated::DEVICE], emulated::DEVICES) };
    let elf = firmware::build(&CORTEX_M4F, "samplegrad-firmware-example", "digits-bandit", OptLevel::Fast)?;
    let size = firmware::size(&elf)?;
    let (lives, time) = lives::live(0, lanes, PASSES, PASSES, |_| ())?;
    for &device in devices {
        let run = emulated::boot(&CORTEX_M4F, &elf, device, PASSES, PASSES, |_, _| ())?;
        emulated::compare(&run, &lives[device as usize]).with_context(|| format!("device {device}"))?;
        let ram = size.ram + run.stack;
        ensure!(ram <= RAM, "the firmware uses {ram} bytes of RAM, more than {RAM}");
        if device == emulated::DEVICE {
            check_picture(&report::banner(&run, &lives[..emulated::DEVICES as usize])?)?;
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
    // The whole form runs every task on every core in the step `cores`.
    if whole { Ok(()) } else { cores::pendulum() }
}

/// Fails unless the README's picture is this one.
fn check_picture(made: &str) -> Result<()> {
    const PICTURE: &str = "firmware-example/learning.svg";
    let update = "`cargo xtask demo` makes target/demo/learning.svg: look at it and copy it there";
    let kept = fs::read_to_string(root().join(PICTURE)).with_context(|| format!("reading {PICTURE}; {update}"))?;
    ensure!(kept == made, "{PICTURE} is not what the demo makes; {update}");
    Ok(())
}
