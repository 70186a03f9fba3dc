//! Tells the linker about the board that the target stands for, of which the smallest program needs nothing.

use std::{env, error::Error};

#[path = "../../firmware-example/emulated.rs"]
mod emulated;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../firmware-example/emulated.rs");
    if env::var("CARGO_CFG_TARGET_OS")? == "none" { emulated::link(Some("budgets"), None, &[]) } else { Ok(()) }
}
