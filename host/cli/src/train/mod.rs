//! `samplegrad train`.

pub mod data;
pub mod learner;
mod progress;
pub mod steering;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::Args;
use samplegrad_core::stream;
use samplegrad_lab::{self as lab, plot};
use samplegrad_tasks::fingerprint;
use serde_json::json;

use data::{Data, Source};
use learner::Learn;
use progress::{Pass, Progress, RunOptions};
use steering::{Baseline, Steering};

use crate::{
    common,
    ended::Ended,
    output,
    progress::Bar,
    table::{self, rows::Values},
};

/// Trains a policy that classifies, from reward alone: it receives a row, draws a class, and is rewarded if the class
/// is right.
#[derive(Args)]
#[command(after_help = "\
The folder gets weights.npy (a row per feature), bias.npy, curve.csv, curve.svg and train.json. During learning, it also holds
`checkpoint`. Ctrl-C leaves the checkpoint, and --resume continues from it with the same bits as an uninterrupted run.

Examples:
  samplegrad train core/tasks/data/optdigits.csv --scale 16        the digits, as the firmware learns them
  samplegrad train x.npy --labels y.npy --baseline linear-critic --out run
  samplegrad train x.npy --labels y.npy --out run --resume               after Ctrl-C")]
pub struct Train {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    steering: Steering,
    /// The baseline, which is subtracted from a reward to reduce the variance of its gradient
    #[arg(long, value_enum, default_value = "action-model")]
    baseline: Baseline,
    /// Passes over the rows
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    passes: u32,
    /// The seed of the random numbers: the same seed and device give the same bits
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// The number of the device, which selects its stream of the seed
    #[arg(long, default_value_t = 0)]
    device: u64,
    /// A folder for the results; it is created if it does not exist
    #[arg(long, value_name = "FOLDER", default_value = "samplegrad-train")]
    out: PathBuf,
    /// Continues from the checkpoint in the folder
    #[arg(long, conflicts_with = "restart")]
    resume: bool,
    /// Starts anew, even if there is a checkpoint in the folder
    #[arg(long)]
    restart: bool,
    /// Stops after this many steps, counted from the first step of the run, and leaves a checkpoint
    #[arg(long, value_name = "STEPS")]
    stop_after: Option<u64>,
    /// Prints JSON on the standard output, without other output
    #[arg(long)]
    json: bool,
}

/// The name of the checkpoint in the folder.
const CHECKPOINT: &str = "checkpoint";
/// The time between two checkpoints.
const INTERVAL: Duration = Duration::from_secs(10);
/// The stack size in bytes. Reading a checkpoint moves the largest learner over the stack a few times.
const STACK: usize = 64 << 20;

/// True after Ctrl-C.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Runs the command.
pub fn run(train: &Train) -> Result<Ended> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || learn(train));
        worker.context("cannot start a thread")?.join().map_err(|_| anyhow!("the thread that learned stopped"))?
    })
}

fn learn(train: &Train) -> Result<Ended> {
    let data = train.source.read()?;
    let mut learner = learner::new(train.baseline, &train.steering, data.columns, data.classes)?;
    output::make_folder(&train.out)?;
    let checkpoint = train.out.join(CHECKPOINT);
    let mut progress = train.start(&data, learner.as_mut(), &checkpoint)?;
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed)).context("cannot wait for Ctrl-C")?;
    let save = |learner: &dyn Learn, progress: &Progress| -> Result<()> {
        let snapshot = learner.save(progress)?;
        output::file(&checkpoint, "--out", |out| out.write_all(&snapshot))
    };
    // Saves at once, so that a folder without write access is reported before any learning.
    save(learner.as_ref(), &progress)?;
    let bar = Bar::new("learning");
    let rows = data.training.len() as u64;
    let mut saved = Instant::now();
    while progress.passes.len() < train.passes as usize {
        let pass = progress.passes.len() as u32;
        let (rate, bonus) = train.steering.of_pass(pass, train.passes)?;
        learner.steer(rate, bonus);
        while (progress.row as usize) < data.training.len() {
            let steps = u64::from(pass) * rows + u64::from(progress.row);
            let interrupted = INTERRUPTED.load(Ordering::Relaxed);
            if interrupted || train.stop_after == Some(steps) {
                save(learner.as_ref(), &progress)?;
                drop(bar);
                eprintln!(
                    "stopped after {steps} steps, in pass {} of {}; the same command with --resume goes on from {}",
                    pass + 1,
                    train.passes,
                    checkpoint.display()
                );
                return Ok(if interrupted { Ended::Interrupted } else { Ended::Well });
            }
            let (row, class) = data.row(data.training[progress.row as usize]);
            progress.rewards += u32::from(learner.step(row, class, &mut progress.generator)?);
            progress.row += 1;
            if progress.row.is_multiple_of(256) && saved.elapsed() > INTERVAL {
                save(learner.as_ref(), &progress)?;
                saved = Instant::now();
            }
        }
        let mut right = 0;
        for &row in &data.held_out {
            let (row, class) = data.row(row);
            right += u32::from(learner.read(row)? == class);
        }
        progress.passes.push(Pass { rewards: progress.rewards, held_out_right: right });
        (progress.row, progress.rewards) = (0, 0);
        let doing = match data.held_out.len() {
            0 => format!("{:.1} % right", percent(progress.passes[pass as usize].rewards, rows)),
            held_out => format!("{:.1} % right held out", percent(right, held_out as u64)),
        };
        bar.at(lab::Progress { doing: &doing, done: u64::from(pass) + 1, total: train.passes.into() });
    }
    drop(bar);
    train.finish(&data, learner.as_ref(), &progress, &checkpoint)?;
    Ok(Ended::Well)
}

