//! Tells the linker about the emulated board.

use std::{env, error::Error};

mod emulated;

/// KB that firmware gets on every board: that it links and runs is the proof.
const RAM: u32 = 16;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=emulated.rs");
    if env::var("CARGO_CFG_TARGET_OS")? == "none" {
        emulated::link(None, Some(RAM), &["-Tdefmt.x"])?;
    }
    Ok(())
}
