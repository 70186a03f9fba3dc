//! Tables of numbers in files: CSV and NumPy's `.npy`, read and written.
//!
//! What is read is checked where it is read, so that every error names the file and the place: in CSV the line and the column,
//! counted from 1 as an editor shows them, in `.npy` the row and the column, counted from 0 as NumPy does.

mod csv;
mod npy;

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
    /// What the file is called.
    name: String,
}

impl<T: Number> Table<T> {
    /// Reads a file; `-` is CSV from the standard input. What is no `.npy` file is CSV.
    pub fn read(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            return csv::read("the standard input", io::stdin().lock());
        }
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
        let size = file.metadata().with_context(|| format!("cannot read {name}"))?;
        ensure!(!size.is_dir(), "cannot read {name}: it is a folder");
        let mut file = BufReader::new(file);
        let mut begin = Vec::new();
        file.by_ref()
            .take(npy::MAGIC.len() as u64)
            .read_to_end(&mut begin)
            .with_context(|| format!("cannot read {name}"))?;
        if begin == npy::MAGIC {
            return npy::read(&name, size.len(), begin.chain(file));
        }
        ensure!(!is_npy(path), "{name} is no .npy file: it does not begin as one; a CSV file needs another name");
        csv::read(&name, begin.chain(file))
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
            Some(lines) => format!("{}: line {}, column {}", self.name, lines[row], column + 1),
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
