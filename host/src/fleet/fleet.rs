//! The size of a fleet: its number of devices and their number of steps.

use crate::{error::Error, fleet::rewards::Rewards};

/// The number of devices in a block: the unit of work of a thread.
pub(super) const BLOCK: usize = 64;

/// The size of a fleet: its number of devices and their number of steps.
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
    pub(super) seed: u64,
    pub(super) first: u64,
    pub(super) devices: u64,
    pub(super) steps: u64,
    pub(super) window: u64,
}

impl Fleet {
    /// Creates a fleet of devices number `0..devices` of a seed. Rewards are reported step by step.
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

    /// Renumbers the devices from `first` on: `first..first + devices`.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if the last number does not fit.
    pub fn numbered_from(self, first: u64) -> Result<Self, Error> {
        let last = first.checked_add(self.devices - 1);
        last.map(|_| Self { first, ..self }).ok_or(Error::TooLarge { what: "device numbers" })
    }

    /// Reports rewards in windows of `steps` steps; the last window may be shorter.
    ///
    /// # Errors
    /// [`Error::Empty`] for 0 steps.
    pub fn windows(self, steps: u64) -> Result<Self, Error> {
        if steps == 0 { Err(Error::Empty { what: "steps of a window" }) } else { Ok(Self { window: steps, ..self }) }
    }

    /// Returns the number of the first device.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> u64 {
        self.devices
    }

    /// Returns the number of steps of each device.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Returns the number of steps in a window.
    pub fn window(&self) -> u64 {
        self.window
    }

    /// Returns the seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns the two halves of the fleet whose rewards are summed separately. The sums of the halves, added by
    /// [`Rewards::and`], are bit for bit the sums of the whole fleet. Returns `None` for a fleet of at most one block,
    /// which is not divided.
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

    /// Returns the rewards of this fleet from sums that were computed elsewhere.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one sum per window.
    pub fn rewards(&self, sums: Vec<f64>) -> Result<Rewards, Error> {
        let expected = usize::try_from(self.steps.div_ceil(self.window)).unwrap_or(usize::MAX);
        if sums.len() != expected {
            return Err(Error::Length { what: "sums of windows", expected, found: sums.len() });
        }
        Ok(Rewards { devices: self.devices, steps: self.steps, window: self.window, sums })
    }
}
