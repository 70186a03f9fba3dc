//! Installation of missing packages, with messages that name them and the commands to install them by hand.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{
    board::Board,
    shell::{capture, clean, which},
    toolchain,
};

/// Returns the Debian packages that this machine lacks for some boards.
fn missing(boards: &[Board]) -> Vec<&'static str> {
    let mut packages = Vec::new();
    if boards.iter().any(|board| toolchain::find(board.target).is_none()) {
        packages.extend(toolchain::DEBIAN_PACKAGES);
    }
    for (program, package) in [("qemu-system-arm", "qemu-system-arm"), ("qemu-system-riscv32", "qemu-system-misc")] {
        if boards.iter().any(|board| board.qemu == program) && which(program).is_none() {
            packages.push(package);
        }
    }
    packages
}

/// Returns the commands to install everything by hand.
fn by_hand(boards: &[Board], packages: &[&str]) -> String {
    let mut targets: Vec<_> = boards.iter().map(|board| board.target).collect();
    targets.dedup();
    format!(
        "by hand, either of these:\n  \
         on Debian, as root:  apt-get update && apt-get install -y --no-install-recommends {}\n  \
         elsewhere:           rustup target add {}\n                       \
         and QEMU 7.2 or later with {} from your system's packages",
        packages.join(" "),
        targets.join(" "),
        if boards.iter().any(|board| board.qemu != "qemu-system-arm") {
            "qemu-system-arm and qemu-system-riscv32"
        } else {
            "qemu-system-arm"
        },
    )
}

/// Prepares this machine for some boards. If nothing is missing, it needs no network and changes nothing.
pub fn ensure(boards: &[Board]) -> Result<()> {
    install(|| missing(boards), |packages| by_hand(boards, packages))
}

/// Installs the missing programs of a step. `programs` lists, for each program, the Debian packages that contain it.
pub fn ensure_programs(programs: &[(&str, &[&'static str])]) -> Result<()> {
    let missing = || -> Vec<&'static str> {
        let lacking = programs.iter().filter(|(program, _)| which(program).is_none());
        lacking.flat_map(|(_, packages)| packages.iter().copied()).collect()
    };
    install(missing, |packages| {
        let names: Vec<_> = programs.iter().map(|(program, _)| *program).collect();
        format!(
            "by hand, either of these:\n  \
             on Debian, as root:  apt-get update && apt-get install -y --no-install-recommends {}\n  \
             elsewhere:           {} from your system's packages",
            packages.join(" "),
            names.join(", "),
        )
    })
}

/// Prepares this machine for programs of several ranks: an MPI library, and `libclang`, which reads its headers.
pub fn ensure_mpi() -> Result<()> {
    let missing = || {
        let mut packages = Vec::new();
        if which("mpicc").is_none() {
            packages.push("libopenmpi-dev");
        }
        if which("mpirun").is_none() {
            packages.push("openmpi-bin");
        }
        if !has_libclang() {
            packages.push("libclang-dev");
        }
        packages
    };
    install(missing, |packages| {
        format!(
            "by hand, either of these:\n  \
             on Debian, as root:  apt-get update && apt-get install -y --no-install-recommends {}\n  \
             elsewhere:           Open MPI with its headers, and libclang, from your system's packages",
            packages.join(" ")
        )
    })
}

/// Returns whether `libclang` is in a usual folder, under its name in the development package.
fn has_libclang() -> bool {
    let folders = |folder: &str| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let libraries = folders("/usr/lib").flat_map(|folder| [folder.join("lib"), folder]);
    let found = libraries.chain(["/usr/lib64".into()]).any(|folder| folder.join("libclang.so").exists());
    found || std::env::var_os("LIBCLANG_PATH").is_some()
}

/// Installs the missing Debian packages, if any.
fn install(missing: impl Fn() -> Vec<&'static str>, by_hand: impl Fn(&[&str]) -> String) -> Result<()> {
    let packages = missing();
    if packages.is_empty() {
        return Ok(());
    }
    let by_hand = by_hand(&packages);
    println!("missing here: {}", packages.join(", "));
    if which("apt-get").is_none() {
        bail!("this system has no apt-get, so nothing was installed; {by_hand}");
    }
    let Some(prefix) = privilege() else {
        bail!("no rights to install: neither root nor sudo without a password; {by_hand}");
    };
    println!("installing them with apt-get, which takes a minute or two; {by_hand}");
    let apt = |arguments: &[&str]| -> Command {
        let mut words = prefix.iter().copied().chain(["apt-get"]).chain(arguments.iter().copied());
        let mut command = clean(words.next().unwrap_or("apt-get"));
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let install = || -> Result<()> {
        capture(&mut apt(&["update", "--quiet=2"]))?;
        let mut arguments = vec!["install", "--yes", "--quiet=2", "--no-install-recommends"];
        arguments.extend(packages);
        // The output has hundreds of lines; it is shown only after a failure.
        capture(&mut apt(&arguments)).map(|_| ())
    };
    if let Err(error) = install() {
        bail!("{error:#}\nthe packages could not be installed; {by_hand}");
    }
    let still = missing();
    if !still.is_empty() {
        bail!("apt-get ran, but these are still missing: {}; {by_hand}", still.join(", "));
    }
    Ok(())
}

/// Returns the words that run a command as root, if possible.
fn privilege() -> Option<&'static [&'static str]> {
    let id = capture(clean("id").arg("-u")).unwrap_or_default();
    if id.trim() == "0" {
        return Some(&[]);
    }
    let sudo = which("sudo").is_some() && capture(clean("sudo").args(["-n", "true"])).is_ok();
    sudo.then_some(&["sudo", "-n"])
}
