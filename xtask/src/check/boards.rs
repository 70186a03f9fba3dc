//! The step `boards`: firmware for real boards builds, each with its own memory layout, and the page on flashing agrees
//! with the boards' files.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, Result, anyhow, ensure};
use object::{Object, ObjectSymbol};
use xtask::{
    files, firmware,
    shell::{capture, clean, root},
    toolchain,
};

use super::tier::Tier;
use crate::library::Program;

const FOLDER: &str = "firmware-example/boards";
/// The board of the short form.
const SHORT: &str = "nrf52840-dk";
const PAGE: &str = "firmware-example/boards/README.md";
/// Folder to copy for a board of one's own.
const TEMPLATE: &str = "template";

/// A board, read from its files.
struct Board {
    name: String,
    folder: PathBuf,
    /// Rust's target.
    target: String,
    /// Name of the chip in `probe-rs`.
    chip: String,
    memory: Option<Memory>,
}

/// Memory sizes in `memory.x`, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Memory {
    flash: u64,
    ram: u64,
    /// First address after the RAM, where the stack starts.
    top: u64,
}

/// Builds the boards and the template; the short form builds one board.
pub fn run(tier: Tier) -> Result<()> {
    let page = files::read(&root().join(PAGE))?;
    let boards = boards()?;
    ensure!(boards.len() >= 7, "only {} boards in {FOLDER}", boards.len());
    for board in &boards {
        on_page(board, &page).with_context(|| format!("{}: set right {PAGE}", board.name))?;
    }
    Program::Host.run(&["boards-page"])?;
    if !tier.whole() {
        let board = boards.iter().find(|board| board.name == SHORT);
        return prove(board.with_context(|| format!("{FOLDER} has no {SHORT}"))?, "", &[]);
    }
    // One thread for each architecture. The two share only the crates for this machine, which are built twice.
    let (arm, others): (Vec<_>, Vec<_>) = boards.iter().partition(|board| board.target.starts_with("thumb"));
    thread::scope(|scope| {
        let others = scope.spawn(|| others.into_iter().try_for_each(|board| prove(board, "boards", &[])));
        let arm = arm.into_iter().try_for_each(|board| prove(board, "", &[]));
        let others = others.join().map_err(|_| anyhow!("a thread stopped"))?;
        arm.and(others)
    })?;
    template()
}

/// Copies the template to an empty folder outside of the repository, sets the three values that the page names, for
/// another core than the template's, and builds it.
fn template() -> Result<()> {
    const TARGET: &str = "thumbv6m-none-eabi";
    let (from, to) = (root().join(FOLDER).join(TEMPLATE), files::empty("samplegrad-my-board")?);
    let copy = |file: &str, settings: &[(&str, &str)]| -> Result<()> {
        let mut text = files::read(&from.join(file))?;
        for (old, new) in settings {
            ensure!(text.contains(old), "{FOLDER}/{TEMPLATE}/{file} does not hold `{old}`, which is to be set");
            text = text.replace(old, new);
        }
        let file = to.join(file);
        fs::create_dir_all(file.parent().unwrap_or(&to)).with_context(|| format!("making {}", to.display()))?;
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))
    };
    let shared = root().join(FOLDER).join("shared").display().to_string();
    copy("Cargo.toml", &[("../shared", &shared)])?;
    let (target, section) = (format!("target = \"{TARGET}\""), format!("[target.{TARGET}]"));
    let settings = [
        ("target = \"thumbv7em-none-eabihf\"", target.as_str()),
        ("[target.thumbv7em-none-eabihf]", &section),
        ("nRF52840_xxAA", "nRF51822_xxAC"),
    ];
    copy(".cargo/config.toml", &settings)?;
    copy("memory.x", &[("1024K", "256K"), ("256K\n}", "32K\n}")])?;
    copy("build.rs", &[])?;
    copy("src/main.rs", &[])?;
    fs::copy(root().join(FOLDER).join("Cargo.lock"), to.join("Cargo.lock")).context("copying Cargo.lock")?;
    // The first build would make this update, but with a network. The update keeps the versions of the crates in use
    // and removes the crates of other boards.
    let mut update = clean("cargo");
    capture(update.args(["update", "--quiet", "--workspace", "--offline"]).current_dir(&to))
        .with_context(|| format!("locking {}", to.display()))?;
    let memory = Some(memory(&files::read(&to.join("memory.x"))?).context("memory.x")?);
    let name = "my-board".to_owned();
    let board = Board { name, folder: to.clone(), target: TARGET.into(), chip: String::new(), memory };
    // This profile has the settings and the name of the boards' profile, so that their build products are reused.
    prove(&board, "", &["--config", "profile.firmware.inherits=\"release\""])?;
    files::remove(&to)
}

/// Builds a board in a folder of build products, prints its sizes, and fails unless it is linked with its own memory
/// layout.
fn prove(board: &Board, products: &str, arguments: &[&str]) -> Result<()> {
    let elf = build(board, products, arguments)?;
    let size = firmware::size(&elf)?;
    if let Some(memory) = board.memory {
        ensure!(
            stack_start(&elf)? == Some(memory.top),
            "{}: the firmware was not linked by {}/memory.x",
            board.name,
            board.folder.display()
        );
        ensure!(size.flash <= memory.flash && size.ram <= memory.ram, "{}: it does not fit", board.name);
    }
    println!("{:18} {:28} {:>7} bytes of flash, {:>6} of RAM", board.name, board.target, size.flash, size.ram);
    Ok(())
}

