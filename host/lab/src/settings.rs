//! Settings of a comparison and of a learning run.

use samplegrad_core::Temperature;

use crate::{error::Error, lanes::STREAMS};

/// Settings of a comparison.
///
/// ```
/// use samplegrad_lab::Settings;
///
/// let settings = Settings { seed: 7, ..Settings::default() };
/// assert_eq!((settings.draws_for(1), settings.draws_for(200)), (1 << 20, 41_952));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The number of draws of each estimator. The default decreases with the number of parameters.
    pub draws: Option<u64>,
    /// The seed of the streams.
    pub seed: u64,
    /// The temperature of relaxations.
    pub tau: Temperature,
    /// The weight of control variates that have one.
    pub eta: f32,
    /// The learning rate of estimators' own parameters, such as weights and temperatures.
    pub own_rate: f32,
    /// The number of times that each estimator is timed. The shortest time counts; 0 disables timing.
    pub repeats: u32,
    /// Words that select estimators. An estimator is selected if its name contains one of the words, in upper or lower
    /// case. Without words, all estimators are selected.
    pub only: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let tau = Temperature::new(0.5).unwrap_or(Temperature::ONE);
        Self { draws: None, seed: 2026, tau, eta: 1.0, own_rate: 0.01, repeats: 5, only: Vec::new() }
    }
}

impl Settings {
    /// Returns the number of draws for a problem with this number of parameters. Each stream makes the same number of
    /// draws.
    pub fn draws_for(&self, parameters: usize) -> u64 {
        let fitting = (1 << 23) / (parameters.max(1) as u64);
        let draws = self.draws.unwrap_or(fitting.clamp(1 << 14, 1 << 20));
        draws.div_ceil(STREAMS as u64).max(2) * STREAMS as u64
    }

    /// Returns for each of these names whether the estimator is selected.
    pub(super) fn chosen(&self, names: &[&str]) -> Result<Vec<bool>, Error> {
        let holds = |name: &str, word: &str| name.to_lowercase().contains(&word.to_lowercase());
        if let Some(wanted) = self.only.iter().find(|word| !names.iter().any(|name| holds(name, word))) {
            let known = names.iter().map(|&name| name.to_owned()).collect();
            return Err(Error::NoEstimator { wanted: wanted.clone(), known });
        }
        Ok(names.iter().map(|name| self.only.is_empty() || self.only.iter().any(|word| holds(name, word))).collect())
    }
}

/// Settings of a learning run.
///
/// ```
/// use samplegrad_lab::LearnSettings;
///
/// assert_eq!(LearnSettings::default().steps, 1000);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LearnSettings {
    /// Steps of gradient descent.
    pub steps: u64,
    /// The learning rate; by default the problem's own.
    pub rate: Option<f32>,
    /// The number of learners, each with its own stream. The number is rounded up to a multiple of 16.
    pub learners: usize,
    /// The number of steps at which the objective is recorded.
    pub points: usize,
}

impl Default for LearnSettings {
    fn default() -> Self {
        Self { steps: 1000, rate: None, learners: 32, points: 100 }
    }
}

/// The progress of the work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress<'a> {
    /// The present task.
    pub doing: &'a str,
    /// Finished pieces of work.
    pub done: u64,
    /// All pieces of work.
    pub total: u64,
}
