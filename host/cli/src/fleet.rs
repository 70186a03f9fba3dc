//! `samplegrad fleet`.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use samplegrad_core::{
    ActionModel, EntropyBonus, Error, LearningRate, Reinforce, Reward,
    lane::{Lane, Word},
};
use samplegrad_host::{
    LaneRng, Lanes,
    fleet::{Device, Fleet as Devices, Numbers, Rewards},
};
use samplegrad_tasks::fingerprint;
use serde_json::json;

use crate::{
    common::{self, Run},
    output,
    progress::Bar,
    train::{
        data::{Data, Source},
        learner::{mask, padded},
        steering::Steering,
    },
};

/// Trains many devices that classify, from reward alone, in SIMD lanes and on threads. Each has the bits of a device
/// that runs alone.
#[derive(Args)]
#[command(after_help = "\
Device n learns as `samplegrad train --device n` does and ends with the same fingerprint. Its baseline is the model of the
reward of every action. A device has at most 64 features and 16 classes.

Examples:
  samplegrad fleet core/tasks/data/optdigits.csv --scale 16 --devices 1000000 --steps 100
  samplegrad fleet core/tasks/data/optdigits.csv --scale 16 --devices 64 --reports devices.csv --curve curve.csv")]
pub struct Fleet {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    steering: Steering,
    /// The number of devices
    #[arg(long, default_value_t = 1000)]
    devices: u64,
    /// The number of the first device
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Passes over the rows
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    passes: u32,
    /// The number of steps of each device [default: all passes]
    #[arg(long)]
    steps: Option<u64>,
    /// The number of steps over which rewards are averaged [default: a pass, or all steps if they are fewer]
    #[arg(long)]
    window: Option<u64>,
    /// The number of devices in a SIMD vector; the results do not depend on it
    #[arg(long, value_parser = lanes(), default_value_t)]
    lanes: Lanes,
    /// A CSV file for the mean reward over the steps
    #[arg(long, value_name = "FILE")]
    curve: Option<PathBuf>,
    /// A CSV file with a line for every device: its number, its rewards, the fingerprint of its learned parameters
    #[arg(long, value_name = "FILE")]
    reports: Option<PathBuf>,
    #[command(flatten)]
    run: Run,
    /// Prints JSON on the standard output, without other output
    #[arg(long)]
    json: bool,
}

/// Parses the words for lanes; `best` is an alias of `widest`.
fn lanes() -> impl TypedValueParser<Value = Lanes> {
    let words = Lanes::ALL.map(|lanes| match lanes {
        Lanes::Widest => PossibleValue::new(lanes.word()).alias("best"),
        _ => PossibleValue::new(lanes.word()),
    });
    PossibleValuesParser::new(words)
        .try_map(|word| if word == "best" { Ok(Lanes::Widest) } else { word.parse::<Lanes>() })
}

/// The largest numbers of features and classes of a device in a fleet.
const FEATURES: usize = 64;
const CLASSES: usize = 16;

/// Devices that read the rows one per step, repeatedly.
struct Readers<'a> {
    data: &'a Data,
    /// The learning rate and the entropy bonus of each pass.
    passes: Vec<(LearningRate, EntropyBonus)>,
    model_rate: LearningRate,
}

/// The state of a tile of devices.
struct Life<L: Lane> {
    learner: Reinforce<FEATURES, CLASSES, ActionModel<FEATURES, CLASSES, L>, L>,
    rewards: L,
}

/// The reported results of a device.
#[derive(Clone, Copy, Default)]
struct Report {
    rewards: u32,
    fingerprint: u64,
}

impl Device for Readers<'_> {
    type Life<L: Lane> = Life<L>;
    type Report = Report;

    fn start<L: Lane>(&self, _: Numbers, _: &mut LaneRng<L>) -> Result<Life<L>, Error> {
        let (rate, bonus) = self.passes[0];
        Ok(Life { learner: Reinforce::new(ActionModel::new(self.model_rate), rate, bonus), rewards: L::ZERO })
    }

    #[inline(always)]
    fn step<L: Lane>(&self, life: &mut Life<L>, step: u64, rng: &mut LaneRng<L>) -> Result<L, Error> {
        let rows = self.data.training.len() as u64;
        if step.is_multiple_of(rows) {
            let last = self.passes.len() - 1;
            let (rate, bonus) = self.passes[last.min((step / rows) as usize)];
            life.learner.set_rate(rate);
            life.learner.set_entropy_bonus(bonus);
        }
        let (row, class) = self.data.row(self.data.training[(step % rows) as usize]);
        let features = padded(row)?;
        let decision = life.learner.act(&features, &mask(self.data.classes)?, rng);
        let reward = L::select(decision.action().equals(L::Word::splat(class)), L::ONE, L::ZERO);
        life.learner.learn(&features, &decision, Reward::new(reward)?);
        life.rewards = life.rewards + reward;
        Ok(reward)
    }

    fn report<L: Lane>(&self, life: &Life<L>, lane: usize, _: &LaneRng<L>) -> Report {
        let (policy, classes) = (life.learner.policy(), self.data.classes);
        let weights = policy.weights()[..self.data.columns].iter().flat_map(|row| &row[..classes]);
        let words = weights.chain(&policy.bias()[..classes]).map(|x| x.extract(lane).to_bits());
        Report { rewards: life.rewards.extract(lane) as u32, fingerprint: fingerprint::of_words(words) }
    }
}

