//! Fleets on several ranks. A fleet is divided among the ranks by repeated halving. The
//! rewards of each half are summed first, and then the two sums.

use samplegrad_host::{
    Error as HostError, Threads,
    fleet::{Device, Fleet, Rewards},
};

use crate::{
    error::Error,
    ranks::{Job, Ranks},
    tree::DEPTH,
};

/// Runs a fleet on the ranks. The fleet is halved repeatedly into at most 256 pieces, which are shared among the ranks.
/// Each rank runs its pieces on `threads`. The rewards are bit-for-bit equal to the rewards of the fleet on one
/// machine. `name` identifies the devices. Use a new name after every change of the devices.
///
/// ```no_run
/// # use samplegrad_core::{Error, lane::Lane};
/// # use samplegrad_host::{LaneRng, fleet::{Device, Numbers}};
/// # struct Clock;
/// # impl Device for Clock {
/// #     type Life<L: Lane> = ();
/// #     type Report = ();
/// #     fn start<L: Lane>(&self, _: Numbers, _: &mut LaneRng<L>) -> Result<(), Error> { Ok(()) }
/// #     fn step<L: Lane>(&self, _: &mut (), step: u64, _: &mut LaneRng<L>) -> Result<L, Error> { Ok(L::splat(step as f32)) }
/// #     fn report<L: Lane>(&self, _: &(), _: usize, _: &LaneRng<L>) {}
/// # }
/// use samplegrad_host::{Threads, fleet::Fleet};
/// use samplegrad_mpi::{Ranks, fleet, start};
///
/// start(|world| {
///     let million = Fleet::new(2026, 1_000_000, 100)?;
///     let rewards = fleet::live(&Ranks::new(world), "clocks", &million, &Clock, &Threads::ambient())?;
///     println!("{}", rewards.mean());
///     Ok(())
/// });
/// ```
///
/// # Errors
/// The errors of [`Ranks::run`].
pub fn live<D: Device>(
    ranks: &Ranks<'_>,
    name: &str,
    fleet: &Fleet,
    device: &D,
    threads: &Threads,
) -> Result<Rewards, Error> {
    let mut leaves = Vec::new();
    cut(fleet, DEPTH, &mut leaves);
    let numbers = [fleet.seed(), fleet.first(), fleet.devices(), fleet.steps(), fleet.window()];
    let job = Job { name, numbers: &numbers, pieces: leaves.len() };
    let pieces = ranks.run(&job, |piece| {
        let rewards = leaves[piece].live(device).on(threads).end().map_err(|error| error.to_string())?;
        Ok(rewards.sums().iter().map(|sum| sum.to_bits()).collect())
    })?;
    let mut pieces = pieces.into_iter();
    Ok(merge(fleet, DEPTH, &mut pieces)?)
}

fn cut(fleet: &Fleet, depth: u32, leaves: &mut Vec<Fleet>) {
    match fleet.halves().filter(|_| depth > 0) {
        Some((first, others)) => {
            cut(&first, depth - 1, leaves);
            cut(&others, depth - 1, leaves);
        }
        None => leaves.push(*fleet),
    }
}

fn merge(fleet: &Fleet, depth: u32, pieces: &mut impl Iterator<Item = Vec<u64>>) -> Result<Rewards, HostError> {
    match fleet.halves().filter(|_| depth > 0) {
        Some((first, others)) => merge(&first, depth - 1, pieces)?.and(&merge(&others, depth - 1, pieces)?),
        None => fleet.rewards(pieces.next().unwrap_or_default().into_iter().map(f64::from_bits).collect()),
    }
}
