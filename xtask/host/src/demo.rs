//! `cargo xtask demo`: a device learns, the host replays it, a report shows it.

use std::{path::PathBuf, time::Instant};

use anyhow::{Context, Result};
use samplegrad_tasks::{csv, digits_bandit::PASSES, optdigits};

use xtask::{
    board::CORTEX_M4F,
    firmware::{self, OptLevel},
    shell::root,
};

use crate::{
    emulated::{DEVICE, DEVICES, boot, compare},
    lives,
    progress::Progress,
    report::{self, Report},
};

/// Options of the demo.
#[derive(Clone, Debug, clap::Args)]
pub struct Demo {
    /// Number of the emulated device, which is also the first replayed device
    #[arg(long, default_value_t = DEVICE)]
    pub device: u32,
    /// Number of devices that the host simulates
    #[arg(long, default_value_t = DEVICES, value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub devices: u64,
    /// Passes over the training rows
    #[arg(long, default_value_t = PASSES, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub passes: u32,
    /// Folder of the report
    #[arg(long, default_value = "target/demo")]
    pub out: PathBuf,
}

/// Runs the demo.
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
        lives::live(u64::from(demo.device), demo.devices, demo.passes, demo.passes, |accuracy| {
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
    // The input of `samplegrad replay`, in the folder of the report.
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

/// Checks the file of digits before anything is installed or built from it.
fn check_data() -> Result<()> {
    let file = root().join("core/tasks/data/optdigits.csv");
    let restore = "restore it with `git checkout core/tasks/data/optdigits.csv`";
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}; {restore}", file.display()))?;
    csv::parse(&text, |_| ()).map_err(|error| anyhow::anyhow!("{}: {error}; {restore}", file.display()))
}
