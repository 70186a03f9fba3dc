//! Steps that build for bare metal, and the device that learns.

use std::thread;

use anyhow::{Context, Result, anyhow, bail, ensure};
use xtask::{
    board::{BOARDS, Board, CORTEX_M4F},
    firmware::{self, OptLevel},
    shell::{capture, clean, typed},
    toolchain,
};

use super::tier::Tier;

/// Returns one board for every target.
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

/// Builds the core and its snapshots with all features, and the core for C, for a core of each kind. The step `device`
/// builds the core for every target.
pub fn targets() -> Result<()> {
    for board in targets_once().iter().filter(|board| TARGETS.contains(&board.target)) {
        capture(cargo(board, "samplegrad-core")?.arg("--all-features"))?;
        capture(cargo(board, "samplegrad-snapshot")?.arg("--all-features"))?;
        capture(&mut cargo(board, "samplegrad-core-c")?)?;
        println!("{:28} builds", board.target);
    }
    let elf = firmware::build(&CORTEX_M4F, "samplegrad-firmware-example", "digits-bandit", OptLevel::Fast)?;
    let size = firmware::size(&elf)?;
    println!("digits-bandit: {} bytes of flash, {} of static RAM", size.flash, size.ram);
    Ok(())
}

/// Links the core without a panic handler; with a planted panic, the link must fail.
///
/// The short form links for the core of the demo, optimised for size, which compiles fastest. It leaves the planted
/// panic to the whole form, because the step `c` plants one in the same tier. The whole form links for a core of each
/// kind, and for the core of the demo at both levels. One build has a planted panic, because the missing symbol does not
/// depend on the target.
pub fn panic_free(tier: Tier) -> Result<()> {
    let mut listed = clean("cargo");
    listed.args(["test", "--quiet", "--locked", "--package", "samplegrad-panic-free"]);
    capture(&mut listed).context("the program does not call every public operation of the core")?;
    if !tier.whole() {
        return link_without_panics("s", &[CORTEX_M4F.target], None);
    }
    // One thread for each level: they share no build product.
    thread::scope(|scope| {
        let [smallest, demo, other] = TARGETS;
        let small = scope.spawn(move || link_without_panics("s", &[smallest, demo], Some(demo)));
        let fast = link_without_panics("3", &[demo, other], None);
        let small = small.join().map_err(|_| anyhow!("a thread stopped"))?;
        fast.and(small)
    })
}

/// A core of each kind.
const TARGETS: [&str; 3] = ["thumbv6m-none-eabi", "thumbv7em-none-eabihf", "riscv32imac-unknown-none-elf"];

/// Links for some targets at one optimisation level. For the target `plant`, a link with a planted panic must fail too.
fn link_without_panics(level: &str, targets: &[&str], plant: Option<&str>) -> Result<()> {
    for board in targets_once().iter().filter(|board| targets.contains(&board.target)) {
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
        if plant != Some(board.target) {
            println!("{:28} opt-level {level}: links", board.target);
            continue;
        }
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
