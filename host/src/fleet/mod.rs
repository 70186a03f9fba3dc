//! Fleets: many devices that learn online, as many at once as a vector has lanes, on any number of threads.
//!
//! A [`Device`] says what one tile of devices is and does, for lanes of any width. A [`Fleet`] says how many there are and
//! for how long they live. Each tile lives all its steps while it is in the cache of a core; then its devices report, and it
//! is gone. So memory does not grow with the number of devices, unless the caller keeps their reports.
//!
//! # What does not depend on the machine
//! Device `n` has stream `n` of the seed, and lanes do not mix: its reports are those of the same device alone, bit for bit.
//! Rewards are summed in double precision in one order, whatever the lanes and the threads are. The devices are cut into
//! blocks of 64. In a block, partial sum `s` of 16 has the devices whose place there is `s` modulo 16, from first to last,
//! each of them step after step; then the 16 are added from first to last. The sum of several blocks is that of the first
//! half of them, rounded up, plus that of the others. Rewards that are integers are summed exactly, so long as no sum exceeds
//! 2^53.
//!
//! # Memory
//! Beside the tiles of the threads: 128 bytes a window and thread, and 8 bytes a window, thread and level of the tree of blocks.
//! Nothing is allocated while devices live.

mod block;
mod buffers;
mod device;
mod rewards;
mod run;
mod sink;

pub use device::{Device, Numbers};
pub use rewards::Rewards;
pub use run::{Lanes, Run};

use block::BLOCK;

use crate::Error;

/// How many devices there are, and for how long they live.
///
/// ```
/// use samplegrad_host::{Error, fleet::Fleet};
///
/// let fleet = Fleet::new(2026, 1_000_000, 100)?.numbered_from(5_000_000)?;
/// assert_eq!(Fleet::new(2026, 0, 100), Err(Error::Empty { what: "devices" }));
/// assert_eq!(Fleet::new(2026, 1, 0), Err(Error::Empty { what: "steps" }));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fleet {
    seed: u64,
    first: u64,
    devices: u64,
    steps: u64,
    window: u64,
}

impl Fleet {
    /// Devices number `0..devices` of a seed. Rewards are told step by step.
    ///
    /// # Errors
    /// [`Error::Empty`] without devices or steps.
    pub fn new(seed: u64, devices: u64, steps: u64) -> Result<Self, Error> {
        if devices == 0 {
            return Err(Error::Empty { what: "devices" });
        }
        if steps == 0 {
            return Err(Error::Empty { what: "steps" });
        }
        Ok(Self { seed, first: 0, devices, steps, window: 1 })
    }

    /// Devices number `first..first + devices` instead.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if the last number does not fit.
    pub fn numbered_from(self, first: u64) -> Result<Self, Error> {
        let last = first.checked_add(self.devices - 1);
        last.map(|_| Self { first, ..self }).ok_or(Error::TooLarge { what: "device numbers" })
    }

    /// Rewards are told in windows of so many steps, the last one of what is left.
    ///
    /// # Errors
    /// [`Error::Empty`] for none.
    pub fn windows(self, steps: u64) -> Result<Self, Error> {
        if steps == 0 { Err(Error::Empty { what: "steps of a window" }) } else { Ok(Self { window: steps, ..self }) }
    }

    /// The number of the first device.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// How many devices there are.
    pub fn devices(&self) -> u64 {
        self.devices
    }

    /// How many steps each lives.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Steps of a window.
    pub fn window(&self) -> u64 {
        self.window
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The two halves that the sums of rewards are made of: what each of them sums, joined by [`Rewards::and`], is what the
    /// whole sums, bit for bit. Nothing if there is no more than a block of devices, which is not cut.
    ///
    /// ```
    /// use samplegrad_host::fleet::Fleet;
    ///
    /// let (first, others) = Fleet::new(2026, 1000, 100)?.halves().unwrap();
    /// assert_eq!((first.devices(), others.devices(), others.first()), (512, 488, 512));
    /// assert_eq!(Fleet::new(2026, 64, 100)?.halves(), None);
    /// # Ok::<(), samplegrad_host::Error>(())
    /// ```
    pub fn halves(&self) -> Option<(Self, Self)> {
        let blocks = self.devices.div_ceil(BLOCK as u64);
        if blocks <= 1 {
            return None;
        }
        let half = blocks.div_ceil(2) * BLOCK as u64;
        Some((
            Self { devices: half, ..*self },
            Self { first: self.first + half, devices: self.devices - half, ..*self },
        ))
    }

    /// The rewards of this fleet, from the sums that it had elsewhere.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one a window.
    pub fn rewards(&self, sums: Vec<f64>) -> Result<Rewards, Error> {
        let expected = usize::try_from(self.steps.div_ceil(self.window)).unwrap_or(usize::MAX);
        if sums.len() != expected {
            return Err(Error::Length { what: "sums of windows", expected, found: sums.len() });
        }
        Ok(Rewards { devices: self.devices, steps: self.steps, window: self.window, sums })
    }

    /// Lets devices of a kind live; how and where is said to what is returned.
    pub fn live<'a, D: Device>(&self, device: &'a D) -> Run<'a, D> {
        Run::new(*self, device)
    }
}
