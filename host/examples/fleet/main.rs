//! A fleet of devices that learn online to read digits. By default, a million devices learn for a hundred steps.
//!
//! `cargo run --release -p samplegrad-host --example fleet -- --devices 10000 --steps 1438 --threads 2`

mod digits;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use anyhow::Result;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use samplegrad_host::{Lanes, Threads, fleet::Fleet};
use samplegrad_tasks::digits_bandit::SEED;

/// A fleet of devices that read digits, learned online
#[derive(Parser)]
struct Arguments {
    /// Number of devices
    #[arg(long, default_value_t = 1_000_000)]
    devices: u64,
    /// Number of the first device
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Steps of each device: 1438 are one pass, 28760 are twenty passes
    #[arg(long, default_value_t = 100)]
    steps: u64,
    /// Threads [default: as many as the machine runs at once]
    #[arg(long)]
    threads: Option<usize>,
    /// Devices per vector: widest, one, four, eight, sixteen
    #[arg(long, default_value_t)]
    lanes: Lanes,
    /// Hash the parameters that every device has learned
    #[arg(long)]
    fingerprint: bool,
}

fn main() -> Result<()> {
    let asked = Arguments::parse();
    let threads = asked.threads.map_or(Ok(Threads::ambient()), Threads::new)?;
    let fleet = Fleet::new(SEED, asked.devices, asked.steps)?.numbered_from(asked.first)?;
    let digits = digits::Digits::new();

    let bar = ProgressBar::new(asked.devices);
    bar.set_style(ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} devices  {elapsed}, {eta} left")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let progress = |devices| bar.inc(devices);
    let run = fleet.live(&digits).on(&threads).lanes(asked.lanes).progress(&progress);
    // A sum does not depend on the order of the reports.
    let sum = AtomicU64::new(0);
    let start = Instant::now();
    let rewards =
        if asked.fingerprint { run.tell(|_, hash| _ = sum.fetch_add(hash, Ordering::Relaxed))? } else { run.end()? };
    let seconds = start.elapsed().as_secs_f64();
    bar.finish_and_clear();

    let steps = asked.devices as f64 * asked.steps as f64;
    let ten = |means: &mut dyn Iterator<Item = f64>| {
        let means: Vec<f64> = means.take(10).collect();
        means.iter().sum::<f64>() / means.len() as f64
    };
    println!("{} devices, {} steps each, {} threads", asked.devices, asked.steps, threads.count());
    println!("time             {seconds:.2} s, {:.3e} steps a second", steps / seconds);
    println!("a step           {:.1} ns of one thread", seconds * 1e9 * threads.count() as f64 / steps);
    if let Some(peak) = peak_memory() {
        println!("peak memory      {peak}");
    }
    println!("mean reward      {:.4} in the first ten steps", ten(&mut rewards.means()));
    println!("                 {:.4} in the last ten steps", ten(&mut rewards.means().rev()));
    println!("hash of rewards  {:016x}", samplegrad_tasks::fingerprint::of_words(words(rewards.sums())));
    if asked.fingerprint {
        println!("sum of hashes    {:016x}", sum.into_inner());
    }
    Ok(())
}

/// Returns the largest memory use of the process, where the system reports it.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map(|peak| peak.trim().to_owned())
}

fn words(sums: &[f64]) -> impl Iterator<Item = u32> {
    sums.iter().flat_map(|sum| [sum.to_bits() as u32, (sum.to_bits() >> 32) as u32])
}
