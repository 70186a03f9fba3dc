//! A run of a fleet: threads, lanes, progress, and the use of the reports.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    error::Error,
    fleet::{
        block::{Block, SLOTS},
        buffers::Buffers,
        device::Device,
        fleet::{BLOCK, Fleet},
        rewards::{Rewards, add},
        sink::{Nothing, Sink, Told},
    },
    lanes::dispatch::Lanes,
    threads::Threads,
};

impl Fleet {
    /// Prepares a run of the fleet with devices of a kind. The returned [`Run`] has the options.
    pub fn live<'a, D: Device>(&self, device: &'a D) -> Run<'a, D> {
        Run::new(*self, device)
    }
}

/// A run of a fleet that [`Run::end`], [`Run::tell`] or [`Run::fill`] starts.
///
/// ```
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
/// use samplegrad_host::{Lanes, Threads, fleet::Fleet};
///
/// let fleet = Fleet::new(2026, 1000, 10)?;
/// let one = fleet.live(&Clock).on(&Threads::new(1)?).lanes(Lanes::Four).end()?;
/// let other = fleet.live(&Clock).progress(&|devices| eprintln!("{devices} more have lived")).end()?;
/// assert_eq!(one, other);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[must_use = "a fleet runs when `end`, `tell` or `fill` is called"]
pub struct Run<'a, D> {
    fleet: Fleet,
    device: &'a D,
    threads: &'a Threads,
    lanes: Lanes,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl<'a, D: Device> Run<'a, D> {
    fn new(fleet: Fleet, device: &'a D) -> Self {
        static AMBIENT: Threads = Threads::ambient();
        Self { fleet, device, threads: &AMBIENT, lanes: Lanes::Widest, progress: &|_| () }
    }

    /// Sets the threads; the default is [`Threads::ambient`].
    pub fn on(self, threads: &'a Threads) -> Self {
        Self { threads, ..self }
    }

    /// Sets the number of devices per vector. The default is [`Lanes::Widest`], which takes eight lanes where a tile of
    /// sixteen would exceed 32 KiB. The results are the same.
    pub fn lanes(self, lanes: Lanes) -> Self {
        Self { lanes, ..self }
    }

    /// Sets a function that receives the number of devices that have finished since the last call, about 64 at a time.
    /// The function runs on the thread that computed these devices.
    pub fn progress(self, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        Self { progress, ..self }
    }

    /// Runs the fleet, without reports.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if the memory for the windows cannot be allocated; [`Error::Device`] with the first device
    /// that the core refuses.
    pub fn end(self) -> Result<Rewards, Error> {
        self.run(Nothing)
    }

    /// Runs the fleet, and passes the number of each device and its report to a function, in no particular order. The
    /// function runs on the thread that computed the device.
    ///
    /// # Errors
    /// As [`Run::end`]. The function has then received some reports.
    pub fn tell(self, told: impl Fn(u64, D::Report) + Sync) -> Result<Rewards, Error> {
        self.run(Told(&told))
    }

    /// Runs the fleet, and writes the report of each device, in the order of the device numbers.
    ///
    /// # Errors
    /// [`Error::Length`], before the run, unless there is room for exactly one report per device. Otherwise as
    /// [`Run::end`]; some reports have then been written.
    pub fn fill(self, reports: &mut [D::Report]) -> Result<Rewards, Error> {
        let expected = usize::try_from(self.fleet.devices).map_err(|_| Error::TooLarge { what: "reports" })?;
        if reports.len() != expected {
            return Err(Error::Length { what: "reports", expected, found: reports.len() });
        }
        self.run(reports)
    }

    fn run(self, sink: impl Sink<D::Report>) -> Result<Rewards, Error> {
        let Fleet { devices, steps, window, .. } = self.fleet;
        let windows =
            usize::try_from(steps.div_ceil(window)).map_err(|_| Error::TooLarge { what: "windows of steps" })?;
        let blocks = devices.div_ceil(BLOCK as u64);
        let threads = self.threads.count();
        let levels = (u64::BITS - blocks.leading_zeros()) as usize;
        let work = Work {
            sums: Buffers::new(threads.saturating_mul(levels + 1), windows)?,
            slots: Buffers::new(threads, windows)?,
            refused: AtomicU64::new(u64::MAX),
            error: Mutex::new(None),
            run: &self,
        };
        let sums = self.threads.run(|| work.tree(0, blocks, sink));
        match work.error.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((_, error)) => Err(error),
            None => Ok(Rewards { devices, steps, window, sums }),
        }
    }
}

/// Data shared by the threads.
struct Work<'a, D> {
    run: &'a Run<'a, D>,
    sums: Buffers<f64>,
    slots: Buffers<[f64; SLOTS]>,
    /// The first block known to contain a refused device.
    refused: AtomicU64,
    error: Mutex<Option<(u64, Error)>>,
}

impl<D: Device> Work<'_, D> {
    /// Runs blocks `first..first + count`; returns the sums of each window.
    fn tree<S: Sink<D::Report>>(&self, first: u64, count: u64, sink: S) -> Vec<f64> {
        if count <= 1 {
            return self.block(first, sink);
        }
        let half = count.div_ceil(2);
        // The first half fits into `usize` for a sink that is a slice; other sinks ignore the number.
        let (one, other) = sink.split((half as usize).saturating_mul(BLOCK));
        let (mut sums, others) =
            rayon::join(|| self.tree(first, half, one), || self.tree(first + half, count - half, other));
        add(&mut sums, &others);
        self.sums.give(others);
        sums
    }

    fn block<S: Sink<D::Report>>(&self, number: u64, sink: S) -> Vec<f64> {
        let mut sums = self.sums.take();
        // Blocks after a refused device are skipped.
        if self.refused.load(Ordering::Relaxed) < number {
            return sums;
        }
        let Run { ref fleet, device, lanes, progress, .. } = *self.run;
        let before = number * BLOCK as u64;
        let count = (fleet.devices - before).min(BLOCK as u64) as usize;
        let mut slots = self.slots.take();
        let block = Block { fleet, device, first: fleet.first + before, count, sums: &mut slots, sink };
        match block.run_in(lanes) {
            Ok(()) => {
                for (sum, slots) in sums.iter_mut().zip(&slots) {
                    *sum = slots.iter().sum();
                }
            }
            Err(error) => {
                self.refused.fetch_min(number, Ordering::Relaxed);
                let mut first = self.error.lock().unwrap_or_else(PoisonError::into_inner);
                if first.is_none_or(|(block, _)| number < block) {
                    *first = Some((number, error));
                }
            }
        }
        self.slots.give(slots);
        progress(count as u64);
        sums
    }
}
