//! A comparison of the transcript on the page of the boards with the lane of the device in the transcript.

use std::fs;

use anyhow::{Context, Result, ensure};
use samplegrad_tasks::{Task, digits_bandit::PASSES};
use xtask::shell::root;

use crate::{cores::Life, emulated, lives};

const PAGE: &str = "firmware-example/boards/README.md";

/// Fails unless the page shows the results that the lane computes.
pub fn check() -> Result<()> {
    let page = fs::read_to_string(root().join(PAGE)).with_context(|| format!("reading {PAGE}"))?;
    let (lives, _) = lives::live(emulated::DEVICE.into(), 1, PASSES, PASSES, |_| ())?;
    let lane = lives.first().context("no device was replayed")?;
    let last = lane.held_out.last().context("no pass was replayed")?;
    for due in [
        format!("device 0 knows nothing: held out {}\n", lane.held_out[0]),
        format!("held out {last}\n"),
        format!("fingerprint {:016x}\n", lane.fingerprint),
    ]
    .into_iter()
    .chain(pendulum()?)
    {
        ensure!(page.contains(&due), "{PAGE} does not show `{}`, as the device does", due.trim_end());
    }
    Ok(())
}

/// Returns the first and the last line of the pendulum's training, and its fingerprint.
fn pendulum() -> Result<Vec<String>> {
    let mut log = Life::of_device(emulated::DEVICE, Task::Pendulum, &[])?.log;
    log.drain(1..log.len() - 2);
    Ok(log.iter().map(|line| format!("{line}\n")).collect())
}
