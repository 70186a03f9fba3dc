//! The step `cores`. It runs every example firmware on every emulated core, and compares each run with the
//! corresponding lane on the host.

use std::{
    ops::ControlFlow,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use samplegrad_device_log::{Dictionary, Replay};
use samplegrad_host::{F32x16, LaneRng};
use samplegrad_tasks::{Task, cart_pole, digits_bandit::PASSES, log, sensor_node};

use xtask::{
    board::{BOARDS, Board},
    emulator,
    firmware::{self, OptLevel},
};

use crate::{
    emulated::{self, RAM},
    lives::{self, Lived},
};

const PACKAGE: &str = "samplegrad-firmware-example";
const LIMIT: Duration = Duration::from_secs(300);

/// Number of the device in every run. The lane of this device is in the middle of a vector.
const DEVICE: u32 = 5;

/// Returns whether a core runs a floating-point task to its last step. Cores with a floating-point unit run the whole
/// task. The other cores compute floating point in software, and run only the beginning of the task.
fn whole(board: &Board) -> bool {
    board.target.ends_with("eabihf")
}

/// Runs every firmware on every core.
pub fn run() -> Result<()> {
    let (lives, _) = lives::live(emulated::DEVICE.into(), 1, PASSES, PASSES, |_| ())?;
    let lane = lives.first().context("no device was replayed")?;
    const EPISODES: u32 = 10;
    let pole = |steps| Life::new(Task::CartPole, &[steps, EPISODES]);
    let (short_pole, long_pole) = (pole(15_000)?, pole(cart_pole::TRAINING_STEPS)?);
    let node = |packets| Life::new(Task::SensorNode, &[packets]);
    let (short_node, long_node) = (node(2000)?, node(sensor_node::PACKETS)?);
    let pendulum = Life::new(Task::Pendulum, &[])?;
    let integers = Life::new(Task::DigitsInteger, &[])?;
    // The digits take longest.
    let mut runs: Vec<Run> = BOARDS.iter().map(|board| Run::Digits(board, lane)).collect();
    for board in &BOARDS {
        runs.extend([
            // Integers are equally fast on every core, so each core runs this task to its last step.
            Run::Life(board, &integers),
            Run::Life(board, if whole(board) { &long_pole } else { &short_pole }),
            Run::Life(board, if whole(board) { &long_node } else { &short_node }),
            // A small network needs so few operations that each core runs all of its steps.
            Run::Life(board, &pendulum),
        ]);
    }
    run_all(&runs)
}

/// Runs the pendulum: to its last step on two cores with a floating-point unit, and its beginning on two without.
pub fn pendulum() -> Result<()> {
    let (short, long) = (Life::new(Task::Pendulum, &[2000])?, Life::new(Task::Pendulum, &[])?);
    let cores = ["Cortex-M4F", "Cortex-M33", "Cortex-M0", "RISC-V"];
    let runs = cores.iter().map(|&core| {
        let board =
            BOARDS.iter().find(|board| board.core == core).with_context(|| format!("no board with a {core}"))?;
        Ok(Run::Life(board, if whole(board) { &long } else { &short }))
    });
    run_all(&runs.collect::<Result<Vec<_>>>()?)
}

/// A firmware on a core, and what its lane on the host did.
enum Run<'a> {
    /// The device of the demo.
    Digits(&'static Board, &'a Lived),
    Life(&'static Board, &'a Life),
}

