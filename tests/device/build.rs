//! Passes the memory layout of the target's board to the linker.

use std::{env, error::Error};

#[path = "../../firmware-example/emulated.rs"]
mod emulated;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../firmware-example/emulated.rs");
    if env::var("CARGO_CFG_TARGET_OS")? == "none" { emulated::link(None, None, &[]) } else { Ok(()) }
}
