//! A fleet of devices that read digits, on all machines of an MPI program: the rewards of the example `fleet` of the
//! host.
//!
//! `mpirun -n 2 target/release/examples/fleet --devices 100000 --checkpoint fleet.checkpoint`

#[path = "../../examples/fleet/digits.rs"]
mod digits;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use samplegrad_host::{Threads, fleet::Fleet};
use samplegrad_mpi::{Ranks, fleet, mpi::topology::Communicator, start};
use samplegrad_tasks::{digits_bandit::SEED, fingerprint};

/// A fleet of devices that read digits, on several machines
#[derive(Parser)]
struct Arguments {
    /// Number of devices
    #[arg(long, default_value_t = 100_000)]
    devices: u64,
    /// Steps of each device: 1438 are one pass, 28760 are twenty passes
    #[arg(long, default_value_t = 100)]
    steps: u64,
    /// Threads of every rank
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// A file for finished work, to resume from
    #[arg(long)]
    checkpoint: Option<PathBuf>,
}

fn main() -> ExitCode {
    let asked = Arguments::parse();
    start(|world| {
        let fleet = Fleet::new(SEED, asked.devices, asked.steps)?;
        let mut ranks = Ranks::new(world);
        if let Some(file) = &asked.checkpoint {
            ranks = ranks.keep(file);
        }
        let threads = Threads::new(asked.threads)?;
        let rewards = fleet::live(&ranks, "devices that read digits", &fleet, &digits::Digits::new(), &threads)?;
        if world.rank() == 0 {
            let words = rewards.sums().iter().flat_map(|sum| [sum.to_bits() as u32, (sum.to_bits() >> 32) as u32]);
            println!("{} devices, {} steps each, {} ranks", asked.devices, asked.steps, world.size());
            println!("mean reward      {:.4}", rewards.mean());
            println!("hash of rewards  {:016x}", fingerprint::of_words(words));
        }
        Ok(())
    })
}