fn percent(right: u32, of: u64) -> f64 {
    100.0 * f64::from(right) / of as f64
}

impl Train {
    /// Returns the options that a checkpoint's run must share.
    fn asked(&self, data: &Data) -> RunOptions {
        let word = |name: &str, number: u64| (name.to_owned(), number);
        let real = |name: &str, number: f32| word(name, number.to_bits().into());
        let options = vec![
            word("--baseline", self.baseline as u64),
            word("--passes", self.passes.into()),
            word("--seed", self.seed),
            word("--device", self.device),
            real("--rate", self.steering.rate),
            real("--entropy", self.steering.entropy),
            real("--model-rate", self.steering.model_rate),
            word("--classes", data.classes as u64),
        ];
        RunOptions { data: data.fingerprint(), options }
    }

    /// Returns the start of the run: step 0, or the state of its checkpoint.
    fn start(&self, data: &Data, learner: &mut dyn Learn, checkpoint: &Path) -> Result<Progress> {
        let (shown, asked) = (checkpoint.display(), self.asked(data));
        if self.resume {
            let snapshot = common::read_whole(checkpoint)
                .context("without --resume the run starts anew; or choose another folder with --out")?;
            let progress = learner.load(&snapshot);
            let progress =
                progress.with_context(|| format!("{shown} cannot be gone on from; start anew with --restart"))?;
            progress.asked.check(&asked).with_context(|| shown.to_string())?;
            let known = progress.passes.len() <= self.passes as usize && progress.row as usize <= data.training.len();
            ensure!(known, "{shown} is further than the run goes; start anew with --restart");
            return Ok(progress);
        }
        if checkpoint.exists() && !self.restart {
            bail!("{shown} is of a run that is not over; go on with --resume, or start anew with --restart");
        }
        let generator = stream::xorshift(self.seed, self.device);
        Ok(Progress { asked, passes: Vec::new(), row: 0, rewards: 0, generator })
    }

    /// Writes the learned parameters, reports the files, and removes the checkpoint.
    fn finish(&self, data: &Data, learner: &dyn Learn, progress: &Progress, checkpoint: &Path) -> Result<()> {
        let (weights, bias) = learner.weights();
        let (rows, held_out) = (data.training.len() as u64, data.held_out.len() as u64);
        let words = weights.iter().chain(&bias).map(|x| x.to_bits());
        let fingerprint = format!("{:016x}", fingerprint::of_words(words));
        let learned: Vec<f64> = progress.passes.iter().map(|pass| percent(pass.rewards, rows)).collect();
        let read: Vec<f64> = progress.passes.iter().map(|pass| percent(pass.held_out_right, held_out)).collect();
        let mut curve = String::from("pass,steps,rewards,held_out_right,held_out\n");
        for (number, pass) in (1..).zip(&progress.passes) {
            let steps = number * rows;
            curve += &format!("{number},{steps},{},{},{held_out}\n", pass.rewards, pass.held_out_right);
        }
        let document = common::document(json!({
            "seed": self.seed, "device": self.device, "baseline": common::name(self.baseline),
            "rate": table::real(self.steering.rate), "entropy": table::real(self.steering.entropy),
            "model_rate": table::real(self.steering.model_rate),
            "features": data.columns, "classes": data.classes, "rows": rows, "held_out": held_out,
            "rewards": progress.passes.iter().map(|pass| pass.rewards).collect::<Vec<_>>(),
            "held_out_right": progress.passes.iter().map(|pass| pass.held_out_right).collect::<Vec<_>>(),
            "fingerprint": fingerprint,
        }));
        let table = |name: &str, values: &[f32], columns: usize| -> Result<(String, Vec<u8>)> {
            let mut bytes = Vec::new();
            table::write(Some(Path::new(name)), Values::Real(values), columns, &mut bytes)?;
            Ok((name.to_owned(), bytes))
        };
        let curves: &[(&str, &[f64])] = &[("while it learned", &learned), ("held out, afterwards", &read)];
        let curves = if held_out > 0 { curves } else { &curves[..1] };
        let files = [
            table("weights.npy", &weights, data.classes)?,
            table("bias.npy", &bias, data.classes)?,
            ("curve.csv".to_owned(), curve.into_bytes()),
            ("curve.svg".to_owned(), plot::accuracy(rows, curves)?.into_bytes()),
            ("train.json".to_owned(), (serde_json::to_string_pretty(&document)? + "\n").into_bytes()),
        ];
        let written = output::write(&self.out, &files)?;
        fs::remove_file(checkpoint).with_context(|| format!("cannot take {} away", checkpoint.display()))?;
        if self.json {
            return common::print_json(&document);
        }
        let mut text = format!("{} passes over {rows} rows\n", self.passes);
        if let (Some(learned), Some(read)) = (learned.last(), read.last()) {
            text += &format!("right while it learned  {learned:.2} % in the last pass\n");
            if held_out > 0 {
                text += &format!("right held out          {read:.2} % of {held_out} rows\n");
            }
        }
        text += &format!("fingerprint             {fingerprint}\n");
        text.extend(written.iter().map(|file| format!("wrote {}\n", file.display())));
        output::print(|out| out.write_all(text.as_bytes()))
    }
}
