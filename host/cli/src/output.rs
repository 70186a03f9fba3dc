//! Output files, each written completely or not at all, and printed output.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// Writes files into a folder. Each file is first written under another name. Then all files are renamed, so that a
/// failed run leaves the old files unchanged.
pub fn write(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<Vec<PathBuf>> {
    let shown = folder.display();
    make_folder(folder)?;
    if let Some((name, _)) = files.iter().find(|(name, _)| folder.join(name).is_dir()) {
        bail!(
            "cannot replace {}, a folder; move it away, or choose another folder with --out",
            folder.join(name).display()
        );
    }
    let unfinished: Vec<Unfinished> = files
        .iter()
        .map(|(name, bytes)| Unfinished::write(&folder.join(name), |out| out.write_all(bytes)))
        .collect::<io::Result<_>>()
        .with_context(|| {
            format!("cannot write in the folder {shown}; make room there, or choose another with --out")
        })?;
    let finish = |file: Unfinished| {
        let path = file.path.clone();
        let what = || format!("cannot replace {}; move it away, or choose another folder with --out", path.display());
        file.finish().with_context(what)?;
        Ok(path)
    };
    unfinished.into_iter().map(finish).collect()
}

/// Creates a folder for output files.
pub fn make_folder(folder: &Path) -> Result<()> {
    let what = || format!("cannot make the folder {}; choose another with --out", folder.display());
    fs::create_dir_all(folder).with_context(what)
}

/// Writes one file, whose path an option gave, completely or not at all. A path that is not a regular file, such as
/// `/dev/stdout`, is written directly.
pub fn file(path: &Path, option: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let shown = path.display();
    let failed = || format!("cannot write {shown}; make room there, or choose another place with {option}");
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => bail!("cannot replace {shown}, a folder; choose another place with {option}"),
        Ok(there) if !there.is_file() => {
            let mut out = BufWriter::new(fs::OpenOptions::new().write(true).open(path).with_context(failed)?);
            fill(&mut out).and_then(|()| out.flush()).with_context(failed)
        }
        _ => Unfinished::write(path, fill).and_then(Unfinished::finish).with_context(failed),
    }
}

/// A file under a temporary name, removed unless it is renamed.
struct Unfinished {
    under: PathBuf,
    path: PathBuf,
    finished: bool,
}

impl Unfinished {
    /// Writes the file and syncs it to the disk, so that a full disk is reported here.
    fn write(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Self> {
        let name = path.file_name().ok_or(io::Error::from(io::ErrorKind::InvalidInput))?.to_string_lossy();
        let under = path.with_file_name(format!(".{name}.{}", std::process::id()));
        let file = Self { under, path: path.to_owned(), finished: false };
        let mut out = BufWriter::new(File::create(&file.under)?);
        fill(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(file)
    }

    /// Renames the file to its final name.
    fn finish(mut self) -> io::Result<()> {
        fs::rename(&self.under, &self.path)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            // Best effort: there is already an error to report.
            let _ = fs::remove_file(&self.under);
        }
    }
}

/// Prints on the standard output. A reader that has closed the pipe is not an error.
pub fn print(fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match fill(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot print"),
        _ => {
            // Dropping the writer would try to write the rest again.
            let _ = out.into_parts();
            Ok(())
        }
    }
}
