//! Expected results of programs in other languages, computed in lanes.

mod c;
mod python;

use anyhow::Result;

/// Language whose programs are compared with lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// The example for devices, `core/c/examples/learning.c`.
    C,
    /// The tests of the wheel.
    Python,
}

/// Prints the results, one per line.
pub fn print(language: Language) -> Result<()> {
    match language {
        Language::C => c::lines()?.iter().for_each(|line| println!("{line}")),
        Language::Python => print!("{}", python::lines()?),
    }
    Ok(())
}
