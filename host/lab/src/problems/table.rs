//! A cost given as a table of values.

use std::{collections::HashMap, fs::File, io::Read, path::Path};

use crate::{
    enumeration,
    error::{Error, TableError, short},
    multilinear::Multilinear,
    problem::Problem,
    variable_kind::{Bits, Classes},
};

/// The largest number of values of a table. An evaluation of the table's extension between the values uses all of them.
const MOST_VALUES: usize = 4096;
/// The largest size of a file in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// A table of the cost of every value of discrete variables.
///
/// The CSV form has a head line with the variables' names and, last, the name of the cost. A line follows for every
/// combination of classes, in any order, with the class of each variable, counted from 0, and the cost. Every
/// combination appears once. In [`Table::values`] the first variable changes fastest, `index = x_0 + K_0 (x_1 + K_1
/// (x_2 + …))`.
///
/// ```
/// use samplegrad_lab::problems::Table;
///
/// let table = Table::parse("colour,size,cost\n0,0,1.5\n1,0,0\n0,1,2\n1,1,-1\n")?;
/// assert_eq!((table.sizes(), table.values()), (&[2, 2][..], &[1.5, 0.0, 2.0, -1.0][..]));
/// let error = Table::parse("colour,cost\n0,1\n1,nan\n").unwrap_err();
/// assert_eq!(error.to_string(), "line 3, column 2: the cost at the sample colour = 1 is NaN, it must be finite");
/// # Ok::<(), samplegrad_lab::TableError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    names: Vec<String>,
    sizes: Vec<usize>,
    values: Vec<f32>,
}

impl Table {
    /// Parses a table.
    ///
    /// # Errors
    /// [`TableError`] with line and column of a field that is damaged, missing, repeated, or not finite.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
        let head = reader.headers().map_err(|error| at(1, 0, error))?.clone();
        let count = head.len().saturating_sub(1);
        if count == 0 {
            let reason = "a head line with a name per variable and one for the cost, between commas, must come first, such as \
                 `x0,x1,cost`";
            return Err(at(1, 0, reason));
        }
        if let Some(column) = head.iter().position(str::is_empty) {
            let reason = "a column without a name, such as the index that pandas writes; write the table with \
                          `to_csv(index=False)`, or give the column a name";
            return Err(at(1, column + 1, reason));
        }
        if let Some(column) = head.iter().position(|name| name.parse::<f64>().is_ok()) {
            return Err(at(1, column + 1, "a name is missing: the head line, such as `x0,x1,cost`, must come first"));
        }
        let names: Vec<String> = head.iter().map(str::to_owned).collect();
        let mut rows: Vec<(u64, Vec<usize>, f32)> = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| at(error.position().map_or(0, csv::Position::line), 0, error))?;
            let line = record.position().map_or(0, csv::Position::line);
            rows.push(row(&names, &record, line)?);
            if rows.len() > MOST_VALUES {
                return Err(at(line, 0, format!("more than {MOST_VALUES} values, which is the most")));
            }
        }
        let end = rows.last().map_or(1, |&(line, ..)| line);
        let sizes: Vec<usize> = (0..count).map(|v| rows.iter().map(|(_, x, _)| x[v] + 1).max().unwrap_or(0)).collect();
        let total = sizes.iter().try_fold(1_usize, |total, &size| total.checked_mul(size)).unwrap_or(usize::MAX);
        let mut seen: HashMap<usize, (u64, f32)> = HashMap::new();
        for (line, x, value) in &rows {
            let index = x
                .iter()
                .zip(&sizes)
                .rev()
                .fold(0_usize, |index, (&x, &size)| index.saturating_mul(size).saturating_add(x));
            if let Some((first, _)) = seen.insert(index, (*line, *value)) {
                return Err(at(*line, 0, format!("{} is there twice, first in line {first}", sample(&names, x))));
            }
        }
        if rows.is_empty() {
            return Err(at(end, 0, "no values follow the head line"));
        }
        if let Some(missing) = (0..total.min(MOST_VALUES + 1)).find(|index| !seen.contains_key(index)) {
            let x: Vec<usize> = enumeration::classes(&sizes, missing).iter().map(|&x| x as usize).collect();
            let reason =
                format!("the table ends without {}: {} of {total} values are there", sample(&names, &x), rows.len());
            return Err(at(end, 0, reason));
        }
        let values = (0..total).filter_map(|index| seen.get(&index).map(|&(_, value)| value)).collect();
        Ok(Self { names, sizes, values })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`TableError`]: line 0 if the file cannot be read.
    pub fn read(file: &Path) -> Result<Self, TableError> {
        let mut bytes = Vec::new();
        let read = File::open(file).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
        read.map_err(|error| at(0, 0, error))?;
        if bytes.len() as u64 > MOST_BYTES {
            let most = MOST_BYTES >> 20;
            return Err(at(0, 0, format!("longer than {most} MiB; a table of {MOST_VALUES} values needs less")));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let before = &error.as_bytes()[..good];
            let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count() as u64;
            let column =
                1 + before.iter().rev().take_while(|&&byte| byte != b'\n').filter(|&&byte| byte == b',').count();
            at(line, column, "this is no text (UTF-8)")
        })?;
        Self::parse(&text)
    }

    /// Writes the table as CSV, the first variable changing fastest.
    pub fn to_csv(&self) -> String {
        let mut text = self.names.join(",") + "\n";
        for (index, value) in self.values.iter().enumerate() {
            let x = enumeration::classes(&self.sizes, index);
            text += &x.iter().map(u32::to_string).chain([value.to_string()]).collect::<Vec<_>>().join(",");
            text.push('\n');
        }
        text
    }

    /// Returns the number of classes of each variable.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Returns the costs, the first variable changing fastest.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    fn formula(&self) -> String {
        format!("E[{}({})]", self.names[self.sizes.len()], self.names[..self.sizes.len()].join(", "))
    }

    /// Creates the problem of categorical variables with these logits. The logits of all classes of the first variable
    /// come first, then those of the next variable.
    ///
    /// # Errors
    /// [`Error::Setting`] unless there is a logit per class, [`Error::Core`] for logits that the core refuses.
    pub fn classes(&self, name: &str, logits: &[f32]) -> Result<Problem<Classes>, Error> {
        let classes = self.sizes.iter().sum::<usize>();
        if logits.len() != classes {
            let requirement = format!("{classes}, one for each class of each variable");
            return Err(Error::Setting { what: "number of logits", found: logits.len().to_string(), requirement });
        }
        let objective = Multilinear::new(&self.sizes, self.values.clone());
        Ok(Problem::new(name, self.formula(), &self.sizes, logits, objective)?.with_rate(0.5))
    }

    /// Creates the problem of Bernoulli variables with these logits.
    ///
    /// # Errors
    /// [`Error::Setting`] unless every variable has two classes and a logit, [`Error::Core`] for logits that the core
    /// refuses.
    pub fn bits(&self, name: &str, logits: &[f32]) -> Result<Problem<Bits>, Error> {
        if let Some(&size) = self.sizes.iter().find(|&&size| size != 2) {
            let requirement = "2 to be a bit; without --bits any number of classes will do".to_owned();
            return Err(Error::Setting { what: "classes of a variable", found: size.to_string(), requirement });
        }
        if logits.len() != self.sizes.len() {
            let requirement = format!("{}, one for each bit", self.sizes.len());
            return Err(Error::Setting { what: "number of logits", found: logits.len().to_string(), requirement });
        }
        let objective = Multilinear::new(&self.sizes, self.values.clone());
        Ok(Problem::new(name, self.formula(), &self.sizes, logits, objective)?.with_rate(0.5))
    }
}

