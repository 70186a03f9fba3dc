//! Rows of numbers, with the place in the file of each.

use anyhow::{Result, bail, ensure};

/// A number that a table may hold.
pub trait Number: Copy {
    /// A description of the numbers that the table may hold, for errors.
    const WANTED: &str;
    /// Parses the text of a CSV field.
    fn parse(field: &str) -> Option<Self>;
    /// Converts a number of an `.npy` file. The argument is exact, except for integers that are too large to be valid.
    fn from_f64(x: f64) -> Option<Self>;
}

impl Number for f32 {
    const WANTED: &str = "a number in single precision";

    fn parse(field: &str) -> Option<Self> {
        let x: f32 = field.parse().ok()?;
        // A number in digits that rounds to infinity is too large.
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

/// Rows of numbers, all of the same length; at least one row and one column.
#[derive(Debug)]
pub struct Table<T> {
    /// The numbers, row by row.
    pub values: Vec<T>,
    /// The number of columns.
    pub columns: usize,
    /// The line of each row, for a CSV file.
    pub(super) lines: Option<Vec<u64>>,
    /// The selected columns of the file, counted from 0, if columns were selected.
    pub(super) chosen: Option<Vec<usize>>,
    /// The name of the file.
    pub(super) name: String,
}

impl<T: Number> Table<T> {
    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    /// Returns the name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the place in the file of a number, given its index in `values`.
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

    /// Returns the place in the file of a row.
    pub fn place_of_row(&self, row: usize) -> String {
        match &self.lines {
            Some(lines) => format!("{}: line {}", self.name, lines[row]),
            None => format!("{}: row {row}", self.name),
        }
    }
}

impl Table<f32> {
    /// Refuses numbers that are not finite, with their place.
    pub fn check_finite(&self) -> Result<()> {
        match self.values.iter().position(|x| !x.is_finite()) {
            Some(index) => bail!("{}: {:?}, it must be finite", self.place(index), self.values[index]),
            None => Ok(()),
        }
    }

    /// Refuses numbers that cannot be logits. Minus infinity masks a class.
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

    /// Refuses a table of another shape.
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

/// Truncates a text found in a file, so that no error prints the whole of a damaged file.
pub(super) fn shown(found: &[u8]) -> String {
    const MOST: usize = 40;
    let text = String::from_utf8_lossy(&found[..found.len().min(4 * MOST)]);
    let mut short: String = text.chars().take(MOST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if found.len() > 4 * MOST || text.chars().count() > MOST {
        short.push('…');
    }
    short
}

/// Numbers to write.
#[derive(Clone, Copy)]
pub enum Values<'a> {
    /// Single precision.
    Real(&'a [f32]),
    /// Classes.
    Class(&'a [u32]),
}