/// Builds and runs firmware. While one is emulated, the next is built. The lines of the results are printed in order.
fn run_all(runs: &[Run<'_>]) -> Result<()> {
    thread::scope(|scope| {
        let mut running = Vec::new();
        for run in runs {
            let (board, task) = match run {
                Run::Digits(board, _) => (board, Task::DigitsBandit),
                Run::Life(board, life) => (board, life.task),
            };
            let elf = firmware::build(board, PACKAGE, task.name(), OptLevel::Fast)?;
            running.push(scope.spawn(move || match run {
                Run::Digits(board, lane) => digits(board, &elf, lane),
                Run::Life(board, life) => live(board, &elf, life),
            }));
        }
        for result in running {
            println!("{}", result.join().map_err(|_| anyhow!("a thread stopped"))??);
        }
        Ok(())
    })
}

/// Runs the device of the demo on a core.
fn digits(board: &Board, elf: &Path, lane: &Lived) -> Result<String> {
    let (size, start) = (firmware::size(elf)?, Instant::now());
    let run = emulated::boot(board, elf, emulated::DEVICE, PASSES, PASSES, |_, _| ()).context(board.core)?;
    emulated::compare(&run, lane).context(board.core)?;
    report(board, "digits-bandit", &format!("{:016x}", run.fingerprint), size, run.stack, start.elapsed())
}

/// The arguments of a device, and the log that the corresponding lane computes.
pub struct Life {
    task: Task,
    arguments: Vec<u32>,
    /// The lines of the log.
    pub log: Vec<String>,
}

impl Life {
    fn new(task: Task, arguments: &[u32]) -> Result<Self> {
        Self::of_device(DEVICE, task, arguments)
    }

    /// Computes the log of a device below 16. The arguments are those after the number of the device.
    pub fn of_device(device: u32, task: Task, arguments: &[u32]) -> Result<Self> {
        let arguments = [&[device], arguments].concat();
        let (mut rng, mut log) = (LaneRng::<F32x16>::new(task.seed(), 0), Vec::new());
        let lived = task.live(&arguments, device as usize, &mut rng, &mut |_, line| {
            log.push(line.to_string());
            ControlFlow::Continue(())
        });
        lived.map(|_| Self { task, arguments, log }).with_context(|| format!("{} on the host", task.name()))
    }
}

/// Boots a firmware and compares the log of the device with the log of the lane.
fn live(board: &Board, elf: &Path, life: &Life) -> Result<String> {
    let binary = life.task.name();
    let (size, start) = (firmware::size(elf)?, Instant::now());
    if life.task == Task::Pendulum {
        let double = firmware::in_double_precision(elf)?;
        ensure!(double.is_empty(), "{binary} on {} computes in double precision: {double:?}", board.core);
    }
    let dictionary = Dictionary::read(elf)?;
    let (mut decoder, mut messages) = (dictionary.decoder(), Vec::new());
    let arguments: Vec<String> = life.arguments.iter().map(u32::to_string).collect();
    emulator::run(board, elf, &arguments, LIMIT, |bytes| {
        decoder.take(bytes, |message| {
            messages.push(message.to_owned());
            Ok(())
        })
    })?;
    let stack = messages.pop().context("the device logged nothing")?;
    let stack = log::stack(&stack).context("the device's log does not end with its stack")?;
    let mut replay = Replay::new(messages);
    let heard = life.log.iter().all(|line| replay.hear(0, line));
    ensure!(
        heard && replay.rest().is_empty(),
        "{binary} on {}: after {} messages that agree the device says {:?}, its lane {:?}",
        board.core,
        replay.agreed(),
        replay.rest().first(),
        life.log.get(replay.agreed())
    );
    let last = life.log.iter().rev().take(3).rev().map(String::as_str).collect::<Vec<_>>().join(", ");
    report(board, binary, &last, size, stack, start.elapsed())
}

/// Returns the line of a result. Fails if the firmware needs more RAM than is promised.
fn report(board: &Board, binary: &str, told: &str, size: firmware::Size, stack: u64, time: Duration) -> Result<String> {
    let ram = size.ram + stack;
    ensure!(ram <= RAM, "{binary} uses {ram} bytes of RAM on {}, more than {RAM}", board.core);
    Ok(format!(
        "{:10} {binary:14} {} bytes of flash, {ram} of RAM ({stack} of stack), {:.1} s: {told}",
        board.core,
        size.flash,
        time.as_secs_f64()
    ))
}
