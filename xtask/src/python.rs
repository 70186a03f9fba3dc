//! Environments for Python, each in its own folder below `target`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::shell::{capture, clean, root, which};

/// Returns the folder of an environment.
pub fn folder(name: &str) -> PathBuf {
    root().join("target").join(name).join("venv")
}

/// Returns the interpreter of an environment, if its versions are exactly those of `wanted`.
pub fn installed(name: &str, wanted: &Path) -> Result<Option<PathBuf>> {
    let versions = fs::read_to_string(wanted).with_context(|| format!("reading {}", wanted.display()))?;
    let there = fs::read_to_string(folder(name).join("installed.txt")).is_ok_and(|installed| installed == versions);
    Ok(there.then(|| folder(name).join("bin/python")))
}

/// Returns the interpreter of an environment with the versions of a file of requirements. Installs them first if they
/// are missing.
pub fn environment(name: &str, wanted: &Path, takes: &str, hint: &str) -> Result<PathBuf> {
    if let Some(python) = installed(name, wanted)? {
        return Ok(python);
    }
    let versions = fs::read_to_string(wanted).with_context(|| format!("reading {}", wanted.display()))?;
    let names = versions.split_whitespace().collect::<Vec<_>>().join(", ");
    if which("python3").is_none() {
        bail!("{names} need Python, which is not here\n{hint}");
    }
    println!("installing {names} into target/{name}, {takes}");
    let python = folder(name).join("bin/python");
    let install = || -> Result<()> {
        capture(clean("python3").args(["-m", "venv"]).arg(folder(name)))?;
        let mut pip = clean(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--no-cache-dir", "--requirement"]).arg(wanted);
        capture(&mut pip)?;
        Ok(fs::write(folder(name).join("installed.txt"), &versions)?)
    };
    if let Err(error) = install() {
        bail!("{error:#}\n{names} could not be installed\n{hint}");
    }
    Ok(python)
}
