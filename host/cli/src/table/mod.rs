//! Tables of numbers in files: CSV and NumPy's `.npy`, read and written.
//!
//! What is read is checked where it is read, so that every error names the file and the place: in CSV the line and the column,
//! counted from 1 as an editor shows them, in `.npy` the row and the column, counted from 0 as NumPy does.

mod csv;
mod format;
mod head;
mod npy;

pub use format::Format;

use std::{
    fs::File,
    io::{self, BufReader, Read, Write},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};

/// A number that a table may hold.
pub trait Number: Copy {
    /// What every number of the table must be.
    const WANTED: &str;
    /// From the text of a CSV field.
    fn parse(field: &str) -> Option<Self>;
    /// From a number of an `.npy` file, each of which is exact in double precision, or too large anyway.
    fn from_f64(x: f64) -> Option<Self>;
}

impl Number for f32 {
    const WANTED: &str = "a number in single precision";

    fn parse(field: &str) -> Option<Self> {
        let x: f32 = field.parse().ok()?;
        // What is spelled out and rounded to infinity is too large.
        (x.is_finite() || field.bytes().all(|byte| !byte.is_ascii_digit())).then_some(x)
    }

    fn from_f64(x: f64) -> Option<Self> {
        let y = x as f32;
        (y.is_finite() || !x.is_finite()).then_some(y)
    }
}

impl Number for u32 {
    const WANTED: &str = "a class, an integer from 0 on";

    fn parse(field: &str) -> Option<Self> {
        field.parse().ok()
    }

    fn from_f64(x: f64) -> Option<Self> {
        (x.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&x)).then_some(x as u32)
    }
}

/// Rows of numbers, all of the same length, at least one of each.
#[derive(Debug)]
pub struct Table<T> {
    /// Row by row.
    pub values: Vec<T>,
    /// Numbers in a row.
    pub columns: usize,
    /// The line of each row, if it was CSV.
    lines: Option<Vec<u64>>,
    /// The columns of the file, counted from 0, if some of them were chosen.
    chosen: Option<Vec<usize>>,
    /// What the file is called.
    name: String,
}

impl<T: Number> Table<T> {
    /// Reads a file, or the standard input for `-`. A table that begins as `.npy` is NumPy's, any other is CSV.
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

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    /// What the file is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the number at this place of `values` was read.
    pub fn place(&self, index: usize) -> String {
        let (row, column) = (index / self.columns, index % self.columns);
        match &self.lines {
            Some(lines) => {
                let column = self.chosen.as_ref().map_or(column, |chosen| chosen[column]);
                format!("{}: line {}, column {}", self.name, lines[row], column + 1)
            }
            None => format!("{}: row {row}, column {column}", self.name),
        }
    }

    /// Where a row was read.
    pub fn place_of_row(&self, row: usize) -> String {
        match &self.lines {
            Some(lines) => format!("{}: line {}", self.name, lines[row]),
            None => format!("{}: row {row}", self.name),
        }
    }
}

impl Table<f32> {
    /// Refuses what is not finite, and says where it stands.
    pub fn check_finite(&self) -> Result<()> {
        match self.values.iter().position(|x| !x.is_finite()) {
            Some(index) => bail!("{}: {:?}, it must be finite", self.place(index), self.values[index]),
            None => Ok(()),
        }
    }

    /// Refuses what no logit may be. Minus infinity masks a class.
    pub fn check_logits(&self) -> Result<()> {
        let bad = |x: &f32| x.is_nan() || *x == f32::INFINITY;
        if let Some(index) = self.values.iter().position(bad) {
            bail!(
                "{}: {:?}, a logit must be finite, or -inf for a class that is masked",
                self.place(index),
                self.values[index]
            );
        }
        let masked = |row: &[f32]| row.iter().all(|&x| x == f32::NEG_INFINITY);
        match self.values.chunks(self.columns).position(masked) {
            Some(row) => {
                bail!("{}: every class is masked, at least one logit must be above -inf", self.place_of_row(row))
            }
            None => Ok(()),
        }
    }

    /// Refuses another shape.
    pub fn check_shape(&self, rows: usize, columns: usize) -> Result<()> {
        ensure!(
            (self.rows(), self.columns) == (rows, columns),
            "{}: {} rows of {}, there must be {rows} rows of {columns}",
            self.name,
            self.rows(),
            self.columns
        );
        Ok(())
    }
}

/// The beginning of what was found in a file: no error prints all of a damaged one.
fn shown(found: &[u8]) -> String {
    const MOST: usize = 40;
    let text = String::from_utf8_lossy(&found[..found.len().min(4 * MOST)]);
    let mut short: String = text.chars().take(MOST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if found.len() > 4 * MOST || text.chars().count() > MOST {
        short.push('…');
    }
    short
}

/// Numbers that are written.
#[derive(Clone, Copy)]
pub enum Values<'a> {
    /// Single precision.
    Real(&'a [f32]),
    /// Classes.
    Class(&'a [u32]),
}

/// Writes rows of numbers as `.npy`, little-endian and in C order, if the file is called so, otherwise as CSV. Every number is
/// read back the same.
pub fn write(path: Option<&Path>, values: Values<'_>, columns: usize, out: &mut dyn Write) -> io::Result<()> {
    match path {
        Some(path) if is_npy(path) => npy::write(values, columns, out),
        _ => csv::write(values, columns, out),
    }
}

fn is_npy(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy"))
}

/// Rows as JSON; what JSON has no number for is `null`.
pub fn json(values: Values<'_>, columns: usize) -> serde_json::Value {
    fn rows<T: Copy>(values: &[T], columns: usize, json: impl Fn(T) -> serde_json::Value) -> serde_json::Value {
        values.chunks(columns).map(|row| row.iter().map(|&x| json(x)).collect::<Vec<_>>()).collect()
    }
    match values {
        Values::Real(values) => rows(values, columns, real),
        Values::Class(values) => rows(values, columns, Into::into),
    }
}

/// The shortest number that reads back the same in single precision.
pub fn real(x: f32) -> serde_json::Value {
    let shortest: f64 = format!("{x:?}").parse().unwrap_or(f64::from(x));
    shortest.into()
}
