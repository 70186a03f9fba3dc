//! Fashion-MNIST from Debian's package, installed if absent.

use std::{path::Path, process::Command};

use anyhow::{Result, bail};

const PACKAGE: &str = "dataset-fashion-mnist";
const FOLDER: &str = "/usr/share/datasets/fashion-mnist";

/// Returns the folder of the pictures.
pub fn folder() -> Result<&'static Path> {
    let folder = Path::new(FOLDER);
    let by_hand = format!("by hand, on Debian, as root:  apt-get update && apt-get install -y {PACKAGE}");
    if folder.join("train-images-idx3-ubyte.gz").exists() {
        return Ok(folder);
    }
    println!("missing here: {PACKAGE} (30 MB); installing it with apt-get; {by_hand}");
    for arguments in [&["update", "--quiet=2"][..], &["install", "--yes", "--quiet=2", PACKAGE]] {
        let mut command = if is_root() { Command::new("apt-get") } else { Command::new("sudo") };
        if !is_root() {
            command.args(["-n", "apt-get"]);
        }
        let ran = command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").status();
        if !ran.is_ok_and(|status| status.success()) {
            bail!("{PACKAGE} could not be installed; {by_hand}");
        }
    }
    if !folder.join("train-images-idx3-ubyte.gz").exists() {
        bail!("{PACKAGE} was installed, but {FOLDER} has no pictures; {by_hand}");
    }
    Ok(folder)
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
