//! Tells the linker about the board that the target stands for. The smallest program is linked without.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    if env::var("CARGO_CFG_TARGET_OS")? != "none" {
        return Ok(());
    }
    let target = env::var("TARGET")?;
    let memory = match target.as_str() {
        "thumbv6m-none-eabi" => "microbit",
        "thumbv7em-none-eabihf" => "mps2",
        _ => return Err(format!("no emulated board for {target}").into()),
    };
    let file = format!("../device/memory/{memory}.x");
    println!("cargo::rerun-if-changed={file}");
    let out = env::var("OUT_DIR")?;
    fs::copy(file, Path::new(&out).join("memory.x"))?;
    println!("cargo::rustc-link-search={out}");
    println!("cargo::rustc-link-arg-bin=budgets=--nmagic");
    println!("cargo::rustc-link-arg-bin=budgets=-Tlink.x");
    Ok(())
}
