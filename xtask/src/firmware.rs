//! Builds firmware and measures the size.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use object::{Object, ObjectSection, ObjectSymbol, SectionFlags};

use crate::{
    board::Board,
    shell::{capture, typed},
    toolchain,
};

/// Optimisation goal for the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptLevel {
    /// Optimises for speed, as the profile does.
    Fast,
    /// Optimises for size.
    Small,
}

/// Builds one binary of a package for a board and returns its path.
pub fn build(board: &Board, package: &str, binary: &str, level: OptLevel) -> Result<PathBuf> {
    build_with(board, package, binary, level, &[])
}

/// Builds a binary as [`build`] does, with additional features.
pub fn build_with(board: &Board, package: &str, binary: &str, level: OptLevel, features: &[&str]) -> Result<PathBuf> {
    let Some(toolchain) = toolchain::find(board.target) else {
        bail!("no compiler for {} ({}); run `cargo xtask setup`", board.core, board.target);
    };
    // Each level has its own folder: programs of two levels can be built at the same time.
    let folder = match level {
        OptLevel::Fast => toolchain.folder(),
        OptLevel::Small => toolchain.folder().join("opt-s"),
    };
    let mut command = toolchain.cargo_in(&folder, "build", board.target);
    command.args(["--quiet", "--profile", "firmware", "--package", package, "--bin", binary]);
    if !features.is_empty() {
        command.args(["--features", &features.join(",")]);
    }
    command.env("DEFMT_LOG", "info");
    if level == OptLevel::Small {
        command.env("CARGO_PROFILE_FIRMWARE_OPT_LEVEL", "s");
    }
    capture(&mut command).with_context(|| format!("building {binary} for {}", board.core))?;
    let elf = folder.join(board.target).join("firmware").join(binary);
    if !elf.is_file() {
        bail!("`{}` made no {}", typed(&command), elf.display());
    }
    Ok(elf)
}

/// Size of firmware, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Code, constants and initial values of variables.
    pub flash: u64,
    /// Variables, excluding the stack.
    pub ram: u64,
}

/// Returns the size of a firmware: the sums of the sizes of the loaded sections.
pub fn size(elf: &Path) -> Result<Size> {
    const ALLOC: u64 = 2;
    const WRITE: u64 = 1;
    let bytes = std::fs::read(elf).with_context(|| format!("reading {}", elf.display()))?;
    let file = object::File::parse(&*bytes).with_context(|| format!("{} is no ELF file", elf.display()))?;
    let mut size = Size { flash: 0, ram: 0 };
    for section in file.sections() {
        let SectionFlags::Elf { sh_flags } = section.flags() else { continue };
        // Some linker scripts define a section for the RAM that remains for the stack. This section is not counted.
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

/// Returns the functions in double precision that a program contains: those of Arm, and those of other targets.
pub fn in_double_precision(elf: &Path) -> Result<Vec<String>> {
    let bytes = std::fs::read(elf).with_context(|| format!("reading {}", elf.display()))?;
    let file = object::File::parse(&*bytes).with_context(|| format!("{} is no ELF file", elf.display()))?;
    let names: Vec<&str> = file.symbols().filter_map(|symbol| symbol.name().ok()).collect();
    ensure!(names.contains(&"main") || names.contains(&"_start"), "{} has no symbols", elf.display());
    let double = |name: &str| name.starts_with("__aeabi_d") || name.ends_with("df3") || name.ends_with("df2");
    Ok(names.into_iter().filter(|name| double(name)).map(str::to_owned).collect())
}
