//! The step `c`: programs in C, linked to the library and run, and the headers that they include.

use anyhow::Result;

use super::workspace::cargo;
use crate::{setup, shell::run};

/// The crates that C programs link.
const PACKAGES: [&str; 2] = ["--package", "samplegrad-c"];

pub fn check() -> Result<()> {
    setup::ensure_programs(&[("gcc", &["gcc", "libc6-dev"]), ("valgrind", &["valgrind", "libc6-dbg"])])?;
    run(cargo(&["test", "--quiet", "--locked", "--no-fail-fast"]).args(PACKAGES))
}

/// Writes the headers anew.
pub fn headers() -> Result<()> {
    run(cargo(&["test", "--quiet", "--locked", "--test", "header"]).args(PACKAGES).env("SAMPLEGRAD_WRITE_HEADERS", "1"))
}
