//! Tells the linker about the board that the target stands for.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    if env::var("CARGO_CFG_TARGET_OS")? != "none" {
        return Ok(());
    }
    let target = env::var("TARGET")?;
    let memory = match target.as_str() {
        "thumbv6m-none-eabi" => "microbit",
        "thumbv7m-none-eabi" | "thumbv7em-none-eabihf" => "mps2",
        "thumbv8m.main-none-eabihf" => "mps2-an505",
        "riscv32imac-unknown-none-elf" => "virt",
        _ => return Err(format!("no emulated board for {target}").into()),
    };
    let file = format!("../device/memory/{memory}.x");
    println!("cargo::rerun-if-changed={file}");
    let out = env::var("OUT_DIR")?;
    fs::copy(file, Path::new(&out).join("memory.x"))?;
    println!("cargo::rustc-link-search={out}");
    if target.starts_with("riscv") {
        println!("cargo::rustc-link-arg-bins=-Tmemory.x");
    } else {
        println!("cargo::rustc-link-arg-bins=--nmagic");
    }
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    Ok(())
}
