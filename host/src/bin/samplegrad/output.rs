//! Files that are there as a whole or not at all.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// Writes files into a folder: each under another name first, then all are renamed, so that a run that fails leaves what
/// was there.
pub fn write(folder: &Path, files: &[(String, String)]) -> Result<Vec<PathBuf>> {
    let shown = folder.display();
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {shown}; choose another with --out"))?;
    if let Some((name, _)) = files.iter().find(|(name, _)| folder.join(name).is_dir()) {
        bail!(
            "cannot replace {}, a folder; move it away, or choose another folder with --out",
            folder.join(name).display()
        );
    }
    let mut pending = Pending(Vec::new());
    for (name, text) in files {
        let file = folder.join(name);
        let unfinished = folder.join(format!(".{name}.{}", std::process::id()));
        pending.0.push((unfinished.clone(), file));
        fs::write(&unfinished, text).with_context(|| {
            format!("cannot write in the folder {shown}; make room there, or choose another with --out")
        })?;
    }
    for (unfinished, file) in &pending.0 {
        let what = || format!("cannot replace {}; move it away, or choose another folder with --out", file.display());
        fs::rename(unfinished, file).with_context(what)?;
    }
    Ok(core::mem::take(&mut pending.0).into_iter().map(|(_, file)| file).collect())
}

/// Files that have not been renamed yet: taken away if it does not come to that.
struct Pending(Vec<(PathBuf, PathBuf)>);

impl Drop for Pending {
    fn drop(&mut self) {
        for (unfinished, _) in &self.0 {
            // Best effort: there is an error to be told already.
            let _ = fs::remove_file(unfinished);
        }
    }
}
