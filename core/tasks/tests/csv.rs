//! Tests of the table of digits: intact, and damaged in typical ways.

use samplegrad_tasks::csv::{COLUMNS, CsvError, ROWS, parse};

const TABLE: &str = include_str!("../data/optdigits.csv");

/// Returns the result of parsing after line `row`, counted from 1, was changed.
fn after(row: usize, change: impl Fn(&str) -> String) -> Result<(), CsvError> {
    let lines =
        (1..).zip(TABLE.lines()).map(|(number, line)| if number == row { change(line) } else { line.to_owned() });
    parse(&lines.collect::<Vec<_>>().join("\n"), |_| {})
}

#[test]
fn the_table_is_whole() {
    let mut rows = Vec::new();
    assert_eq!(parse(TABLE, |row| rows.push(*row)), Ok(()));
    assert_eq!(rows.len(), ROWS);
    assert_eq!(after(ROWS, str::to_owned), Ok(()));
}

#[test]
fn damage_is_named_with_its_place() {
    assert_eq!(after(7, |line| format!("{line},0")), Err(CsvError::Columns { row: 7, found: COLUMNS + 1 }));
    assert_eq!(after(1, |_| String::new()), Err(CsvError::Columns { row: 1, found: 1 }));
    assert_eq!(after(1797, |line| line[..20].to_owned()), Err(CsvError::Columns { row: 1797, found: 10 }));
    assert_eq!(after(3, |line| line.replacen("0,", "17,", 1)), Err(CsvError::Value { row: 3, column: 1 }));
    assert_eq!(after(3, |line| line.replacen("0,", "x,", 1)), Err(CsvError::Value { row: 3, column: 1 }));
    assert_eq!(after(3, |line| line.replacen("0,", "-1,", 1)), Err(CsvError::Value { row: 3, column: 1 }));
    let digit = |line: &str| format!("{},10", line.rsplit_once(',').unwrap().0);
    assert_eq!(after(9, digit), Err(CsvError::Value { row: 9, column: 65 }));
    let half: String = TABLE.lines().take(900).map(|line| format!("{line}\n")).collect();
    assert_eq!(parse(&half, |_| {}), Err(CsvError::Rows { found: 900 }));
    assert_eq!(parse(&format!("{TABLE}{half}"), |_| {}), Err(CsvError::Rows { found: ROWS + 900 }));
    assert_eq!(parse("", |_| {}), Err(CsvError::Rows { found: 0 }));
}

#[test]
fn a_number_that_was_changed_is_noticed() {
    let changed = after(5, |line| line.replacen("0,", "1,", 1));
    assert!(matches!(changed, Err(CsvError::Checksum { .. })), "{changed:?}");
    assert!(changed.unwrap_err().to_string().contains("numbers were changed"));
}
