//! Results of the trainings: a page, tables of numbers, pictures.

use std::{fmt::Write, path::Path};

use anyhow::Result;

use crate::{
    pictures::{self, Curve},
    training::{EstimatorKind, Images, Training, write_whole},
};

/// The result of a training.
pub struct Outcome {
    estimator: EstimatorKind,
    seed: u64,
    settings: String,
    steps: usize,
    epoch: usize,
    /// The bound on the held-out pictures at the end, in nats per picture.
    bound: f32,
    curve: Vec<f32>,
    seconds: f64,
    fingerprint: u64,
    originals: Vec<f32>,
    reconstructions: Vec<f32>,
    prior_samples: Vec<f32>,
}

/// Pictures per row.
const SHOWN: usize = 16;

impl Outcome {
    pub fn of(training: &Training<'_>, samples: usize, seconds: f64) -> Result<Self> {
        let settings = training.settings();
        let (originals, reconstructions) = training.reconstructions(SHOWN)?;
        let hidden = match settings.hidden.as_slice() {
            [] => "linear encoder and decoder".to_owned(),
            widths => format!("hidden layers {widths:?}"),
        };
        Ok(Self {
            estimator: settings.estimator,
            seed: settings.seed,
            settings: format!(
                "{}, {hidden}, {} steps of Adam at {}, batches of {}; the bound is the mean of {samples} samples of each \
                 held-out picture",
                settings.latents, settings.steps, settings.learning_rate, settings.batch
            ),
            steps: training.step_number(),
            epoch: training.epoch(),
            bound: training.held_out(samples)?,
            curve: training.curve().to_vec(),
            seconds,
            fingerprint: training.fingerprint(),
            originals,
            reconstructions,
            prior_samples: training.prior_samples(3 * SHOWN)?,
        })
    }

    pub fn line(&self) -> String {
        format!(
            "{:16} seed {}  {} steps  held out {:.3} nats  {:.1} s  parameters {:016x}",
            self.estimator, self.seed, self.steps, self.bound, self.seconds, self.fingerprint
        )
    }
}

/// The trainings of one estimator.
struct Group<'a> {
    estimator: EstimatorKind,
    all: Vec<&'a Outcome>,
}

impl Group<'_> {
    fn mean(&self) -> f64 {
        self.all.iter().map(|outcome| f64::from(outcome.bound)).sum::<f64>() / self.all.len() as f64
    }

    /// Returns the standard deviation between seeds, or `None` for one seed.
    fn deviation(&self) -> Option<f64> {
        let (mean, count) = (self.mean(), self.all.len() as f64);
        let squares: f64 = self.all.iter().map(|outcome| (f64::from(outcome.bound) - mean).powi(2)).sum();
        (count > 1.0).then(|| (squares / (count - 1.0)).sqrt())
    }

    /// Returns the mean of the curves, by step.
    fn curve(&self) -> Curve {
        let length = self.all.iter().map(|outcome| outcome.curve.len()).min().unwrap_or(0);
        let at = |epoch: usize| self.all.iter().map(|o| f64::from(o.curve[epoch])).sum::<f64>() / self.all.len() as f64;
        let points = (0..length).map(|epoch| (((epoch + 1) * self.all[0].epoch) as f64, at(epoch))).collect();
        Curve { name: self.estimator.to_string(), points }
    }
}

