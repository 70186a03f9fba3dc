//! Tables as CSV.

use std::{
    cell::Cell,
    io::{self, Read, Write},
};

use anyhow::{Result, anyhow, bail, ensure};

use crate::table::{
    field::{delimiter_within, number_of},
    format::Format,
    head,
    rows::{Number, Table, Values, shown},
};

/// The largest number of bytes in a line.
const MOST_OF_LINE: usize = 1 << 24;
/// The largest number of numbers in a table.
const MOST_NUMBERS: usize = 1 << 28;

/// Reads lines of numbers. The first line may be a head ([`head::is_head`]), which is skipped.
pub(super) fn read<T: Number>(name: &str, from: impl Read, format: &Format) -> Result<Table<T>> {
    // A line end is added to the last line, so that the reader's own line count is always one more than the number of
    // the line just read. The carriage return of some systems is trimmed as a blank.
    let bytes = Cell::new(0);
    let delimiter = format.delimiter.unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .terminator(csv::Terminator::Any(b'\n'))
        .trim(csv::Trim::All)
        .from_reader(Bounded { from: from.chain(&b"\n"[..]), bytes: &bytes });
    let (mut values, mut lines) = (Vec::new(), Vec::new());
    // The number of fields in the head or, without a head, in the first row, and the name of that line.
    let mut width: Option<(usize, &str)> = None;
    let mut chosen: Vec<usize> = Vec::new();
    let mut record = csv::ByteRecord::new();
    let mut first = true;
    loop {
        bytes.set(0);
        let more = reader.read_byte_record(&mut record);
        let line = reader.position().line();
        let more = more.map_err(|error| match bytes.get() {
            ..=MOST_OF_LINE => anyhow!("cannot read {name}: {error}"),
            _ => anyhow!(
                "{name}: line {line}: longer than {} MiB, which is the most; is it a table of numbers?",
                MOST_OF_LINE >> 20
            ),
        })?;
        if !more {
            break;
        }
        let line = line - 1;
        if record.len() == 1 && record[0].is_empty() {
            continue;
        }
        let is_head = first && head::is_head(&record, format, name, line)?;
        if first {
            chosen = match &format.columns {
                Some(columns) => columns.of(record.len())?,
                None => (0..record.len()).collect(),
            };
            first = false;
        }
        let (expected, before) = *width.get_or_insert((record.len(), "the lines before have"));
        if is_head {
            head::check(&record, format, name, line)?;
            width = Some((record.len(), "the head has"));
            continue;
        }
        if record.len() < expected {
            bail!("{name}: line {line}, column {}: missing, {before} {expected} columns", record.len() + 1);
        }
        if record.len() > expected {
            bail!("{name}: line {line}, column {}: too much, {before} {expected} columns", expected + 1);
        }
        for &column in &chosen {
            let Some(x) = number_of(&record[column], T::parse) else {
                let advice = advice(&record[column], delimiter, lines.is_empty() && !format.no_header);
                let found = shown(&record[column]);
                bail!("{name}: line {line}, column {}: `{found}` is not {}{advice}", column + 1, T::WANTED);
            };
            values.push(x);
        }
        ensure!(
            values.len() <= MOST_NUMBERS,
            "{name}: line {line}: more than {MOST_NUMBERS} numbers, which is the most of a CSV table; save it as .npy"
        );
        lines.push(line);
    }
    if lines.is_empty() {
        let advice =
            if width.is_some() { "; the only line is taken as a head, --no-header takes it as a row" } else { "" };
        bail!("{name}: no line of numbers, at least one is needed{advice}");
    }
    let chosen_columns = format.columns.is_some().then(|| chosen.clone());
    Ok(Table { values, columns: chosen.len(), lines: Some(lines), chosen: chosen_columns, name: name.to_owned() })
}

/// Returns advice about a field that is not a number.
fn advice(field: &[u8], delimiter: u8, first: bool) -> String {
    match delimiter_within(field) {
        Some((b',', _)) if delimiter == b';' => return "; write decimals with a point".to_owned(),
        Some((_, word)) => return format!("; say what stands between the fields: --delimiter {word}"),
        None => {}
    }
    if head::is_missing(field) {
        return "; the value is missing: write a number, or take the line out".to_owned();
    }
    match first {
        true => "; if the line is a head, say so with --header".to_owned(),
        false => String::new(),
    }
}

/// A reader that counts bytes, and fails on a line that is too long.
struct Bounded<'a, R> {
    from: R,
    bytes: &'a Cell<usize>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The consumer has used all earlier bytes, and found no line end since the count was set to 0.
        if self.bytes.get() > MOST_OF_LINE {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let read = self.from.read(buffer)?;
        self.bytes.set(self.bytes.get() + read);
        Ok(read)
    }
}

/// Writes a line per row. Each number is the shortest decimal that reads back as the same number.
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
