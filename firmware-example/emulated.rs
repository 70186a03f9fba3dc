//! Memory layouts of the emulated boards: a module of the build scripts of all firmware that runs on them.

use std::{env, error::Error, fs, path::Path};

/// Writes `memory.x` of the target's board and passes it to the linker, for one program of the package or for all. With
/// a limit, firmware gets at most that many KB of RAM, even if the board has more.
pub fn link(program: Option<&str>, limit: Option<u32>, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let target = env::var("TARGET")?;
    // Origin of flash and of RAM, and their sizes in KB.
    let (board, flash, ram) = match target.as_str() {
        "thumbv6m-none-eabi" => ("nRF51822 of the micro:bit", (0, 256), (0x2000_0000, 16)),
        "thumbv7m-none-eabi" | "thumbv7em-none-eabihf" => ("Arm MPS2", (0, 4096), (0x2000_0000, 4096)),
        "thumbv8m.main-none-eabihf" => ("Arm MPS2+, secure memories", (0x1000_0000, 4096), (0x3800_0000, 2048)),
        "riscv32imac-unknown-none-elf" => ("QEMU's virt", (0x8000_0000_u32, 4096), (0x8040_0000_u32, 1024)),
        _ => return Err(format!("no emulated board for {target}").into()),
    };
    let ram = (ram.0, limit.map_or(ram.1, |limit| limit.min(ram.1)));
    let mut memory = format!(
        "/* {board} */\nMEMORY\n{{\n  FLASH : ORIGIN = {:#010x}, LENGTH = {}K\n  RAM   : ORIGIN = {:#010x}, LENGTH = {}K\n}}\n",
        flash.0, flash.1, ram.0, ram.1
    );
    let riscv = target.starts_with("riscv");
    if riscv {
        let flash = ["TEXT", "RODATA"].map(|region| (region, "FLASH"));
        for (region, place) in flash.into_iter().chain(["DATA", "BSS", "HEAP", "STACK"].map(|region| (region, "RAM"))) {
            memory += &format!("REGION_ALIAS(\"REGION_{region}\", {place});\n");
        }
    }
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("memory.x"), memory)?;
    println!("cargo::rustc-link-search={out}");
    let by_core = if riscv { "-Tmemory.x" } else { "--nmagic" };
    for argument in [by_core, "-Tlink.x"].iter().chain(arguments) {
        match program {
            Some(program) => println!("cargo::rustc-link-arg-bin={program}={argument}"),
            None => println!("cargo::rustc-link-arg-bins={argument}"),
        }
    }
    Ok(())
}
