//! The first line of a CSV table. It is either a head with names or a row of data.

use anyhow::{Result, bail, ensure};
use csv::ByteRecord;

use crate::table::{
    field::{delimiter_within, number},
    format::Format,
};

/// Words that pandas, R, SAS and ARFF write for a missing value, in lower case.
const MISSING: [&str; 13] = ["", "na", "n/a", "#na", "#n/a", "<na>", "nan", "null", "none", "missing", "?", ".", "-"];

/// Returns whether the first line of a table is a head.
///
/// If `--header` or `--no-header` is given, this option decides. Otherwise a line is a head if it contains no number
/// and at least one name. A name is a field that is neither empty nor a word for a missing value. A line with an empty
/// field followed by 0, 1, 2 and so on is also a head, because pandas writes such a line if the columns have no names.
pub(super) fn is_head(record: &ByteRecord, format: &Format, name: &str, line: u64) -> Result<bool> {
    if format.header || format.no_header {
        return Ok(format.header);
    }
    if record.len() > 1 && record[0].is_empty() && (0..).zip(record.iter().skip(1)).all(|(i, field)| is(field, i)) {
        return Ok(true);
    }
    let numbers_of_other_form = record.len() == 1 && delimiter_within(&record[0]).is_some();
    if numbers_of_other_form || record.iter().any(|field| number::<f64>(field).is_some()) {
        return Ok(false);
    }
    ensure!(
        !record.iter().all(is_missing),
        "{name}: line {line}: only missing values; take the line out, or say that it is a head with --header"
    );
    Ok(true)
}

/// Returns whether a field is empty or a word for a missing value.
pub(super) fn is_missing(field: &[u8]) -> bool {
    str::from_utf8(field).is_ok_and(|field| MISSING.iter().any(|word| field.eq_ignore_ascii_case(word)))
}

fn is(field: &[u8], number: u64) -> bool {
    field == number.to_string().as_bytes()
}

/// Refuses a head whose first name is missing, unless the user selected columns. If pandas or R wrote such a file, the
/// first column contains row numbers.
pub(super) fn check(head: &ByteRecord, format: &Format, name: &str, line: u64) -> Result<()> {
    if head.len() > 1 && head[0].is_empty() && format.columns.is_none() {
        bail!(
            "{name}: line {line}, column 1: a column without a name, as pandas writes its index; write the table with \
             `to_csv(index=False)`, or choose columns: --columns 2-{}",
            head.len()
        );
    }
    Ok(())
}
