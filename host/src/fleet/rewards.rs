//! The rewards of a fleet.

use crate::error::Error;

/// The rewards of a fleet, one sum per window of steps.
///
/// ```
/// # use samplegrad_core::{Error, lane::Lane};
/// # use samplegrad_host::{LaneRng, fleet::{Device, Fleet, Numbers}};
/// # struct Clock;
/// # impl Device for Clock {
/// #     type Life<L: Lane> = ();
/// #     type Report = ();
/// #     fn start<L: Lane>(&self, _: Numbers, _: &mut LaneRng<L>) -> Result<(), Error> { Ok(()) }
/// #     fn step<L: Lane>(&self, _: &mut (), step: u64, _: &mut LaneRng<L>) -> Result<L, Error> { Ok(L::splat(step as f32)) }
/// #     fn report<L: Lane>(&self, _: &(), _: usize, _: &LaneRng<L>) {}
/// # }
/// // Devices that are rewarded with the number of the step, in windows of two steps.
/// let rewards = Fleet::new(2026, 100, 5)?.windows(2)?.live(&Clock).end()?;
/// assert_eq!(rewards.sums(), [100.0, 500.0, 400.0]);
/// assert_eq!(rewards.means().collect::<Vec<f64>>(), [0.5, 2.5, 4.0]);
/// assert_eq!(rewards.mean(), 2.0);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rewards {
    pub(super) devices: u64,
    pub(super) steps: u64,
    pub(super) window: u64,
    pub(super) sums: Vec<f64>,
}

impl Rewards {
    /// Adds the rewards of other devices that ran the same number of steps. The new sum of each window is the sum of
    /// `self` plus the sum of `others`.
    ///
    /// # Errors
    /// [`Error::Length`] unless both have the same number of windows.
    pub fn and(mut self, others: &Self) -> Result<Self, Error> {
        let (expected, found) = (self.sums.len(), others.sums.len());
        if expected != found {
            return Err(Error::Length { what: "sums of windows", expected, found });
        }
        add(&mut self.sums, &others.sums);
        Ok(Self { devices: self.devices + others.devices, ..self })
    }

    /// Returns the sum of each window over all devices.
    pub fn sums(&self) -> &[f64] {
        &self.sums
    }

    /// Returns the mean reward per step and device of each window.
    pub fn means(&self) -> impl ExactSizeIterator<Item = f64> + DoubleEndedIterator {
        let of = |(window, sum): (usize, &f64)| {
            let steps = (self.steps - window as u64 * self.window).min(self.window);
            sum / (steps as f64 * self.devices as f64)
        };
        self.sums.iter().enumerate().map(of)
    }

    /// Returns the mean reward per step and device over all steps: the windows are added from first to last.
    pub fn mean(&self) -> f64 {
        self.sums.iter().sum::<f64>() / (self.steps as f64 * self.devices as f64)
    }
}

/// Adds the sums of other devices, window by window. Each call adds the sums of two halves.
pub(super) fn add(sums: &mut [f64], others: &[f64]) {
    for (sum, other) in sums.iter_mut().zip(others) {
        *sum += other;
    }
}
