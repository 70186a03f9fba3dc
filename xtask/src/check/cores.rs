//! The step `cores`: every firmware of the examples on every emulated core, and its lane on the host.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use samplegrad_core::lane::{Lane, Word};
use samplegrad_firmware_example::{cart_pole, digits_bandit::PASSES, digits_integer, sensor_node};
use samplegrad_host::{F32x16, LaneRng};

use super::firmware::RAM;
use crate::{
    board::{BOARDS, Board},
    demo, emulator,
    firmware::{self, OptLevel},
    log::Dictionary,
    replay,
};

const PACKAGE: &str = "samplegrad-firmware-example";
const LIMIT: Duration = Duration::from_secs(300);

/// The device of every run, a lane in the middle of a vector.
const DEVICE: u32 = 5;

/// Cores with a floating-point unit live whole lives; the others, in software floating point, the beginning.
fn whole(board: &Board) -> bool {
    board.target.ends_with("eabihf")
}

/// Every firmware on every core.
pub fn run() -> Result<()> {
    digits()?;
    let poles = [15_000, cart_pole::TRAINING_STEPS].map(cart_pole);
    let nodes = [2000, sensor_node::PACKETS].map(sensor_node);
    let integers = integers();
    for board in &BOARDS {
        // Integers are as fast everywhere.
        live(board, "digits-integer", &integers)?;
        let [short, long] = &poles;
        live(board, "cart-pole", if whole(board) { long } else { short })?;
        let [short, long] = &nodes;
        live(board, "sensor-node", if whole(board) { long } else { short })?;
    }
    Ok(())
}

/// The device of the demo.
fn digits() -> Result<()> {
    let (lives, _) = replay::live(demo::DEVICE.into(), 1, PASSES, PASSES, |_| ())?;
    let lane = lives.first().context("no device was replayed")?;
    for board in &BOARDS {
        let elf = firmware::build(board, PACKAGE, "digits-bandit", OptLevel::Fast)?;
        let size = firmware::size(&elf)?;
        let start = Instant::now();
        let run = demo::boot(board, &elf, demo::DEVICE, PASSES, PASSES, |_, _| ()).context(board.core)?;
        demo::compare(&run, lane).context(board.core)?;
        report(board, "digits-bandit", &format!("{:016x}", run.fingerprint), size, run.stack, start.elapsed())?;
    }
    Ok(())
}

/// What a device is started with and what the last lines of its log must be, as its lane computed them.
struct Life {
    arguments: Vec<String>,
    told: Result<Vec<String>>,
}

fn integers() -> Life {
    let lane = DEVICE as usize;
    let told = || {
        let mut rng = LaneRng::<F32x16>::new(digits_integer::SEED, 0);
        let mut bandit = digits_integer::IntegerBandit::<F32x16>::new()?;
        let mut last = String::new();
        for pass in 0..digits_integer::PASSES {
            let rewards = bandit.pass(pass, digits_integer::PASSES, &mut rng)?.extract(lane);
            last = format!("pass {} rewards {rewards} held out {}", pass + 1, bandit.held_out_right().extract(lane));
        }
        Ok(vec![last, format!("fingerprint {:016x}", bandit.fingerprint(lane))])
    };
    Life { arguments: vec![DEVICE.to_string()], told: told() }
}

fn cart_pole(steps: u32) -> Life {
    const EPISODES: u32 = 10;
    let lane = DEVICE as usize;
    let told = || {
        let mut rng = LaneRng::<F32x16>::new(cart_pole::SEED, 0);
        let mut trainer = cart_pole::Trainer::<F32x16>::new(&mut rng)?;
        trainer.train(steps, &mut rng)?;
        let mean = trainer.evaluate(EPISODES, &mut rng)?.extract(lane);
        Ok(vec![
            format!("mean return of {EPISODES} episodes: {mean:?}"),
            format!("fingerprint {:016x}", trainer.fingerprint(lane)),
        ])
    };
    Life { arguments: [DEVICE, steps, EPISODES].map(|number| number.to_string()).into(), told: told() }
}

fn sensor_node(packets: u32) -> Life {
    let lane = DEVICE as usize;
    let told = || {
        let mut rng = LaneRng::<F32x16>::new(sensor_node::SEED, 0);
        let mut trial = sensor_node::Trial::<F32x16>::new()?;
        trial.send(packets, &mut rng)?;
        Ok(vec![
            format!("regret against the best fixed level: {:?}", trial.regret().extract(lane)),
            format!("regret of not knowing the loss: {:?}", trial.regret_of_not_knowing().extract(lane)),
            format!("fingerprint {:016x}", trial.fingerprint(lane)),
        ])
    };
    Life { arguments: [DEVICE, packets].map(|number| number.to_string()).into(), told: told() }
}

/// Boots a firmware and holds its log against its lane's.
fn live(board: &Board, binary: &str, life: &Life) -> Result<()> {
    let told = life.told.as_ref().map_err(|error| anyhow::anyhow!("{binary} on the host: {error:#}"))?;
    let elf = firmware::build(board, PACKAGE, binary, OptLevel::Fast)?;
    let (size, start) = (firmware::size(&elf)?, Instant::now());
    let dictionary = Dictionary::read(&elf)?;
    let (mut decoder, mut log) = (dictionary.decoder(), Vec::new());
    emulator::run(board, &elf, &life.arguments, LIMIT, |bytes| {
        decoder.take(bytes, |message| {
            log.push(message.to_owned());
            Ok(())
        })
    })?;
    let stack = log.pop().context("the device logged nothing")?;
    let stack = stack.strip_prefix("stack ").and_then(|rest| rest.strip_suffix(" bytes"));
    let stack = stack.and_then(|bytes| bytes.parse().ok()).context("the device's log does not end with its stack")?;
    let ours = log.len().checked_sub(told.len()).and_then(|first| log.get(first..)).unwrap_or_default();
    ensure!(ours == told, "{binary} on {}: the device logged\n  {ours:?}\nits lane\n  {told:?}", board.core);
    report(board, binary, &told.join(", "), size, stack, start.elapsed())
}

fn report(board: &Board, binary: &str, told: &str, size: firmware::Size, stack: u64, time: Duration) -> Result<()> {
    let ram = size.ram + stack;
    println!(
        "{:10} {binary:13} {} bytes of flash, {ram} of RAM ({stack} of stack), {:.1} s: {told}",
        board.core,
        size.flash,
        time.as_secs_f64()
    );
    ensure!(ram <= RAM, "{binary} uses {ram} bytes of RAM on {}, more than {RAM}", board.core);
    Ok(())
}
