//! Packs the digits into bytes for the flash, and tells the linker about the emulated board.

use std::{env, error::Error, fs, path::Path};

#[path = "src/csv.rs"]
#[allow(dead_code, unreachable_pub)]
mod csv;
mod emulated;

const DATA: &str = "data/optdigits.csv";
/// KB that firmware gets on every board: that it links and runs is the proof.
const RAM: u32 = 16;

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

    if env::var("CARGO_CFG_TARGET_OS")? == "none" && env::var_os("CARGO_FEATURE_EMULATED").is_some() {
        println!("cargo::rerun-if-changed=emulated.rs");
        emulated::link(None, Some(RAM), &["-Tdefmt.x"])?;
    }
    Ok(())
}
