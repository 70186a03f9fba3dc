//! The step `c`: programs in C, linked to the library and run, and their headers.

mod device;

use anyhow::Result;

use super::workspace::cargo;
use xtask::{setup::ensure_programs, shell::run};

/// Crates that C programs link.
const PACKAGES: [&str; 6] =
    ["--package", "samplegrad-c", "--package", "samplegrad-core-c", "--package", "samplegrad-learners"];

/// Installs missing programs.
pub fn setup() -> Result<()> {
    ensure_programs(&[
        ("gcc", &["gcc", "libc6-dev"]),
        ("valgrind", &["valgrind", "libc6-dbg"]),
        ("arm-none-eabi-gcc", &["gcc-arm-none-eabi"]),
    ])
}

pub fn check() -> Result<()> {
    setup()?;
    run(cargo(&["test", "--quiet", "--locked", "--no-fail-fast"]).args(PACKAGES))?;
    device::check()
}

/// Writes the headers.
pub fn headers() -> Result<()> {
    run(cargo(&["test", "--quiet", "--locked", "--test", "header"])
        .args(&PACKAGES[..4])
        .env("SAMPLEGRAD_WRITE_HEADERS", "1"))
}
