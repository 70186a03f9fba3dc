//! `cargo xtask demo`: a device learns, the host replays it, a report shows it.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use samplegrad_device_log::Dictionary;
use samplegrad_tasks::{csv, digits_bandit::PASSES, optdigits};

use xtask::{
    board::{Board, CORTEX_M4F},
    emulator,
    firmware::{self, OptLevel},
    shell::root,
};

use crate::{
    device_run::{DeviceRun, Listener},
    progress::Progress,
    replay::{self, Lived},
    report::{self, Report},
};

/// The device that is emulated unless another is asked for.
pub const DEVICE: u32 = 0;
/// How many devices are replayed unless another number is asked for.
pub const DEVICES: u64 = 32;

/// What the demo is asked to do.
#[derive(Clone, Debug, clap::Args)]
pub struct Demo {
    /// Number of the device that is emulated, and first of those that are replayed
    #[arg(long, default_value_t = DEVICE)]
    pub device: u32,
    /// How many devices the host simulates
    #[arg(long, default_value_t = DEVICES, value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub devices: u64,
    /// Passes over the training rows
    #[arg(long, default_value_t = PASSES, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub passes: u32,
    /// Folder of the report
    #[arg(long, default_value = "target/demo")]
    pub out: PathBuf,
}

/// Runs it.
pub fn run(demo: &Demo) -> Result<()> {
    check_data()?;
    let folder = root().join(&demo.out);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}; choose another with --out", folder.display()))?;
    println!("building the firmware for an emulated {} (the first time takes a minute)", CORTEX_M4F.core);
    let elf = firmware::build(&CORTEX_M4F, "samplegrad-firmware-example", "digits-bandit", OptLevel::Fast)?;
    let size = firmware::size(&elf)?;

    let start = Instant::now();
    let progress = Progress::new("device learns", u64::from(demo.passes));
    let device = boot(&CORTEX_M4F, &elf, demo.device, demo.passes, demo.passes, |passes, right| {
        progress.at(passes, f64::from(right) / f64::from(optdigits::HELD_OUT));
    })?;
    let device_seconds = start.elapsed();
    progress.finish();

    let progress = Progress::new("lanes replay", u64::from(demo.passes) * demo.devices.div_ceil(16));
    let mut passes = 0;
    let (lives, lane_seconds) =
        replay::live(u64::from(demo.device), demo.devices, demo.passes, demo.passes, |accuracy| {
            passes += 1;
            progress.at(passes, accuracy);
        })?;
    progress.finish();
    let lane = lives.first().context("no device was replayed")?;
    compare(&device, lane)?;

    let Demo { device: number, devices, passes, .. } = *demo;
    let command = format!("cargo xtask demo --device {number} --devices {devices} --passes {passes}");
    let report = Report {
        command,
        passes,
        number: number.into(),
        device: &device,
        lives: &lives,
        size,
        device_seconds,
        lane_seconds,
    };
    let file = report::write(&folder, &report)?;
    // Beside it what `samplegrad replay` reads.
    let keep = |name: &str, bytes: &[u8]| {
        let file = folder.join(name);
        std::fs::write(&file, bytes).with_context(|| format!("writing {}", file.display()))
    };
    keep("device.log", &device.frames)?;
    keep("digits-bandit", &std::fs::read(&elf).with_context(|| format!("reading {}", elf.display()))?)?;
    println!("{report}");
    println!("report: {}", file.display());
    println!(
        "log:    {0}/device.log; `cargo samplegrad replay {0}/device.log --elf {0}/digits-bandit {number} {passes} {passes}`",
        demo.out.display()
    );
    Ok(())
}

/// The file of digits, before anything is installed or built of it.
fn check_data() -> Result<()> {
    let file = root().join("core/tasks/data/optdigits.csv");
    let restore = "restore it with `git checkout core/tasks/data/optdigits.csv`";
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}; {restore}", file.display()))?;
    csv::parse(&text, |_| ()).map_err(|error| anyhow::anyhow!("{}: {error}; {restore}", file.display()))
}

/// Lets a device learn; `told` hears how many passes are done and how many digits held out are read right.
pub fn boot(
    board: &Board,
    elf: &Path,
    device: u32,
    passes: u32,
    schedule: u32,
    mut told: impl FnMut(u64, u32),
) -> Result<DeviceRun> {
    let dictionary = Dictionary::read(elf)?;
    let mut decoder = dictionary.decoder();
    let mut listener = Listener::default();
    let arguments = [device, passes, schedule].map(|number| number.to_string());
    let limit = Duration::from_secs(60 + 10 * u64::from(passes));
    let mut frames = Vec::new();
    emulator::run(board, elf, &arguments, limit, |bytes| {
        frames.extend_from_slice(bytes);
        decoder.take(bytes, |message| {
            if let Some((passes, right)) = listener.hear(message)? {
                told(passes, right);
            }
            Ok(())
        })
    })?;
    Ok(DeviceRun { frames, ..listener.finish(passes)? })
}

/// Fails unless the device and its lane hold the same bits.
pub fn compare(device: &DeviceRun, lane: &Lived) -> Result<()> {
    for (pixel, (ours, theirs)) in lane.weights.iter().zip(device.weights.iter()).enumerate() {
        for (digit, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            if ours != theirs {
                bail!(
                    "the weight of pixel {pixel} for digit {digit} is {theirs:#010x} on the device, {ours:#010x} in its lane"
                );
            }
        }
    }
    ensure!(lane.bias == device.bias, "the biases of the device and of its lane differ");
    ensure!(lane.held_out == device.held_out, "the device and its lane read different numbers of digits right");
    ensure!(
        lane.fingerprint == device.fingerprint,
        "the device hashes its weights to {:016x}, its lane to {:016x}",
        device.fingerprint,
        lane.fingerprint
    );
    Ok(())
}
