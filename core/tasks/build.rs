//! Packs the digits into bytes for the flash.

use std::{env, error::Error, fs, path::Path};

#[path = "src/csv.rs"]
#[allow(dead_code, unreachable_pub)]
mod csv;
#[path = "src/fingerprint.rs"]
#[allow(dead_code, unreachable_pub)]
mod fingerprint;

const DATA: &str = "data/optdigits.csv";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={DATA}");
    println!("cargo::rerun-if-changed=src/csv.rs");
    println!("cargo::rerun-if-changed=src/fingerprint.rs");
    let damaged = |error: &dyn std::fmt::Display| {
        let file = format!("core/tasks/{DATA}");
        format!("{file}: {error}; restore it with `git checkout {file}`")
    };
    let text = fs::read_to_string(DATA).map_err(|error| damaged(&error))?;
    let mut packed = Vec::with_capacity(csv::ROWS * csv::COLUMNS);
    csv::parse(&text, |row| packed.extend_from_slice(row)).map_err(|error| damaged(&error))?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("optdigits.bin"), packed)?;
    Ok(())
}