/// Writes all files into a folder, each file whole or not at all.
pub fn write(folder: &Path, images: &Images, command: &str, outcomes: &[Outcome]) -> Result<()> {
    let mut groups: Vec<Group> = Vec::new();
    for outcome in outcomes {
        match groups.iter_mut().find(|group| group.estimator == outcome.estimator) {
            Some(group) => group.all.push(outcome),
            None => groups.push(Group { estimator: outcome.estimator, all: vec![outcome] }),
        }
    }
    groups.sort_by(|a, b| b.mean().total_cmp(&a.mean()));
    for group in &groups {
        let first = group.all[0];
        let rows = [&first.originals[..], &first.reconstructions];
        let table = pictures::table(&rows, images.width);
        write_whole(&folder.join(format!("reconstructions-{}.png", group.estimator)), &table.png()?)?;
        let rows: Vec<&[f32]> = first.prior_samples.chunks(SHOWN * images.pixels).collect();
        let table = pictures::table(&rows, images.width);
        write_whole(&folder.join(format!("prior-{}.png", group.estimator)), &table.png()?)?;
    }
    let curves: Vec<Curve> = groups.iter().map(Group::curve).filter(|curve| curve.points.len() > 1).collect();
    if !curves.is_empty() {
        // The frame starts at the worst value after a tenth of a training: earlier values would flatten the rest.
        let after = |curve: &Curve| curve.points[curve.points.len() / 10].1;
        let floor = curves.iter().map(after).fold(f64::INFINITY, f64::min);
        let title = format!("bound on held-out {}, nats a picture", images.name);
        let canvas = pictures::curves(&title, "steps", floor, &curves)?;
        write_whole(&folder.join("curves.png"), &canvas.png()?)?;
    }
    write_whole(&folder.join("curves.csv"), table(&groups).as_bytes())?;
    write_whole(&folder.join("trainings.csv"), trainings(&groups).as_bytes())?;
    write_whole(&folder.join("report.md"), page(images, command, &groups, !curves.is_empty())?.as_bytes())
}

/// Writes all curves, one row per epoch of each training.
fn table(groups: &[Group]) -> String {
    let mut text = "estimator,seed,step,bound\n".to_owned();
    for outcome in groups.iter().flat_map(|group| &group.all) {
        for (epoch, bound) in outcome.curve.iter().enumerate() {
            _ = writeln!(text, "{},{},{},{bound}", outcome.estimator, outcome.seed, (epoch + 1) * outcome.epoch);
        }
    }
    text
}

/// Writes one row per training, with a hash of its parameters. Equal machines give equal hashes.
fn trainings(groups: &[Group]) -> String {
    let mut text = "estimator,seed,steps,bound,parameters\n".to_owned();
    for Outcome { estimator, seed, steps, bound, fingerprint, .. } in groups.iter().flat_map(|group| &group.all) {
        _ = writeln!(text, "{estimator},{seed},{steps},{bound},{fingerprint:016x}");
    }
    text
}

fn page(images: &Images, command: &str, groups: &[Group], curves: bool) -> Result<String> {
    let mut text = String::new();
    let settings = &groups[0].all[0].settings;
    writeln!(text, "# Discrete variational autoencoders on {}\n", images.name)?;
    writeln!(text, "{settings}.\n")?;
    writeln!(text, "Made by `cargo run --release -p samplegrad-burn --example vae -- {command}`.\n")?;
    writeln!(text, "| estimator | unbiased | bound, nats a picture | deviation between seeds | seeds |")?;
    writeln!(text, "|---|---|---|---|---|")?;
    for group in groups {
        let unbiased = if group.estimator.is_unbiased() { "yes" } else { "no" };
        let deviation = group.deviation().map_or("-".to_owned(), |deviation| format!("{deviation:.2}"));
        let (name, mean, seeds) = (group.estimator.to_string(), group.mean(), group.all.len());
        writeln!(text, "| {name} | {unbiased} | {mean:.2} | {deviation} | {seeds} |")?;
    }
    if curves {
        writeln!(text, "\n![The bound on held-out pictures after each epoch](curves.png)")?;
    }
    writeln!(text, "\nHeld-out pictures above what was made of them, and pictures from the prior:")?;
    for group in groups {
        let name = group.estimator.to_string();
        writeln!(text, "\n![{name}: reconstructions](reconstructions-{name}.png)")?;
        writeln!(text, "![{name}: from the prior](prior-{name}.png)")?;
    }
    Ok(text)
}