/// Returns every folder that has a command for flashing, by name.
fn boards() -> Result<Vec<Board>> {
    let mut boards = Vec::new();
    for entry in fs::read_dir(root().join(FOLDER)).with_context(|| format!("reading {FOLDER}"))? {
        let folder = entry?.path();
        let config = folder.join(".cargo/config.toml");
        if !config.is_file() || folder.ends_with(TEMPLATE) {
            continue;
        }
        let config = files::read(&config)?;
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let value = |start: &str| {
            let line = config.lines().find_map(|line| line.strip_prefix(start));
            let value = line.and_then(|rest| rest.strip_suffix('"')).map(str::to_owned);
            value.with_context(|| format!("{name}/.cargo/config.toml has no line `{start}...\"`"))
        };
        let (target, chip) = (value("target = \"")?, value("runner = \"probe-rs run --chip ")?);
        let file = folder.join("memory.x");
        let memory = if file.is_file() {
            Some(memory(&files::read(&file)?).with_context(|| format!("{name}/memory.x"))?)
        } else {
            None
        };
        boards.push(Board { name, folder, target, chip, memory });
    }
    boards.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(boards)
}

/// Reads the sizes and addresses from a linker script with one region per line.
fn memory(script: &str) -> Result<Memory> {
    let region = |name: &str| -> Result<(u64, u64)> {
        let mut lines = script.lines().map(str::trim_start);
        let line = lines.find(|line| line.starts_with(name)).with_context(|| format!("no region {name}"))?;
        let (origin, length) = line.split_once("LENGTH = ").with_context(|| format!("in `{line}`"))?;
        let origin =
            origin.split_once("0x").and_then(|(_, x)| u64::from_str_radix(x.trim().trim_end_matches(','), 16).ok());
        let length = length.split_once('K').and_then(|(kilobytes, _)| kilobytes.parse::<u64>().ok());
        Ok((origin.with_context(|| format!("in `{line}`"))?, 1024 * length.with_context(|| format!("in `{line}`"))?))
    };
    let ((_, flash), (origin, ram)) = (region("FLASH")?, region("RAM")?);
    Ok(Memory { flash, ram, top: origin + ram })
}

/// Fails unless the page's row of a board has its chip, target, memories and command.
fn on_page(board: &Board, page: &str) -> Result<()> {
    let command = format!("`cd {} && cargo run --release`", board.name);
    let row = page.lines().find(|line| line.starts_with('|') && line.contains(&command));
    let row = row.with_context(|| format!("no row of its table has {command}"))?;
    let mut due = vec![format!("`{}`", board.chip), format!("`{}`", board.target)];
    due.extend(board.memory.map(|memory| format!("{} / {} KB", memory.flash / 1024, memory.ram / 1024)));
    for due in due {
        ensure!(row.contains(&due), "its row does not say {due}");
    }
    Ok(())
}

/// Builds a board's firmware and returns its path. The profile is the release profile under another name, so that the
/// standard library built by earlier steps is reused.
fn build(board: &Board, products: &str, arguments: &[&str]) -> Result<PathBuf> {
    let Board { name, target, .. } = board;
    let toolchain = toolchain::find(target).with_context(|| {
        format!("no compiler for {name}: run `rustup target add {target}`, or on Debian `cargo xtask setup`")
    })?;
    let folder = toolchain.folder().join(products);
    let mut command = toolchain.cargo_in(&folder, "build", target);
    command.args(["--quiet", "--profile", "firmware"]).args(arguments).current_dir(&board.folder);
    capture(&mut command).with_context(|| {
        format!(
            "building {name}. If crates are not here yet, run with a network: `cargo fetch --locked` in {FOLDER}; if its \
             lock file is out of date: `cargo update --workspace` there"
        )
    })?;
    Ok(folder.join(target).join("firmware").join(name))
}

/// Returns the address where the stack starts.
fn stack_start(elf: &Path) -> Result<Option<u64>> {
    let bytes = fs::read(elf).with_context(|| format!("reading {}", elf.display()))?;
    let file = object::File::parse(&*bytes).with_context(|| format!("{} is no ELF file", elf.display()))?;
    Ok(file.symbol_by_name("_stack_start").map(|symbol| symbol.address()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_are_read() {
        let script = "MEMORY\n{\n  FLASH : ORIGIN = 0x10000100, LENGTH = 2048K - 0x100\n  RAM   : ORIGIN = 0x20000000, LENGTH = 256K\n}";
        let all = Memory { flash: 2048 * 1024, ram: 256 * 1024, top: 0x2004_0000 };
        assert_eq!(memory(script).unwrap(), all);
        assert!(memory("MEMORY {}").is_err());
    }

    #[test]
    fn a_page_that_rots_is_noticed() {
        let memory = Some(Memory { flash: 512 * 1024, ram: 128 * 1024, top: 0 });
        let board = |chip: &str| Board {
            name: "a".into(),
            folder: PathBuf::new(),
            target: "thumbv6m-none-eabi".into(),
            chip: chip.into(),
            memory,
        };
        let page = "| A | `X1` | `thumbv6m-none-eabi` | 512 / 128 KB | `cd a && cargo run --release` |";
        assert!(on_page(&board("X1"), page).is_ok());
        assert!(on_page(&board("X2"), page).is_err());
        assert!(on_page(&board("X1"), &page.replace("128", "64")).is_err());
        assert!(on_page(&board("X1"), "").is_err());
    }
}