fn at(line: u64, column: usize, reason: impl ToString) -> TableError {
    TableError { line, column, reason: reason.to_string() }
}

/// Formats a sample with the names of its variables.
fn sample(names: &[String], x: &[usize]) -> String {
    // The number of variables that identify a sample to a reader.
    const MOST: usize = 20;
    let each = names.iter().zip(x).take(MOST).map(|(name, x)| format!("{} = {x}", short(name)));
    let more = if x.len() > MOST { ", …" } else { "" };
    format!("the sample {}{more}", each.collect::<Vec<String>>().join(", "))
}

/// Parses one line into its number, the classes, and the cost.
fn row(names: &[String], record: &csv::StringRecord, line: u64) -> Result<(u64, Vec<usize>, f32), TableError> {
    if record.len() != names.len() {
        return Err(at(
            line,
            0,
            format!("{} columns, there must be {} as in the head line", record.len(), names.len()),
        ));
    }
    let count = names.len() - 1;
    let mut x = Vec::new();
    for (v, field) in record.iter().take(count).enumerate() {
        match field.parse::<usize>() {
            Ok(class) if class < MOST_VALUES => x.push(class),
            _ => {
                let reason =
                    format!("`{}` is no class of {}: they are 0, 1, 2 and so on", short(field), short(&names[v]));
                return Err(at(line, v + 1, reason));
            }
        }
    }
    let field = record.get(count).unwrap_or_default();
    match field.parse::<f32>() {
        Ok(value) if value.is_finite() => Ok((line, x, value)),
        Ok(value) => {
            // A number beyond the range of single precision is infinite too.
            let reason = format!("the cost at {} is {value}, it must be finite", sample(names, &x));
            Err(at(line, count + 1, reason))
        }
        Err(_) => Err(at(line, count + 1, format!("`{}` is no number", short(field)))),
    }
}
