//! Results of the demo, for the terminal and as a page.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use samplegrad_lab::plot;
use samplegrad_tasks::optdigits::{self, DIGITS, PIXELS};

use xtask::firmware::Size;

use crate::{device_run::DeviceRun, lives::Lived};

/// Content of the page.
pub struct Report<'a> {
    /// Command that makes this report.
    pub command: String,
    /// Number of passes over the training rows.
    pub passes: u32,
    /// Number of the emulated device.
    pub number: u64,
    /// Run of the emulated device.
    pub device: &'a DeviceRun,
    /// Runs of the devices in lanes; the first is the emulated device.
    pub lives: &'a [Lived],
    /// Flash and RAM of the firmware.
    pub size: Size,
    /// Time of the emulated device.
    pub device_seconds: Duration,
    /// Time of all lanes.
    pub lane_seconds: Duration,
}

/// Mean, standard deviation, smallest and largest.
struct Spread {
    mean: f64,
    sd: f64,
    min: f64,
    max: f64,
}

impl Report<'_> {
    fn accuracies(&self) -> Vec<f64> {
        let last = |life: &Lived| f64::from(life.held_out.last().copied().unwrap_or(0));
        self.lives.iter().map(|life| last(life) / f64::from(optdigits::HELD_OUT)).collect()
    }

    fn spread(&self) -> Spread {
        let x = self.accuracies();
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0).max(1.0);
        let fold = |f: fn(f64, f64) -> f64| x.iter().copied().fold(mean, f);
        Spread { mean, sd: variance.sqrt(), min: fold(f64::min), max: fold(f64::max) }
    }

    /// Returns the largest RAM use in bytes: variables and stack.
    fn ram(&self) -> u64 {
        self.size.ram + self.device.stack
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spread { mean, sd, min, max } = self.spread();
        writeln!(
            f,
            "held-out accuracy over {} devices: mean {mean:.4}, sd {sd:.4}, from {min:.4} to {max:.4}",
            self.lives.len()
        )?;
        writeln!(
            f,
            "device {} and its lane agree in every bit of {} weights: {:016x}",
            self.number,
            (PIXELS + 1) * DIGITS,
            self.device.fingerprint
        )?;
        writeln!(
            f,
            "firmware: {} bytes of flash ({} of them digits), {} bytes of RAM ({} of variables, {} of stack)",
            self.size.flash,
            optdigits::ROWS * (PIXELS + 1),
            self.ram(),
            self.size.ram,
            self.device.stack
        )?;
        write!(
            f,
            "time: {:.1} s for one emulated device, {:.1} s for {} devices in lanes",
            self.device_seconds.as_secs_f64(),
            self.lane_seconds.as_secs_f64(),
            self.lives.len()
        )
    }
}

/// Plotted data: learning curves in percent of the held-out digits, and the learned weights.
struct Plotted {
    curves: Vec<Vec<f64>>,
    device: Vec<f64>,
    weights: Vec<[f32; DIGITS]>,
}

impl Plotted {
    fn new(device: &DeviceRun, lives: &[Lived]) -> Self {
        let percent = |right: &u32| 100.0 * f64::from(*right) / f64::from(optdigits::HELD_OUT);
        let curve = |held_out: &[u32]| held_out.iter().map(percent).collect();
        Self {
            curves: lives.iter().map(|life| curve(&life.held_out)).collect(),
            device: curve(&device.held_out),
            weights: device.weights.iter().map(|row| row.map(f32::from_bits)).collect(),
        }
    }

    fn banner(&self) -> Result<String> {
        Ok(plot::banner(&self.curves, &self.device, &self.weights)?)
    }
}

/// Returns the picture of a device and of the devices in lanes: learning curves and learned weights.
pub fn banner(device: &DeviceRun, lives: &[Lived]) -> Result<String> {
    Plotted::new(device, lives).banner()
}

/// Writes `report.html` and `learning.svg` into an existing folder, each completely or not at all. Returns the path of
/// the page.
pub fn write(folder: &Path, report: &Report<'_>) -> Result<PathBuf> {
    let mut confusion = [[0; DIGITS]; DIGITS];
    for life in report.lives {
        for (total, count) in confusion.as_flattened_mut().iter_mut().zip(life.confusion.as_flattened()) {
            *total += count;
        }
    }
    let plotted = Plotted::new(report.device, report.lives);
    let figures = [
        plot::learning_curves(&plotted.curves, &plotted.device)?,
        plot::confusion_matrix(&confusion)?,
        plot::weight_pictures(&plotted.weights)?,
    ];
    let banner = plotted.banner()?;
    let page = html(report, &figures);
    let file = folder.join("report.html");
    for (file, text) in [(folder.join("learning.svg"), &banner), (file.clone(), &page)] {
        let unfinished = file.with_extension("unfinished");
        fs::write(&unfinished, text).with_context(|| format!("writing {}", unfinished.display()))?;
        fs::rename(&unfinished, &file).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(file)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn html(report: &Report<'_>, [curves, confusion, weights]: &[String; 3]) -> String {
    let Spread { mean, sd, min, max } = report.spread();
    let rows: String = report
        .lives
        .iter()
        .zip(report.accuracies())
        .map(|(life, accuracy)| {
            let marker = if life.device == report.number { ", emulated too" } else { "" };
            format!(
                "<tr><td>{}{marker}</td><td>{accuracy:.4}</td><td><code>{:016x}</code></td></tr>",
                life.device, life.fingerprint
            )
        })
        .collect();
    let log = escape(&report.device.log.join("\n"));
    format!(
        include_str!("report.html"),
        accuracy = format_args!("{:.1} %", 100.0 * mean),
        spread = format_args!(
            "mean of {} devices; sd {:.1} %, from {:.1} % to {:.1} %",
            report.lives.len(),
            100.0 * sd,
            100.0 * min,
            100.0 * max
        ),
        ram = report.ram(),
        variables = report.size.ram,
        stack = report.device.stack,
        flash = report.size.flash,
        data = optdigits::ROWS * (PIXELS + 1),
        device = report.number,
        numbers = (PIXELS + 1) * DIGITS,
        fingerprint = report.device.fingerprint,
        device_seconds = report.device_seconds.as_secs_f64(),
        lane_seconds = report.lane_seconds.as_secs_f64(),
        devices = report.lives.len(),
        passes = report.passes,
        curves = curves,
        confusion = confusion,
        weights = weights,
        rows = rows,
        log = log,
        command = escape(&report.command),
    )
}
