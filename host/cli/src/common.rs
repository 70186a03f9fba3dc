//! Options shared by several commands.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use samplegrad_core::Temperature;
use samplegrad_host::Threads;
use serde_json::{Value, json};

use crate::{
    output,
    table::{self, rows::Values},
};

/// Random numbers and threads.
#[derive(Args)]
pub struct Run {
    /// The seed of the random numbers: the same seed gives the same bits
    #[arg(long, default_value_t = 2026)]
    pub seed: u64,
    /// The number of threads; the results do not depend on it [default: as many as the machine runs at once]
    #[arg(long)]
    threads: Option<usize>,
}

impl Run {
    /// Returns the threads.
    pub fn threads(&self) -> Result<Threads> {
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        Threads::new(self.threads.unwrap_or_else(available)).context("--threads")
    }
}

/// The destination of a table.
#[derive(Args)]
pub struct Out {
    /// A file for the table, in NumPy's format if the name ends in `.npy`, otherwise CSV [default: CSV on the standard
    /// output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Prints JSON on the standard output, without other output
    #[arg(long)]
    json: bool,
}

impl Out {
    /// Writes or prints a table; `about` is added to the JSON.
    pub fn give(&self, what: &str, values: Values<'_>, columns: usize, about: Value) -> Result<()> {
        if let Some(path) = &self.out {
            write(path, "--out", values, columns)?;
        }
        if self.json {
            let mut document = document(about);
            document[what] = table::json(values, columns);
            return print_json(&document);
        }
        match self.out {
            Some(_) => Ok(()),
            None => output::print(|out| table::write(None, values, columns, out)),
        }
    }
}

/// Writes a table to the file named by an option.
pub fn write(path: &Path, option: &str, values: Values<'_>, columns: usize) -> Result<()> {
    output::file(path, option, |out| table::write(Some(path), values, columns, out))
}

/// The largest size in bytes of a file that is read whole.
const MOST_OF_FILE: u64 = 1 << 30;

/// Reads a whole file of at most 1 GiB; the limit stops endless devices such as `/dev/zero`.
pub fn read_whole(path: &Path) -> Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(cannot)?;
    file.take(MOST_OF_FILE + 1).read_to_end(&mut bytes).with_context(cannot)?;
    ensure!(
        bytes.len() as u64 <= MOST_OF_FILE,
        "{}: longer than {} GiB, which is the most",
        cannot(),
        MOST_OF_FILE >> 30
    );
    Ok(bytes)
}

/// Returns the common head of this program's JSON documents, followed by `about`.
pub fn document(about: Value) -> Value {
    let mut document =
        json!({ "program": "samplegrad", "version": env!("CARGO_PKG_VERSION"), "bits": samplegrad_core::BITS });
    if let (Some(all), Value::Object(about)) = (document.as_object_mut(), about) {
        all.extend(about);
    }
    document
}

/// Prints a JSON document.
pub fn print_json(document: &Value) -> Result<()> {
    output::print(|out| {
        serde_json::to_writer(&mut *out, document)?;
        out.write_all(b"\n")
    })
}

/// Parses a temperature of the command line.
pub fn temperature(word: &str) -> Result<f32, String> {
    let tau = word.parse::<f32>().map_err(|error| error.to_string())?;
    Temperature::new(tau).map(|_| tau).map_err(|error| error.to_string())
}

/// Returns a value's word on the command line.
pub fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().map_or(String::new(), |value| value.get_name().to_owned())
}
