//! The digits bandit on an emulated device, and a comparison of the device with its lane.

use std::{path::Path, time::Duration};

use anyhow::{Result, bail, ensure};
use samplegrad_device_log::Dictionary;
use xtask::{board::Board, emulator};

use crate::{
    device_run::{DeviceRun, Listener},
    lives::Lived,
};

/// Default number of the emulated device.
pub const DEVICE: u32 = 0;
/// Default number of replayed devices.
pub const DEVICES: u64 = 32;
/// Total RAM that firmware may use, in bytes.
pub const RAM: u64 = 16 * 1024;

/// Runs a learning device. Calls `told` after each pass with the number of passes done and of held-out digits read
/// correctly.
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
