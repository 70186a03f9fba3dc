//! The size of a fleet: its number of devices and their number of steps.

use crate::{error::Error, fleet::rewards::Rewards};

/// Devices of a block. A thread lives so many, then looks for others.
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

    /// The number of devices.
    pub fn devices(&self) -> u64 {
        self.devices
    }

    /// The number of steps that each device lives.
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
}