/// Runs the command.
pub fn run(fleet: &Fleet) -> Result<()> {
    let data = fleet.source.read()?;
    let (columns, classes) = (data.columns, data.classes);
    ensure!(
        columns <= FEATURES && classes <= CLASSES,
        "{columns} features and {classes} classes: a device of a fleet sees at most {FEATURES} and {CLASSES}; take \
         `samplegrad train`"
    );
    fleet.live(&data)
}

impl Fleet {
    fn live(&self, data: &Data) -> Result<()> {
        let rows = data.training.len() as u64;
        let steps = self.steps.unwrap_or(u64::from(self.passes) * rows);
        let window = self.window.unwrap_or(rows.min(steps));
        // Single precision counts a device's rewards exactly below 2^24.
        ensure!(steps < 1 << 24, "--steps {steps}, a device of a fleet lives less than 2^24");
        let devices = Devices::new(self.run.seed, self.devices, steps).context("--devices, --steps")?;
        let devices = devices.numbered_from(self.first).context("--first")?.windows(window).context("--window")?;
        let passes = (0..self.passes).map(|pass| self.steering.of_pass(pass, self.passes)).collect::<Result<_>>()?;
        let readers = Readers { data, passes, model_rate: self.steering.model_rate()? };
        let mut reports = Vec::new();
        if self.reports.is_some() {
            let count = usize::try_from(self.devices).ok().filter(|&count| reports.try_reserve_exact(count).is_ok());
            let count =
                count.context("this machine has no room for a report of every device; ask for fewer devices")?;
            reports.resize(count, Report::default());
        }

        let threads = self.run.threads()?;
        let (bar, lived) = (Bar::new("devices"), AtomicU64::new(0));
        let progress = |more: u64| {
            let done = lived.fetch_add(more, Ordering::Relaxed) + more;
            bar.at(samplegrad_lab::Progress { doing: "", done, total: self.devices });
        };
        let run = devices.live(&readers).on(&threads).lanes(self.lanes).progress(&progress);
        // A sum does not depend on the order in which devices report.
        let sum = AtomicU64::new(0);
        let add = |fingerprint: u64| _ = sum.fetch_add(fingerprint, Ordering::Relaxed);
        let start = Instant::now();
        let rewards = if self.reports.is_some() {
            let rewards = run.fill(&mut reports)?;
            reports.iter().for_each(|report| add(report.fingerprint));
            rewards
        } else {
            run.tell(|_, report| add(report.fingerprint))?
        };
        let seconds = start.elapsed().as_secs_f64();
        drop(bar);
        self.write(&rewards, steps, window, &reports)?;
        self.say(&rewards, steps, sum.into_inner(), seconds)
    }

    fn write(&self, rewards: &Rewards, steps: u64, window: u64, reports: &[Report]) -> Result<()> {
        if let Some(path) = &self.curve {
            output::file(path, "--curve", |out| {
                writeln!(out, "steps,mean_reward")?;
                for (number, mean) in (1..).zip(rewards.means()) {
                    writeln!(out, "{},{mean}", steps.min(number * window))?;
                }
                Ok(())
            })?;
        }
        if let Some(path) = &self.reports {
            output::file(path, "--reports", |out| {
                writeln!(out, "device,rewards,fingerprint")?;
                for (device, report) in (self.first..).zip(reports) {
                    writeln!(out, "{device},{},{:016x}", report.rewards, report.fingerprint)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn say(&self, rewards: &Rewards, steps: u64, sum: u64, seconds: f64) -> Result<()> {
        let sum = format!("{sum:016x}");
        if self.json {
            return common::print_json(&common::document(json!({
                "seed": self.run.seed, "devices": self.devices, "first": self.first, "steps": steps,
                "mean_reward": rewards.mean(), "mean_rewards": rewards.means().collect::<Vec<_>>(),
                "sum_of_fingerprints": sum, "seconds": seconds,
            })));
        }
        let (first, last) = (rewards.means().next(), rewards.means().next_back());
        let each = self.devices as f64 * steps as f64 / seconds;
        let text = format!(
            "{} devices, {steps} steps each, in {seconds:.2} s: {each:.3e} steps a second\n\
             mean reward          {:.4}, in the first window {:.4}, in the last {:.4}\n\
             sum of fingerprints  {sum}\n",
            self.devices,
            rewards.mean(),
            first.unwrap_or_default(),
            last.unwrap_or_default(),
        );
        output::print(|out| out.write_all(text.as_bytes()))
    }
}
