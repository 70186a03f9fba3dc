//! `samplegrad replay`.

use std::{fs, ops::ControlFlow, path::PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use samplegrad_core::{BITS, stream};
use samplegrad_device_log::{Departure, Dictionary, Error, Replay as Held};
use samplegrad_tasks::{Task, log};
use serde_json::json;

use crate::{common, ended::Ended, output};

/// Replays a device on the host and reports the first step at which their logs differ.
#[derive(Args)]
#[command(after_help = "\
LOG contains the defmt frames as the device sent them; the ELF file of its firmware contains the texts of the frames. ARGUMENTS
are the numbers that the device was started with, beginning with the number of the device. Missing numbers have the defaults of
the firmware.

The first message is the version of the bits that the device computes. A log without this message is from release 0.1.0, with
bits 1. If the version is not this program's, device and host are not expected to agree, and the output says so.

The exit code is 0 if device and host agree in the whole log, even if the log ends early, and 1 if they do not.

Examples:
  cargo xtask demo                                                      keeps a log: target/demo/device.log
  samplegrad replay target/demo/device.log --elf target/demo/digits-bandit
  samplegrad replay node.log --elf sensor-node 17 2000                  node 17, which sent 2000 packets
  samplegrad replay pole.log --elf firmware.elf --firmware cart-pole --json")]
pub struct Replay {
    /// The device's log
    log: PathBuf,
    /// The device's arguments: DEVICE PASSES SCHEDULE for digits, DEVICE STEPS EPISODES for the pole, DEVICE STEPS for
    /// the pendulum, NODE PACKETS for the node
    arguments: Vec<u32>,
    /// The ELF file of the device's firmware
    #[arg(long, value_name = "FILE")]
    elf: PathBuf,
    /// The name of the firmware [default: the name of the ELF file]
    #[arg(long, value_parser = Task::ALL.map(Task::name))]
    firmware: Option<String>,
    /// Prints JSON on the standard output, without other output
    #[arg(long)]
    json: bool,
}

/// The version of the bits of release 0.1.0. The firmware of that release does not log the version.
const FIRST_BITS: u32 = 1;

/// Runs the command.
pub fn run(replay: &Replay) -> Result<Ended> {
    let firmware = replay.firmware()?;
    let known = firmware.arguments();
    ensure!(
        replay.arguments.len() <= known.len(),
        "{} numbers, {} is started with at most {}: {}",
        replay.arguments.len(),
        firmware.name(),
        known.len(),
        known.iter().map(|&(name, _)| name).collect::<Vec<_>>().join(" ")
    );
    let numbers: Vec<u32> = known
        .iter()
        .enumerate()
        .map(|(i, &(_, default))| replay.arguments.get(i).copied().unwrap_or(default))
        .collect();
    if let [(_, _), ("PASSES", _), ("SCHEDULE", _)] = known {
        ensure!(numbers[1] <= numbers[2], "{} passes are more than the {} of the schedule", numbers[1], numbers[2]);
    }
    let mut messages = replay.messages()?;
    let said = messages.first().and_then(|message| log::bits(message));
    if said.is_some() {
        messages.remove(0);
    }
    let bits = said.unwrap_or(FIRST_BITS);
    let mut held = Held::new(messages);
    let mut rng = stream::xorshift(firmware.seed(), numbers[0].into());
    let lived = firmware.live::<f32, _>(&numbers, 0, &mut rng, &mut |steps, line| {
        let message = line.to_string();
        let agrees = log::bits(&message).is_some() || held.hear(steps, &message);
        if agrees { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let complete = lived.is_continue();
    let departure = match (held.departure(), held.rest()) {
        (Some(departure), _) => Some(departure.clone()),
        // The device's last line is its stack usage, which a host cannot compute.
        (None, []) => None,
        (None, [last]) if complete && log::stack(last).is_some() => None,
        (None, [more, ..]) => Some(Departure {
            after: held.agreed(),
            steps: (held.steps(), held.steps()),
            device: Some(more.clone()),
            host: None,
        }),
    };
    replay.say(firmware, (numbers[0], bits), &held, departure.as_ref(), complete)?;
    Ok(if departure.is_some() { Ended::Departed } else { Ended::Well })
}

impl Replay {
    fn firmware(&self) -> Result<Task> {
        let stem = || self.elf.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let name = self.firmware.clone().or_else(stem).unwrap_or_default();
        Task::named(&name).with_context(|| {
            let known: Vec<&str> = Task::ALL.iter().map(|task| task.name()).collect();
            format!(
                "`{name}` is no firmware that this program knows; say which it is with --firmware: {}",
                known.join(", ")
            )
        })
    }

    /// Decodes the device's messages.
    fn messages(&self) -> Result<Vec<String>> {
        let log = self.log.display();
        let elf = fs::metadata(&self.elf).with_context(|| format!("--elf: cannot read {}", self.elf.display()))?;
        ensure!(elf.is_file(), "--elf {}: no regular file; give the ELF file of the firmware", self.elf.display());
        let dictionary = Dictionary::read(&self.elf).context("--elf")?;
        let frames = common::read_whole(&self.log)?;
        let mut messages = Vec::new();
        let read = dictionary.decoder().take(&frames, |message| {
            messages.push(message.to_owned());
            Ok::<(), Error>(())
        });
        read.with_context(|| format!("{log}; it is damaged, or --elf is not the firmware that the device ran"))?;
        if let Some(reason) = messages.iter().find_map(|message| log::stopped(message)) {
            bail!("{log}: the device stopped: {reason}");
        }
        ensure!(!messages.is_empty(), "{log}: no whole message; record the log from the start of the device");
        Ok(messages)
    }

    fn say(
        &self,
        firmware: Task,
        (device, bits): (u32, u32),
        held: &Held,
        departure: Option<&Departure>,
        complete: bool,
    ) -> Result<()> {
        if self.json {
            let departure = departure.map(|departure| {
                json!({
                    "after_messages": departure.after,
                    "after_step": departure.steps.0, "by_step": departure.steps.1,
                    "device": departure.device, "host": departure.host,
                })
            });
            return common::print_json(&common::document(json!({
                "firmware": firmware.name(), "device": device, "device_bits": bits, "host_bits": BITS,
                "agreed_messages": held.agreed(), "agreed_steps": held.steps(),
                "complete": complete, "departure": departure,
            })));
        }
        let mut text = format!("{} {device}: ", firmware.name());
        match departure {
            None if complete => {
                text += &format!("device and host agree in all {} messages, to step {}\n", held.agreed(), held.steps());
            }
            None => {
                text += &format!(
                    "device and host agree in {} messages, to step {}; the log ends there, before the device's life does\n",
                    held.agreed(),
                    held.steps()
                );
            }
            Some(Departure { after, steps: (before, by), device, host }) => {
                let place =
                    if before == by { format!("at step {by}") } else { format!("between steps {before} and {by}") };
                let said = |what: &Option<String>| what.clone().unwrap_or("nothing more".to_owned());
                text += &format!(
                    "the device departs {place}, after {after} messages that agree\n  the device says: {}\n  the host says:   {}\n",
                    said(device),
                    said(host)
                );
            }
        }
        if bits != BITS {
            let expected = if departure.is_some() { "; replay it with a version of the device's bits" } else { "" };
            text += &format!(
                "the device has bits {bits}, this program has bits {BITS}: they are not expected to agree{expected}\n"
            );
        }
        output::print(|out| out.write_all(text.as_bytes()))
    }
}
