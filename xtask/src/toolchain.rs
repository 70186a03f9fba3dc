//! Compilers for bare-metal targets.
//!
//! Either the active toolchain has the target's standard library, as installed by `rustup target add`, or Debian's
//! `rustc-web` builds `core` from the sources in `rust-web-src`. This program never runs Rustup's installers.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::shell::{capture, clean, root, which};

/// Debian's packages of compiler, cargo and sources.
pub const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// Compiler for a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The active toolchain.
    Active,
    /// Debian's toolchain, with this linker.
    Debian {
        /// Path of an `lld`.
        linker: PathBuf,
    },
}

fn sysroot(rustc: &str) -> Result<PathBuf> {
    let path = capture(clean(rustc).args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(path.trim()))
}

/// Returns whether the active toolchain has the target's standard library.
fn active_has(target: &str) -> bool {
    sysroot("rustc").is_ok_and(|path| path.join("lib/rustlib").join(target).join("lib").is_dir())
}

/// Returns a linker: the active toolchain's own, or Debian's.
fn linker() -> Option<PathBuf> {
    let own = || {
        let bin = sysroot("rustc").ok()?.join("lib/rustlib");
        let hosts = std::fs::read_dir(bin).ok()?.flatten();
        hosts.map(|host| host.path().join("bin/rust-lld")).find(|file| file.is_file())
    };
    own().or_else(|| which("rust-lld")).or_else(|| which("ld.lld"))
}

/// Returns the toolchain for the target on this machine, if there is one.
pub fn find(target: &str) -> Option<Toolchain> {
    if active_has(target) {
        return Some(Toolchain::Active);
    }
    let (rustc, cargo) = ("/usr/bin/rustc", "/usr/bin/cargo");
    let sources = sysroot(rustc).ok()?.join("lib/rustlib/src/rust/library/core/src/lib.rs");
    if sources.is_file() && PathBuf::from(cargo).is_file() {
        return Some(Toolchain::Debian { linker: linker()? });
    }
    None
}

impl Toolchain {
    /// Returns the compiler of this toolchain.
    pub fn rustc(&self) -> &'static str {
        match self {
            Toolchain::Active => "rustc",
            Toolchain::Debian { .. } => "/usr/bin/rustc",
        }
    }

    /// Returns `cargo VERB` for a target, with a separate folder for build products.
    pub fn cargo(&self, verb: &str, target: &str) -> Command {
        self.cargo_in(&self.folder(), verb, target)
    }

    /// Returns `cargo VERB` for a target, with build products in `folder`.
    pub fn cargo_in(&self, folder: &Path, verb: &str, target: &str) -> Command {
        let mut command = match self {
            Toolchain::Active => clean("cargo"),
            Toolchain::Debian { linker } => {
                let mut command = clean("/usr/bin/cargo");
                let variable = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace(['-', '.'], "_"));
                command
                    .env("RUSTC", "/usr/bin/rustc")
                    .env("RUSTDOC", "/usr/bin/rustdoc")
                    // Building `core` from its sources is not yet stable in cargo.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env(variable, linker);
                command
            }
        };
        command.arg(verb);
        if matches!(self, Toolchain::Debian { .. }) {
            command.arg("-Zbuild-std=core");
        }
        // No step reads debug information, and generating it takes a third of the build time.
        command.env("CARGO_PROFILE_FIRMWARE_DEBUG", "0");
        command.args(["--locked", "--target", target, "--target-dir"]).arg(folder);
        command
    }

    /// Returns the folder of build products: compilers of different versions do not share one.
    pub fn folder(&self) -> PathBuf {
        root().join("target").join(match self {
            Toolchain::Active => "firmware",
            Toolchain::Debian { .. } => "firmware-debian",
        })
    }
}
