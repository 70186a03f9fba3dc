//! Files and folders: read, listed, emptied, with errors that name them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Reads a text file.
pub fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}

/// Lists the files below a folder, except those in `target` and in folders whose names begin with a dot.
pub fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !path.is_dir() {
            files.push(path);
        } else if name != "target" && !name.starts_with('.') {
            files.extend(below(&path)?);
        }
    }
    Ok(files)
}

/// Removes a folder with all that it holds.
pub fn remove(folder: &Path) -> Result<()> {
    fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))
}

/// Makes an empty folder in the system's folder for temporary files, in place of an earlier one of that name.
pub fn empty(name: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(name);
    if folder.exists() {
        remove(&folder)?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}
