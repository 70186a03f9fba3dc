//! Rows of features, each with its class.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use samplegrad_core::Features;
use samplegrad_tasks::fingerprint;

use crate::table::{format::Format, rows::Table};

/// The largest number of classes of a policy.
pub const CLASSES: usize = 64;
/// The largest number of features of a policy.
pub const FEATURES: usize = 1024;

/// The source of the rows.
#[derive(Args)]
pub struct Source {
    /// Features as CSV or `.npy`, one example per row; without --labels, the last column is the class
    data: PathBuf,
    /// The class of each row, counted from 0: one column
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// The divisor of the features; use 16 for the pixels of the digits
    #[arg(long, default_value_t = 1.0)]
    scale: f32,
    /// Holds out the last row of each group of this many rows; 0 holds out none
    #[arg(long, default_value_t = 5, value_name = "ROWS")]
    held_out: usize,
    /// The number of classes [default: one more than the largest class; then each class must occur]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=CLASSES as i64))]
    classes: Option<u32>,
    #[command(flatten)]
    format: Format,
}

/// The rows, split into training and held-out rows.
pub struct Data {
    features: Vec<f32>,
    labels: Vec<u32>,
    /// The number of features in a row.
    pub columns: usize,
    /// The number of classes.
    pub classes: usize,
    /// The indices of the training rows.
    pub training: Vec<usize>,
    /// The indices of the held-out rows.
    pub held_out: Vec<usize>,
}

impl Source {
    /// Reads and checks the rows.
    pub fn read(&self) -> Result<Data> {
        ensure!(self.held_out != 1, "--held-out 1 leaves no row to learn from; 5 holds out every fifth");
        ensure!(self.scale.is_finite() && self.scale > 0.0, "--scale {}, it must be above 0 and finite", self.scale);
        let table = Table::<f32>::read(&self.data, &self.format)?;
        let mut labels_of = table.name().to_owned();
        let (mut features, labels, columns) = match &self.labels {
            None => {
                let columns = table.columns - 1;
                ensure!(
                    columns > 0,
                    "{}: one column, there must be features and the class; or say where the classes are with --labels",
                    table.name()
                );
                let mut labels = Vec::with_capacity(table.rows());
                let mut features = Vec::with_capacity(table.rows() * columns);
                for (row, values) in table.values.chunks(table.columns).enumerate() {
                    labels.push(class(values[columns], || table.place(row * table.columns + columns))?);
                    features.extend_from_slice(&values[..columns]);
                }
                (features, labels, columns)
            }
            Some(path) => {
                let labels = Table::<u32>::read(path, &self.format.all_columns())?;
                let count = labels.values.len();
                ensure!(
                    labels.columns == 1 || labels.rows() == 1,
                    "{}: {} columns; keep only that of the labels",
                    labels.name(),
                    labels.columns
                );
                labels_of = labels.name().to_owned();
                let rows = table.rows();
                ensure!(
                    count == rows,
                    "{}: {count} labels, {} has {rows} rows; there must be one for each row",
                    labels.name(),
                    table.name()
                );
                if let Some(row) = labels.values.iter().position(|&label| label as usize >= CLASSES) {
                    bail!("{}: class {}, it must be below {CLASSES}", labels.place(row), labels.values[row]);
                }
                (table.values.clone(), labels.values, table.columns)
            }
        };
        ensure!(
            columns <= FEATURES,
            "{}: {columns} features, at most {FEATURES} are seen; choose some with --columns",
            table.name()
        );
        for (index, x) in features.iter_mut().enumerate() {
            let (row, column) = (index / columns, index % columns);
            let scaled = *x / self.scale;
            if !(-Features::<1>::MAX..=Features::<1>::MAX).contains(&scaled) {
                let place = table.place(row * table.columns + column);
                bail!("{place}: {x:?}, a feature must be at most 1e6 in magnitude once it is divided by --scale");
            }
            *x = scaled;
        }
        let rows = labels.len();
        let is_held_out = |row: &usize| self.held_out > 0 && row % self.held_out == self.held_out - 1;
        let (held_out, training): (Vec<usize>, Vec<usize>) = (0..rows).partition(is_held_out);
        ensure!(
            !training.is_empty(),
            "{}: no row is left to learn from; give more rows, or --held-out 0",
            table.name()
        );
        let classes = self.classes_of(&labels).with_context(|| labels_of)?;
        Ok(Data { features, labels, columns, classes, training, held_out })
    }

    /// Returns the number of classes. Labels are often counted from 1, in which case class 0 would be an action that is
    /// never right. Therefore, without `--classes`, every class must occur.
    fn classes_of(&self, labels: &[u32]) -> Result<usize> {
        let (least, most) = labels.iter().fold((u32::MAX, 0), |(least, most), &x| (least.min(x), most.max(x)));
        if let Some(classes) = self.classes {
            ensure!(most < classes, "class {most}, with --classes {classes} they are 0 to {}", classes - 1);
            return Ok(classes as usize);
        }
        let classes = most as usize + 1;
        let mut occurs = vec![false; classes];
        labels.iter().for_each(|&label| occurs[label as usize] = true);
        if let Some(absent) = occurs.iter().position(|&occurs| !occurs) {
            let advice = match least {
                0 => String::new(),
                _ => format!("subtract {least} from every label, or "),
            };
            bail!(
                "the classes are {least} to {most}, and no row has class {absent}: classes count from 0; {advice}if some do not \
                 occur here, say how many there are, such as --classes {classes}"
            );
        }
        Ok(classes)
    }
}

fn class(x: f32, place: impl Fn() -> String) -> Result<u32> {
    if x.fract() == 0.0 && (0.0..CLASSES as f32).contains(&x) {
        return Ok(x as u32);
    }
    bail!(
        "{}: {x:?} is no class, an integer from 0 to {}; or say where the classes are with --labels",
        place(),
        CLASSES - 1
    )
}

impl Data {
    /// Returns a row, and its class.
    pub fn row(&self, row: usize) -> (&[f32], u32) {
        (&self.features[row * self.columns..][..self.columns], self.labels[row])
    }

    /// Computes a hash of all numbers: 64-bit FNV-1a over words.
    pub fn fingerprint(&self) -> u64 {
        let words = self.features.iter().map(|x| x.to_bits()).chain(self.labels.iter().copied());
        fingerprint::of_words(words.chain([self.columns as u32, self.held_out.len() as u32]))
    }
}
