//! Steps that build for bare metal, and the learning device.

use std::thread;

use anyhow::{Context, Result, anyhow, bail, ensure};
use samplegrad_firmware_example::{digits_bandit::PASSES, optdigits};

use crate::{
    board::{BOARDS, Board, CORTEX_M4F},
    demo,
    firmware::{self, OptLevel},
    replay, report,
    shell::{capture, clean, root, typed},
    toolchain,
};

/// One board for every target.
fn targets_once() -> Vec<Board> {
    let mut boards = BOARDS.to_vec();
    boards.dedup_by_key(|board| board.target);
    boards
}

fn cargo(board: &Board, package: &str) -> Result<std::process::Command> {
    let toolchain = toolchain::find(board.target).context("no compiler; run `cargo xtask setup`")?;
    let mut command = toolchain.cargo("build", board.target);
    command.args(["--quiet", "--profile", "firmware", "--package", package]);
    Ok(command)
}

/// The core and its snapshots with all features, the core for C, and every firmware, for every target it is meant for.
pub fn targets() -> Result<()> {
    for board in targets_once() {
        capture(cargo(&board, "samplegrad-core")?.arg("--all-features"))?;
        capture(cargo(&board, "samplegrad-snapshot")?.arg("--all-features"))?;
        capture(&mut cargo(&board, "samplegrad-core-c")?)?;
        println!("{:28} builds", board.target);
    }
    let elf = firmware::build(&CORTEX_M4F, "samplegrad-firmware-example", "digits-bandit", OptLevel::Fast)?;
    let size = firmware::size(&elf)?;
    println!("digits-bandit: {} bytes of flash, {} of static RAM", size.flash, size.ram);
    Ok(())
}

/// Links the core without a panic handler; with a planted panic that must fail.
pub fn panic_free() -> Result<()> {
    let mut listed = clean("cargo");
    listed.args(["test", "--quiet", "--locked", "--package", "samplegrad-panic-free"]);
    capture(&mut listed).context("the program does not call every public operation of the core")?;
    // A line of work for each level: they share no build product.
    thread::scope(|scope| {
        let small = scope.spawn(|| link_without_panics("s"));
        let fast = link_without_panics("3");
        let small = small.join().map_err(|_| anyhow!("a thread stopped"))?;
        fast.and(small)
    })
}

/// On a core of each kind, at one level of optimisation.
fn link_without_panics(level: &str) -> Result<()> {
    const TARGETS: [&str; 3] = ["thumbv6m-none-eabi", "thumbv7em-none-eabihf", "riscv32imac-unknown-none-elf"];
    for board in targets_once().iter().filter(|board| TARGETS.contains(&board.target)) {
        let toolchain = toolchain::find(board.target).context("no compiler; run `cargo xtask setup`")?;
        let folder = toolchain.folder().join(format!("opt-{level}"));
        let build = |planted: bool| -> Result<String> {
            let mut command = toolchain.cargo_in(&folder, "build", board.target);
            command.args(["--quiet", "--profile", "firmware", "--package", "samplegrad-panic-free"]);
            command.env("CARGO_PROFILE_FIRMWARE_OPT_LEVEL", level);
            if planted {
                command.args(["--features", "planted-panic"]);
            }
            capture(&mut command).with_context(|| typed(&command))
        };
        build(false).with_context(|| format!("on {} at opt-level {level} an operation can panic", board.core))?;
        match build(true) {
            Ok(_) => bail!("on {} at opt-level {level} a planted panic was not found", board.core),
            Err(error) => ensure!(
                format!("{error:#}").contains("samplegrad_core_can_panic"),
                "on {} the planted panic failed to link for another reason: {error:#}",
                board.core
            ),
        }
        println!("{:28} opt-level {level}: links; a planted panic does not", board.target);
    }
    Ok(())
}

/// RAM that firmware may use in all.
pub const RAM: u64 = 16 * 1024;

/// Emulated devices learn, their lanes hold the same bits, the accuracy over many lanes is what is promised, and the
/// picture that the README shows is the one that the demo makes.
pub fn replay() -> Result<()> {
    /// Held-out accuracy that a mean over at least twenty devices must reach.
    const PROMISED: f64 = 0.945;
    let elf = firmware::build(&CORTEX_M4F, "samplegrad-firmware-example", "digits-bandit", OptLevel::Fast)?;
    let size = firmware::size(&elf)?;
    let (lives, time) = replay::live(0, 64, PASSES, PASSES, |_| ())?;
    for device in [0, 1, 17, 63] {
        let run = demo::boot(&CORTEX_M4F, &elf, device, PASSES, PASSES, |_, _| ())?;
        let lane = &lives[device as usize];
        demo::compare(&run, lane).with_context(|| format!("device {device}"))?;
        let ram = size.ram + run.stack;
        ensure!(ram <= RAM, "the firmware uses {ram} bytes of RAM, more than {RAM}");
        if device == demo::DEVICE {
            check_picture(&report::banner(&run, &lives[..demo::DEVICES])?)?;
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
    let kept = std::fs::read_to_string(root().join(PICTURE)).with_context(|| format!("reading {PICTURE}; {update}"))?;
    ensure!(kept == made, "{PICTURE} is not what the demo makes; {update}");
    Ok(())
}
