//! Temperature schedules. A high temperature gives smooth samples and a small gradient variance. A low temperature
//! gives sharp samples and a small bias.

use crate::{error::Error, settings::temperature::Temperature};

/// The temperature as a function of the step.
///
/// ```
/// use samplegrad_core::{Schedule, Temperature};
///
/// let schedule = Schedule::linear(Temperature::ONE, Temperature::new(0.5)?, 100)?;
/// assert_eq!(schedule.at(0).get(), 1.0);
/// assert_eq!(schedule.at(50).get(), 0.75);
/// assert_eq!(schedule.at(1000).get(), 0.5);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Schedule {
    start: Temperature,
    end: Temperature,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Shape {
    Constant,
    /// The larger of `start · e^{−rate · t}` and `end`.
    Exponential {
        #[cfg_attr(feature = "serde", serde(deserialize_with = "stored_rate"))]
        rate: f32,
    },
    /// A straight line from `start` to `end` over `steps` steps.
    Linear {
        #[cfg_attr(feature = "serde", serde(deserialize_with = "stored_steps"))]
        steps: f32,
    },
    /// Half a period of a cosine from `start` to `end` over `steps` steps.
    Cosine {
        #[cfg_attr(feature = "serde", serde(deserialize_with = "stored_steps"))]
        steps: f32,
    },
}

impl Schedule {
    /// Returns a schedule with one temperature for all steps.
    pub const fn constant(tau: Temperature) -> Self {
        Self { start: tau, end: tau, shape: Shape::Constant }
    }

    /// Creates the schedule `τ_t = max(floor, start · e^{−rate · t})`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the rate is from 0 to 1000.
    pub fn exponential(start: Temperature, floor: Temperature, rate: f32) -> Result<Self, Error> {
        Ok(Self { start, end: floor, shape: Shape::Exponential { rate: checked_rate(rate)? } })
    }

    /// Creates the schedule of E. Jang, S. Gu and B. Poole, *Categorical reparameterization with Gumbel-softmax*, ICLR
    /// 2017: `τ_t = max(0.5, e^{−rate · t})`.
    ///
    /// # Errors
    /// The errors of [`Schedule::exponential`].
    pub fn annealed(rate: f32) -> Result<Self, Error> {
        Self::exponential(Temperature::ONE, Temperature::saturating(0.5), rate)
    }

    /// Creates the schedule `τ_t = start · s + end · (1 − s)` with `s = 1 − min(t/steps, 1)`.
    ///
    /// # Errors
    /// [`Error::Empty`] for zero steps.
    pub fn linear(start: Temperature, end: Temperature, steps: u32) -> Result<Self, Error> {
        Ok(Self { start, end, shape: Shape::Linear { steps: positive(steps)? } })
    }

    /// Creates the schedule `τ_t = start · s + end · (1 − s)` with `s = (1 + cos(π · min(t/steps, 1)))/2`.
    ///
    /// # Errors
    /// [`Error::Empty`] for zero steps.
    pub fn cosine(start: Temperature, end: Temperature, steps: u32) -> Result<Self, Error> {
        Ok(Self { start, end, shape: Shape::Cosine { steps: positive(steps)? } })
    }

    /// Returns the temperature at step `t`.
    pub fn at(&self, t: u32) -> Temperature {
        let (start, end, t) = (self.start.get(), self.end.get(), t as f32);
        let progress = |steps: f32| if t < steps { t / steps } else { 1.0 };
        Temperature::saturating(match self.shape {
            Shape::Constant => start,
            Shape::Exponential { rate } => {
                let tau = start * libm::expf(-rate * t);
                if tau > end { tau } else { end }
            }
            Shape::Linear { steps } => blend(start, end, 1.0 - progress(steps)),
            Shape::Cosine { steps } => {
                let share = 0.5 * (1.0 + libm::cosf(core::f32::consts::PI * progress(steps)));
                blend(start, end, share)
            }
        })
    }
}

/// Returns `start · share + end · (1 − share)`. The result is exactly `start` for a share of 1 and exactly `end` for a
/// share of 0.
fn blend(start: f32, end: f32, share: f32) -> f32 {
    start * share + end * (1.0 - share)
}

fn positive(steps: u32) -> Result<f32, Error> {
    if steps == 0 { Err(Error::Empty { what: "schedule steps" }) } else { Ok(steps as f32) }
}

fn checked_rate(rate: f32) -> Result<f32, Error> {
    if (0.0..=1000.0).contains(&rate) {
        Ok(rate)
    } else {
        Err(Error::OutOfRange { what: "schedule rate", value: rate, requirement: "from 0 to 1000" })
    }
}

#[cfg(feature = "serde")]
fn stored_rate<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    crate::stored::numbers::number(deserializer, checked_rate)
}

/// Reads the number of steps of a schedule. The stored number must be the float nearest to a `u32` other than 0.
#[cfg(feature = "serde")]
fn stored_steps<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    crate::stored::numbers::number(deserializer, |steps| {
        let whole = positive(steps as u32)?;
        if whole == steps {
            Ok(steps)
        } else {
            Err(Error::OutOfRange { what: "schedule steps", value: steps, requirement: "a whole number" })
        }
    })
}
