//! A parser that also checks the table of digits. The build of the firmware uses the parser, and so do programs that
//! read the file at run time.

use core::fmt;

use crate::fingerprint;

/// Number of rows of the table.
pub const ROWS: usize = 1797;
/// Number of columns. Each row has 64 pixels and then the digit.
pub const COLUMNS: usize = 65;
/// The largest value of a pixel.
pub const INK: u8 = 16;

/// The checksum of the table: 64-bit FNV-1a over all numbers, row by row.
const CHECKSUM: u64 = 0x7768_69cc_e379_5967;

/// An error in the table, with the row and column if known. Rows and columns count from 1, as in an editor.
///
/// ```
/// use samplegrad_tasks::csv::{CsvError, parse};
///
/// let error = parse("0,1,2", |_| ()).unwrap_err();
/// assert_eq!(error, CsvError::Columns { row: 1, found: 3 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsvError {
    /// A row does not have 65 columns.
    Columns {
        /// The row.
        row: usize,
        /// The number of columns found.
        found: usize,
    },
    /// A field is not an integer from 0 to 16 (pixel) or from 0 to 9 (digit).
    Value {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
    },
    /// The table does not have 1797 rows.
    Rows {
        /// The number of rows found.
        found: usize,
    },
    /// Every row is valid, but the numbers differ from the original table.
    Checksum {
        /// The checksum found.
        found: u64,
    },
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            CsvError::Columns { row, found } => {
                write!(f, "row {row} has {found} columns, it must have {COLUMNS}: 64 pixels and the digit")
            }
            CsvError::Value { row, column } => {
                let range = if column == COLUMNS { "a digit from 0 to 9" } else { "a pixel from 0 to 16" };
                write!(f, "row {row}, column {column}: not {range}")
            }
            CsvError::Rows { found } => write!(f, "{found} rows, there must be {ROWS}"),
            CsvError::Checksum { found } => {
                write!(f, "numbers were changed: their checksum is {found:016x}, it must be {CHECKSUM:016x}")
            }
        }
    }
}

impl core::error::Error for CsvError {}

/// Calls `each` for every row, from first to last.
///
/// # Errors
/// [`CsvError`] for the first damaged row. In this case `each` has been called for the rows before the damaged row. If
/// rows are missing or numbers differ from the original, the error is returned after the last row.
pub fn parse(text: &str, mut each: impl FnMut(&[u8; COLUMNS])) -> Result<(), CsvError> {
    let (mut rows, mut checksum) = (0, fingerprint::EMPTY);
    for line in text.lines() {
        rows += 1;
        let mut values = [0; COLUMNS];
        let found = line.split(',').count();
        if found != COLUMNS {
            return Err(CsvError::Columns { row: rows, found });
        }
        for (column, (value, field)) in (1..).zip(values.iter_mut().zip(line.split(','))) {
            let limit = if column == COLUMNS { 9 } else { INK };
            match field.trim().parse() {
                Ok(number) if number <= limit => *value = number,
                _ => return Err(CsvError::Value { row: rows, column }),
            }
        }
        checksum = values.iter().fold(checksum, |sum, &x| fingerprint::add(sum, u32::from(x)));
        each(&values);
    }
    match (rows, checksum) {
        (ROWS, CHECKSUM) => Ok(()),
        (ROWS, found) => Err(CsvError::Checksum { found }),
        (found, _) => Err(CsvError::Rows { found }),
    }
}
