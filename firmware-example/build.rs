//! Packs the digits into bytes for the flash, and tells the linker about the board.

use std::{env, error::Error, fs, path::Path};

#[path = "src/csv.rs"]
#[allow(dead_code, unreachable_pub)]
mod csv;

const DATA: &str = "data/optdigits.csv";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={DATA}");
    println!("cargo::rerun-if-changed=src/csv.rs");
    let out = env::var("OUT_DIR")?;
    let damaged = |error: &dyn std::fmt::Display| {
        let file = format!("firmware-example/{DATA}");
        format!("{file}: {error}; restore it with `git checkout {file}`")
    };
    let text = fs::read_to_string(DATA).map_err(|error| damaged(&error))?;
    let mut packed = Vec::with_capacity(csv::ROWS * csv::COLUMNS);
    csv::parse(&text, |row| packed.extend_from_slice(row)).map_err(|error| damaged(&error))?;
    fs::write(Path::new(&out).join("optdigits.bin"), packed)?;

    if env::var("CARGO_CFG_TARGET_OS")? == "none" {
        println!("cargo::rerun-if-changed=memory/mps2.x");
        fs::copy("memory/mps2.x", Path::new(&out).join("memory.x"))?;
        println!("cargo::rustc-link-search={out}");
        for argument in ["--nmagic", "-Tlink.x", "-Tdefmt.x"] {
            println!("cargo::rustc-link-arg-bins={argument}");
        }
    }
    Ok(())
}
