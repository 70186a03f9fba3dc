//! Pictures of ink and paper, for training and held out.

use std::{fs, io::Read, path::Path};

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use samplegrad_tasks::optdigits;

/// Pictures, row-major, each pixel 0 or 1.
#[derive(Clone, Debug)]
pub struct Images {
    pub name: String,
    pub width: usize,
    pub pixels: usize,
    pub training: Vec<f32>,
    pub held_out: Vec<f32>,
}

impl Images {
    /// Loads the 8×8 digits of this repository. Pixels from 8 of 16 on are ink. Every fifth row is held out.
    pub fn digits() -> Self {
        let binary = |example: optdigits::Example| example.pixels.map(|pixel| f32::from(u8::from(pixel >= 8)));
        Self {
            name: "digits".into(),
            width: 8,
            pixels: optdigits::PIXELS,
            training: optdigits::training().flat_map(binary).collect(),
            held_out: optdigits::held_out().flat_map(binary).collect(),
        }
    }

    /// Loads Fashion-MNIST, 28×28, from Debian's package `dataset-fashion-mnist`. Pixels from 128 of 255 on are ink.
    pub fn fashion_mnist(folder: &Path) -> Result<Self> {
        let (training, width) = idx(&folder.join("train-images-idx3-ubyte.gz"))?;
        let (held_out, same) = idx(&folder.join("t10k-images-idx3-ubyte.gz"))?;
        ensure!(width == same, "{}: pictures of {width} and of {same} columns", folder.display());
        Ok(Self { name: "fashion-mnist".into(), width, pixels: width * width, training, held_out })
    }

    /// Reads square pictures from a CSV file without a header, one picture per row. Pixels are from 0 to 1, and pixels
    /// from ½ on are ink. Every fifth row is held out.
    pub fn csv(file: &Path) -> Result<Self> {
        let name = file.display().to_string();
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(file).context(name.clone())?;
        let (mut training, mut held_out, mut pixels) = (Vec::new(), Vec::new(), 0);
        for (row, record) in reader.records().enumerate() {
            let record = record.with_context(|| format!("{name}, row {}", row + 1))?;
            if row == 0 {
                pixels = record.len();
            }
            ensure!(record.len() == pixels, "{name}, row {}: {} numbers, row 1 has {pixels}", row + 1, record.len());
            let to = if row % 5 == 4 { &mut held_out } else { &mut training };
            for (column, text) in record.iter().enumerate() {
                let value = text.trim().parse::<f32>();
                let Some(value) = value.ok().filter(|x| (0.0..=1.0).contains(x)) else {
                    bail!("{name}, row {}, column {}: `{text}`, a pixel is a number from 0 to 1", row + 1, column + 1);
                };
                to.push(f32::from(u8::from(value >= 0.5)));
            }
        }
        let width = pixels.isqrt();
        ensure!(width * width == pixels && pixels > 0, "{name}: {pixels} pixels a row, that is no square picture");
        ensure!(!held_out.is_empty(), "{name}: fewer than five pictures, every fifth is held out");
        Ok(Self { name, width, pixels, training, held_out })
    }

    /// Computes the log-odds of ink at each pixel in the training pictures. Half a picture with ink and half a picture
    /// without ink are added to the counts.
    pub fn log_odds(&self) -> Vec<f32> {
        let inked = |pixel| self.training.iter().skip(pixel).step_by(self.pixels).sum::<f32>();
        let count = self.count() as f32;
        (0..self.pixels).map(inked).map(|ink| libm::logf((ink + 0.5) / (count - ink + 0.5))).collect()
    }

    /// Returns the number of training pictures.
    pub fn count(&self) -> usize {
        self.training.len() / self.pixels
    }
}

/// Reads square pictures from a compressed file in the format IDX: pixels from 128 on are ink. Also returns their
/// width.
fn idx(file: &Path) -> Result<(Vec<f32>, usize)> {
    let name = file.display();
    let compressed = fs::read(file).with_context(|| name.to_string())?;
    let mut bytes = Vec::new();
    GzDecoder::new(&compressed[..])
        .read_to_end(&mut bytes)
        .with_context(|| format!("{name}: not a whole gzip file"))?;
    let word = |at: usize| bytes.get(at * 4..at * 4 + 4).map(|w| u32::from_be_bytes([w[0], w[1], w[2], w[3]]) as usize);
    let (Some(0x803), Some(count), Some(rows), Some(columns)) = (word(0), word(1), word(2), word(3)) else {
        bail!("{name}: no pictures in the format IDX");
    };
    ensure!(rows == columns && rows > 0, "{name}: pictures of {rows} × {columns}, they must be square");
    let expected = count.checked_mul(rows * columns).and_then(|n| n.checked_add(16));
    ensure!(
        expected == Some(bytes.len()),
        "{name}: {} bytes, {count} pictures of {rows} × {columns} have others",
        bytes.len()
    );
    Ok((bytes[16..].iter().map(|&pixel| f32::from(u8::from(pixel >= 128))).collect(), rows))
}
