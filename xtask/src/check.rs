//! `cargo xtask test`.
use anyhow::Result;
#[derive(Debug, clap::Args)]
pub struct Test {}
pub fn run(_: &Test) -> Result<()> {
    Ok(())
}
