//! Options for the format of a CSV table.

use std::{fmt, ops::RangeInclusive};

use anyhow::{Result, ensure};
use clap::Args;

/// The form of CSV tables that are read.
#[derive(Args, Clone, Debug, Default)]
pub struct Format {
    /// The character between the fields of CSV: one character, or `tab` [default: a comma]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// Reads the first line of CSV as names of columns, even if it consists of numbers
    #[arg(long, conflicts_with = "no_header")]
    pub header: bool,
    /// Reads the first line of CSV as a row of numbers
    #[arg(long)]
    pub no_header: bool,
    /// Columns of the CSV table to use, counted from 1, in this order, such as 2-11 or 3,1 [default: all]
    #[arg(long, value_name = "COLUMNS", value_parser = Columns::parse)]
    pub columns: Option<Columns>,
}

impl Format {
    /// Returns the same format with all columns selected.
    pub fn all_columns(&self) -> Self {
        Self { columns: None, ..self.clone() }
    }
}

fn delimiter(word: &str) -> Result<u8, String> {
    match (word, word.as_bytes()) {
        ("tab" | "\\t", _) => Ok(b'\t'),
        (_, &[byte]) if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\r\n\"+-.".contains(&byte) => Ok(byte),
        _ => Err("it must be one character that is no part of a number, such as ';', or `tab`".to_owned()),
    }
}

/// A selection of columns, counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    ranges: Vec<RangeInclusive<usize>>,
    /// The selection as written on the command line.
    text: String,
}

impl Columns {
    fn parse(text: &str) -> Result<Self, String> {
        let number = |word: &str| word.trim().parse::<usize>().ok().filter(|&number| number > 0);
        let range = |word: &str| match word.split_once('-') {
            None => number(word).map(|only| only..=only),
            // A range without an end extends to the last column.
            Some((first, "")) => number(first).map(|first| first..=usize::MAX),
            Some((first, last)) => number(first).zip(number(last)).map(|(first, last)| first..=last),
        };
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        ranges
            .filter(|ranges| ranges.iter().all(|range| range.start() <= range.end()))
            .map(|ranges| Self { ranges, text: text.to_owned() })
            .ok_or_else(|| "they must be numbers from 1, or ranges of them, such as 2-11, 2- or 3,1".to_owned())
    }

    /// Returns the number, if the selection is a single number.
    pub fn only(&self) -> Option<usize> {
        match self.ranges.as_slice() {
            [range] if range.start() == range.end() => Some(*range.start()),
            _ => None,
        }
    }

    /// Returns the selected columns, counted from 0, of a table with so many columns.
    pub fn of(&self, columns: usize) -> Result<Vec<usize>> {
        let mut chosen = Vec::new();
        let mut seen = vec![false; columns];
        for range in &self.ranges {
            let last = if *range.end() == usize::MAX { columns } else { *range.end() };
            for column in [*range.start(), last] {
                ensure!(column <= columns, "--columns {self}: there is no column {column}, the table has {columns}");
            }
            for column in range.start() - 1..last {
                ensure!(!seen[column], "--columns {self}: column {} is there twice", column + 1);
                seen[column] = true;
                chosen.push(column);
            }
        }
        Ok(chosen)
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
