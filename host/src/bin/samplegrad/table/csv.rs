//! Tables as CSV.

use std::io::{self, Read, Write};

use anyhow::{Context, Result, bail};

use super::{Number, Table, Values};

/// Reads lines of numbers between commas. A first line without any number is a head and passed over.
pub(super) fn read<T: Number>(name: &str, from: impl Read) -> Result<Table<T>> {
    // The last line ends as the others do, so that the reader's own count of lines is one more than the line just read; the
    // carriage return of some systems is trimmed as a blank.
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .terminator(csv::Terminator::Any(b'\n'))
        .trim(csv::Trim::All)
        .from_reader(from.chain(&b"\n"[..]));
    let (mut values, mut lines, mut columns) = (Vec::new(), Vec::new(), None);
    let mut record = csv::ByteRecord::new();
    let mut first = true;
    loop {
        let more = reader.read_byte_record(&mut record).with_context(|| format!("cannot read {name}"))?;
        if !more {
            break;
        }
        let line = reader.position().line() - 1;
        if record.len() == 1 && record[0].is_empty() {
            continue;
        }
        let head = first && record.iter().all(|field| number::<f64>(field).is_none());
        first = false;
        if head {
            continue;
        }
        let expected = *columns.get_or_insert(record.len());
        if record.len() < expected {
            bail!(
                "{name}: line {line}, column {}: missing, the lines before have {expected} columns",
                record.len() + 1
            );
        }
        if record.len() > expected {
            bail!("{name}: line {line}, column {}: too much, the lines before have {expected} columns", expected + 1);
        }
        for (column, field) in (1..).zip(&record) {
            let Some(x) = number_of(field, T::parse) else {
                bail!("{name}: line {line}, column {column}: `{}` is not {}", shown(field), T::WANTED);
            };
            values.push(x);
        }
        lines.push(line);
    }
    match columns {
        Some(columns) => Ok(Table { values, columns, lines: Some(lines), name: name.to_owned() }),
        None => bail!("{name}: no line of numbers, at least one is needed"),
    }
}

fn number<T: std::str::FromStr>(field: &[u8]) -> Option<T> {
    number_of(field, |field| field.parse().ok())
}

fn number_of<T>(field: &[u8], parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    str::from_utf8(field).ok().and_then(parse)
}

/// What stands there, but not pages of it.
fn shown(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field);
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Writes a line a row. Numbers are the shortest that read back the same.
pub(super) fn write(values: Values<'_>, columns: usize, out: &mut dyn Write) -> io::Result<()> {
    fn rows<T: std::fmt::Debug>(values: &[T], columns: usize, out: &mut dyn Write) -> io::Result<()> {
        for row in values.chunks(columns) {
            for (column, x) in row.iter().enumerate() {
                if column > 0 {
                    out.write_all(b",")?;
                }
                write!(out, "{x:?}")?;
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }
    match values {
        Values::Real(values) => rows(values, columns, out),
        Values::Class(values) => rows(values, columns, out),
    }
}
