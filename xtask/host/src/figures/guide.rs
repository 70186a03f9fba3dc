//! `cargo xtask guide`: the figures of the guides "which estimator?" and "which policy?", from the laboratory.
//!
//! The guides are `core/src/which_estimator.md` and `core/src/which_policy.md`, pages of the core's documentation. This
//! program generates the text between two markers.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use samplegrad_lab::{
    self as lab, Comparison, Problem, Registered, Row, Settings,
    problems::{self, NormalCost},
};

use xtask::{page, shell::root};

use crate::policies;

/// Number of columns at the end of a table that hold measured times, which differ from run to run.
const TIMES: usize = 2;

/// Number of timed runs of each estimator.
const REPEATS: u32 = 40;

const AGAIN: &str = "run `cargo xtask guide`, read what changed, and commit it";

fn files() -> [PathBuf; 2] {
    ["core/src/which_estimator.md", "core/src/which_policy.md"].map(|file| root().join(file))
}

/// Writes the figures.
pub fn write() -> Result<()> {
    files().iter().try_for_each(|file| {
        page::write(file, |name| {
            println!("{name}");
            figures(name, REPEATS)
        })
    })
}

/// Fails unless every figure except the times equals the laboratory's current figure.
pub fn check() -> Result<()> {
    files().iter().try_for_each(|file| check_page(file))
}

fn check_page(file: &Path) -> Result<()> {
    page::each(file, |name, kept| {
        let made = figures(name, 0)?;
        let (kept, made) = (without_times(kept), without_times(&made));
        for (number, (kept, made)) in kept.iter().zip(&made).enumerate() {
            ensure!(kept == made, "figures of {name}, line {}: it says\n  {kept}\nnow\n  {made}\n{AGAIN}", number + 1);
        }
        ensure!(kept.len() == made.len(), "figures of {name}: {} lines, now {}; {AGAIN}", kept.len(), made.len());
        println!("{name}: {} lines", made.len());
        Ok(())
    })
}

/// Returns the lines of a text; rows of a table with times lose the columns of times.
fn without_times(text: &str) -> Vec<String> {
    let timed = text.contains("| time |");
    let cut = |line: &str| {
        let cells: Vec<&str> = line.split('|').collect();
        // A row begins and ends with a bar.
        if timed && cells.len() > TIMES + 2 { cells[..cells.len() - 1 - TIMES].join("|") } else { line.to_owned() }
    };
    text.lines().map(cut).collect()
}

/// Returns the figures named `name`, with `repeats` timed runs of each estimator.
fn figures(name: &str, repeats: u32) -> Result<String> {
    let settings = Settings { repeats, ..Settings::default() };
    match name {
        "toy, logit 0" => compared(&problems::toy(0.45, 0.0)?, &settings),
        "toy, logit 2" => compared(&problems::toy(0.45, 2.0)?, &settings),
        "8 bits" => compared(&problems::bernoullis(&problems::default_logits(8))?, &settings),
        "200 bits" => compared(&problems::quadratic(0.499, 200)?, &settings),
        "bandit" => {
            let rewards: Vec<f32> = (0..8).map(|k| k as f32 / 7.0).collect();
            compared(&problems::bandit(&rewards, &[0.0; 8])?, &settings)
        }
        "normal, quadratic" => compared(&problems::normal(NormalCost::Quadratic, -3.0, 1.0, 1.0)?, &settings),
        "normal, cosine" => compared(&problems::normal(NormalCost::Cosine, 2.0, 1.0, 1.0)?, &settings),
        "enumeration" => overtaken(&settings),
        "control tasks" => policies::control_tasks(),
        _ => bail!("the guide asks for figures of `{name}`, which there are none of"),
    }
}

fn compared<K: Registered>(problem: &Problem<K>, settings: &Settings) -> Result<String> {
    let comparison = lab::compare(problem, settings, &mut |_| ())?;
    let mut text = format!(
        "{}; exact gradient {}{}.\n\n| estimator | needs from `f` | calls | bias | variance | time | variance × time |\n\
         |---|---|---|---|---|---|---|\n",
        comparison.formula,
        digits(comparison.exact_along()),
        if comparison.parameters.len() > 1 { " long" } else { "" },
    );
    for row in &comparison.rows {
        let cells = row_of(&comparison, row);
        writeln!(text, "| {} |", cells.join(" | "))?;
    }
    Ok(text)
}

fn row_of(comparison: &Comparison, row: &Row) -> [String; 7] {
    let plain = comparison.rows.iter().find(|row| row.name == lab::estimators::PLAIN);
    let calls = match (row.values, row.gradients) {
        (values, 0.0) => format!("{values:.0}"),
        (0.0, gradients) => format!("{gradients:.0}∇"),
        (values, gradients) => format!("{values:.0} + {gradients:.0}∇"),
    };
    let bias =
        if row.biased { format!("{:+.0} %", 100.0 * row.bias / comparison.exact_along()) } else { "none".into() };
    let time = comparison.times_plain(row).map_or("-".into(), |time| format!("{time:.1}×"));
    let price = || Some(row.price()? / plain?.price()?);
    let price = price().map_or("-".into(), |price| format!("{}×", digits(price)));
    // A variance of this size is rounding error.
    let variance = if row.variance < 1e-12 { "0".into() } else { digits(row.variance) };
    [row.name.clone(), row.asks().to_owned(), calls, bias, variance, time, price]
}

/// Returns a table of calls of the cost. It compares the calls that sampling needs until its standard error is a given
/// share of the gradient with the calls of the exact sum.
fn overtaken(settings: &Settings) -> Result<String> {
    let mut text =
        String::from("| bits | calls of the sum | DisARM, 30 % off | 10 % | 3 % | 1 % |\n|---|---|---|---|---|---|\n");
    for bits in [1, 2, 3, 4, 6, 8, 10, 12] {
        let problem = problems::bernoullis(&problems::default_logits(bits))?;
        let settings = Settings { only: vec!["DisARM".into()], repeats: 0, ..settings.clone() };
        let comparison = lab::compare(&problem, &settings, &mut |_| ())?;
        let row = comparison.rows.first().context("DisARM was not compared")?;
        let exact = comparison.exact_along();
        // Each draw makes two calls. The error over all coordinates is compared with the length of the gradient.
        let calls = |share: f64| (2.0 * row.variance / (share * exact).powi(2)).ceil().max(2.0);
        let cells = [0.3, 0.1, 0.03, 0.01].map(|share| {
            let calls = calls(share);
            let cell = round(calls);
            // Bold where sampling needs fewer calls than the exact sum.
            if calls > f64::from(1 << bits) { cell } else { format!("**{cell}**") }
        });
        writeln!(text, "| {bits} | {} | {} |", 1 << bits, cells.join(" | "))?;
    }
    Ok(text)
}

/// Formats a count with two digits.
fn round(count: f64) -> String {
    let unit = 10_f64.powf((count.log10().floor() - 1.0).max(0.0));
    format!("{:.0}", (count / unit).round() * unit)
}

/// Formats a number with three digits.
fn digits(x: f64) -> String {
    match x.abs() {
        0.0 => "0".to_owned(),
        0.01..1000.0 => {
            let places = (2.0 - x.abs().log10().floor()).max(0.0) as usize;
            format!("{x:.places$}")
        }
        _ => format!("{x:.2e}"),
    }
}
