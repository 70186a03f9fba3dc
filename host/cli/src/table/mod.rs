//! Tables of numbers in files: CSV and NumPy's `.npy`, read and written.
//!
//! Values are checked during reading, so that every error names the file and the place: in CSV the line and the column,
//! counted from 1 as in an editor; in `.npy` the row and the column, counted from 0 as in NumPy.

mod csv;
mod field;
pub mod format;
mod head;
mod npy;
pub mod rows;

use std::{
    fs::File,
    io::{self, BufReader, Read, Write},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};

use format::Format;
use rows::{Number, Table, Values};

impl<T: Number> Table<T> {
    /// Reads a file, or the standard input for `-`. A table that begins like an `.npy` file is read as `.npy`, any
    /// other as CSV.
    pub fn read(path: &Path, format: &Format) -> Result<Self> {
        if path == Path::new("-") {
            return Self::read_from("the standard input", io::stdin().lock(), format);
        }
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
        let about = file.metadata().with_context(|| format!("cannot read {name}"))?;
        ensure!(!about.is_dir(), "cannot read {name}: it is a folder");
        let mut file = BufReader::new(file);
        if is_npy(path) {
            let begin = npy::begin(&mut file).with_context(|| format!("cannot read {name}"))?;
            ensure!(
                begin == npy::MAGIC,
                "{name} is no .npy file: it does not begin as one; a CSV file needs another name"
            );
            return Self::read_from(&name, begin.chain(file), format);
        }
        Self::read_from(&name, file, format)
    }

    fn read_from(name: &str, mut from: impl Read, format: &Format) -> Result<Self> {
        let begin = npy::begin(&mut from).with_context(|| format!("cannot read {name}"))?;
        if begin != npy::MAGIC {
            return csv::read(name, begin.chain(from), format);
        }
        if let Some(columns) = &format.columns {
            bail!("{name}: --columns {columns} chooses columns of CSV; save those of the array, such as `x[:, 1:]`");
        }
        npy::read(name, begin.chain(from))
    }
}

/// Writes rows of numbers as `.npy`, little-endian and in C order, if the file name ends in `.npy`, otherwise as CSV.
/// Every number reads back as the same number.
pub fn write(path: Option<&Path>, values: Values<'_>, columns: usize, out: &mut dyn Write) -> io::Result<()> {
    match path {
        Some(path) if is_npy(path) => npy::write(values, columns, out),
        _ => csv::write(values, columns, out),
    }
}

fn is_npy(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy"))
}

/// Converts rows to JSON; values that JSON cannot represent become `null`.
pub fn json(values: Values<'_>, columns: usize) -> serde_json::Value {
    fn rows<T: Copy>(values: &[T], columns: usize, json: impl Fn(T) -> serde_json::Value) -> serde_json::Value {
        values.chunks(columns).map(|row| row.iter().map(|&x| json(x)).collect::<Vec<_>>()).collect()
    }
    match values {
        Values::Real(values) => rows(values, columns, real),
        Values::Class(values) => rows(values, columns, Into::into),
    }
}

/// Returns the shortest number that reads back as the same number in single precision.
pub fn real(x: f32) -> serde_json::Value {
    let shortest: f64 = format!("{x:?}").parse().unwrap_or(f64::from(x));
    shortest.into()
}
