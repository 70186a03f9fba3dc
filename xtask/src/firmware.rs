//! Firmware: built, and measured.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use object::{Object, ObjectSection, SectionFlags};

use crate::{
    board::Board,
    shell::{capture, typed},
    toolchain,
};

/// What the compiler is to care for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptLevel {
    /// Speed, as the profile says.
    Fast,
    /// Size.
    Small,
}

/// Builds one binary of a package for a board and says where it is.
pub fn build(board: &Board, package: &str, binary: &str, level: OptLevel) -> Result<PathBuf> {
    build_with(board, package, binary, level, &[])
}

/// As [`build`], with features.
pub fn build_with(board: &Board, package: &str, binary: &str, level: OptLevel, features: &[&str]) -> Result<PathBuf> {
    let Some(toolchain) = toolchain::find(board.target) else {
        bail!("no compiler for {} ({}); run `cargo xtask setup`", board.core, board.target);
    };
    let mut command = toolchain.cargo("build", board.target);
    command.args(["--quiet", "--profile", "firmware", "--package", package, "--bin", binary]);
    if !features.is_empty() {
        command.args(["--features", &features.join(",")]);
    }
    command.env("DEFMT_LOG", "info");
    if level == OptLevel::Small {
        command.env("CARGO_PROFILE_FIRMWARE_OPT_LEVEL", "s");
    }
    capture(&mut command).with_context(|| format!("building {binary} for {}", board.core))?;
    let elf = toolchain.folder().join(board.target).join("firmware").join(binary);
    if !elf.is_file() {
        bail!("`{}` made no {}", typed(&command), elf.display());
    }
    Ok(elf)
}

/// What firmware takes, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Code, constants and the start values of variables.
    pub flash: u64,
    /// Variables. The stack is not among them.
    pub ram: u64,
}

/// Adds up the sections that are loaded.
pub fn size(elf: &Path) -> Result<Size> {
    const ALLOC: u64 = 2;
    const WRITE: u64 = 1;
    let bytes = std::fs::read(elf).with_context(|| format!("reading {}", elf.display()))?;
    let file = object::File::parse(&*bytes).with_context(|| format!("{} is no ELF file", elf.display()))?;
    let mut size = Size { flash: 0, ram: 0 };
    for section in file.sections() {
        let SectionFlags::Elf { sh_flags } = section.flags() else { continue };
        // Some linker scripts make a section of what is left for the stack.
        if sh_flags & ALLOC == 0 || section.name() == Ok(".stack") {
            continue;
        }
        let in_file = section.file_range().is_some_and(|(_, length)| length > 0);
        if in_file {
            size.flash += section.size();
        }
        if sh_flags & WRITE != 0 {
            size.ram += section.size();
        }
    }
    Ok(size)
}
