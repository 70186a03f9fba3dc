//! Firmware in C that links only the core: on an emulated device, and as a program on this machine.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

use xtask::{
    board::CORTEX_M4F,
    emulator, firmware,
    shell::{capture, clean, root, run, typed},
    toolchain,
};

use super::super::workspace::cargo;
use crate::library::Program;

const FOLDER: &str = "core/c";
const LIBRARY: &str = "libsamplegrad_core_c.a";
const LIMIT: Duration = Duration::from_secs(60);

pub fn check() -> Result<()> {
    let due = Program::Host.output(&["expected", "c"])?;
    let due: Vec<&str> = due.lines().collect();
    let products = root().join("target/c");
    fs::create_dir_all(&products).with_context(|| format!("making {}", products.display()))?;
    same(&on_the_host(&products)?, &due).context("on this machine")?;
    println!("the example for devices, on this machine under valgrind: the bits of its lane");

    let elf = products.join("learning.elf");
    match link(&library(true)?, &elf) {
        Ok(()) => bail!("firmware in C with a planted panic was linked"),
        Err(error) => ensure!(
            format!("{error:#}").contains("samplegrad_core_can_panic"),
            "firmware in C with a planted panic failed to link for another reason: {error:#}"
        ),
    }
    link(&library(false)?, &elf).context("a function of the core's library for C can panic")?;
    let mut told = Vec::new();
    emulator::run(&CORTEX_M4F, &elf, &[], LIMIT, |bytes| {
        told.extend_from_slice(bytes);
        Ok(())
    })?;
    same(&String::from_utf8_lossy(&told), &due).with_context(|| CORTEX_M4F.core.to_owned())?;
    let size = firmware::size(&elf)?;
    println!(
        "firmware in C on {}: the bits of its lane, {} bytes of flash, {} of static RAM, no panic; a planted one does not link",
        CORTEX_M4F.core, size.flash, size.ram
    );
    Ok(())
}

/// Fails unless the lines equal the expected ones.
fn same(told: &str, due: &[&str]) -> Result<()> {
    let told: Vec<_> = told.lines().collect();
    for (told, due) in told.iter().zip(due) {
        ensure!(told == due, "the program in C wrote\n  {told}\nits lane\n  {due}");
    }
    ensure!(told.len() == due.len(), "the program in C wrote {} lines, its lane {}", told.len(), due.len());
    Ok(())
}

fn on_the_host(products: &Path) -> Result<String> {
    let target = root().join("target");
    let mut build =
        cargo(&["build", "--quiet", "--locked", "--release", "--package", "samplegrad-core-c", "--target-dir"]);
    run(build.arg(&target))?;
    let program = products.join("learning");
    let mut gcc = clean("gcc");
    gcc.args(["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", "include"]);
    gcc.args(["examples/learning.c", "examples/host.c"]).arg(target.join("release").join(LIBRARY));
    capture(gcc.arg("-o").arg(&program).current_dir(root().join(FOLDER)))?;
    capture(clean("valgrind").args(["--quiet", "--error-exitcode=99", "--leak-check=full"]).arg(&program))
}

/// Builds the library for the device and returns its path.
fn library(planted: bool) -> Result<PathBuf> {
    let target = CORTEX_M4F.target;
    let toolchain = toolchain::find(target).context("no compiler; run `cargo xtask setup`")?;
    let mut command = toolchain.cargo("build", target);
    command.args(["--quiet", "--profile", "firmware", "--package", "samplegrad-core-c"]);
    if planted {
        command.args(["--features", "planted-panic"]);
    }
    capture(&mut command)?;
    let library = toolchain.folder().join(target).join("firmware").join(LIBRARY);
    ensure!(library.is_file(), "`{}` made no {}", typed(&command), library.display());
    Ok(library)
}

/// Links the example with the commands of its page.
fn link(library: &Path, elf: &Path) -> Result<()> {
    let mut gcc = clean("arm-none-eabi-gcc");
    gcc.args(["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"]);
    gcc.args(["-std=c11", "-Os", "-g", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-ffunction-sections"]);
    gcc.args(["-nostdlib", "-Wl,--gc-sections", "-Wl,--no-warn-execstack", "-I", "include"]);
    gcc.args(["-T", "examples/cortex-m4/mps2-an386.ld", "examples/learning.c", "examples/cortex-m4/startup.c"]);
    capture(gcc.arg(library).arg("-o").arg(elf).current_dir(root().join(FOLDER))).map(drop)
}
