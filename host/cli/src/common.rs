//! Options that several commands have.

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
    /// Which random numbers: the same seed gives the same bits
    #[arg(long, default_value_t = 2026)]
    pub seed: u64,
    /// On how many threads; it changes no bit [default: as many as the machine runs at once]
    #[arg(long)]
    threads: Option<usize>,
}

impl Run {
    /// The threads.
    pub fn threads(&self) -> Result<Threads> {
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        Threads::new(self.threads.unwrap_or_else(available)).context("--threads")
    }
}

/// Where a table goes.
#[derive(Args)]
pub struct Out {
    /// A file for the table, NumPy's if it ends in `.npy`, otherwise CSV [default: CSV on the standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// JSON on the standard output, and nothing else there
    #[arg(long)]
    json: bool,
}

impl Out {
    /// Writes or prints a table; `about` is what JSON says beside it.
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

/// Writes a table into the file that an option named.
pub fn write(path: &Path, option: &str, values: Values<'_>, columns: usize) -> Result<()> {
    output::file(path, option, |out| table::write(Some(path), values, columns, out))
}

/// The most bytes of a file that is read whole.
const MOST_OF_FILE: u64 = 1 << 30;

/// Reads a whole file, of at most 1 GiB: a device such as `/dev/zero` never ends.
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

/// What every JSON of this program begins with, and what it is about.
pub fn document(about: Value) -> Value {
    let mut document =
        json!({ "program": "samplegrad", "version": env!("CARGO_PKG_VERSION"), "bits": samplegrad_core::BITS });
    if let (Some(all), Value::Object(about)) = (document.as_object_mut(), about) {
        all.extend(about);
    }
    document
}

/// Prints it.
pub fn print_json(document: &Value) -> Result<()> {
    output::print(|out| {
        serde_json::to_writer(&mut *out, document)?;
        out.write_all(b"\n")
    })
}

/// For a temperature on the command line.
pub fn temperature(word: &str) -> Result<f32, String> {
    let tau = word.parse::<f32>().map_err(|error| error.to_string())?;
    Temperature::new(tau).map(|_| tau).map_err(|error| error.to_string())
}

/// The word on the command line for a value.
pub fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().map_or(String::new(), |value| value.get_name().to_owned())
}
