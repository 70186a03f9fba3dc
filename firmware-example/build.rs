//! Writes the memory layout of the emulated board for the linker.

use std::{env, error::Error};

mod emulated;

/// RAM of the firmware on every board, in KB. The firmware links and runs with it, which proves that it suffices.
const RAM: u32 = 16;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=emulated.rs");
    if env::var("CARGO_CFG_TARGET_OS")? == "none" {
        emulated::link(None, Some(RAM), &["-Tdefmt.x"])?;
    }
    Ok(())
}
