//! Boots firmware on an emulated board.

use std::{
    io::{BufReader, Read},
    path::Path,
    process::Stdio,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    board::Board,
    shell::{clean, typed, which},
};

/// Runs firmware until it exits, passing its output to `output` as it arrives.
///
/// # Errors
/// If there is no emulator, if the exit code of the firmware is not 0, or if it takes longer than `limit`.
pub fn run(
    board: &Board,
    elf: &Path,
    arguments: &[String],
    limit: Duration,
    output: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    run_with(board, &[], elf, arguments, limit, output)
}

/// Runs firmware like [`run`], with more options for the emulator.
pub fn run_with(
    board: &Board,
    options: &[String],
    elf: &Path,
    arguments: &[String],
    limit: Duration,
    mut output: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    if which(board.qemu).is_none() {
        bail!("{} is not on this machine; run `cargo xtask setup`", board.qemu);
    }
    let mut semihosting = "enable=on,target=native,arg=firmware".to_owned();
    for argument in arguments {
        // A comma ends an option of QEMU; two commas stand for one.
        semihosting += &format!(",arg={}", argument.replace(',', ",,"));
    }
    let mut command = clean(board.qemu);
    command.arg("-M").args(board.machine).args(["-nographic", "-monitor", "none", "-serial", "none"]);
    command.args(options).args(["-semihosting-config", &semihosting, "-kernel"]).arg(elf);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start `{}`", typed(&command)))?;

    let (sender, receiver) = mpsc::channel::<Vec<u8>>();
    let pipe = child.stdout.take().context("the emulator has no standard output")?;
    let reader = thread::spawn(move || {
        let (mut pipe, mut buffer) = (BufReader::new(pipe), [0; 4096]);
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    let mut complaints = child.stderr.take().context("the emulator has no standard error")?;
    let listener = thread::spawn(move || {
        let mut text = String::new();
        // Unreadable output is left out of the message, which still reports the emulator's failure.
        let _ = complaints.read_to_string(&mut text);
        text
    });

    let deadline = Instant::now() + limit;
    let outcome = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match receiver.recv_timeout(left) {
            Ok(bytes) => {
                if let Err(error) = output(&bytes) {
                    break Err(error);
                }
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break Ok(()),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                break Err(anyhow::anyhow!("{} did not finish within {} s", board.core, limit.as_secs()));
            }
        }
    };
    if outcome.is_err() {
        // The emulator may have ended by itself already.
        let _ = child.kill();
    }
    let status = child.wait()?;
    let _ = reader.join();
    let complaints = listener.join().unwrap_or_default();
    outcome?;
    if !status.success() {
        bail!("the firmware on {} failed ({status})\n{}", board.core, complaints.trim());
    }
    Ok(())
}
