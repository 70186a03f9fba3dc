//! What a comparison and a learning run can be told.

use samplegrad_core::Temperature;

use crate::{error::Error, lanes::STREAMS};

/// How estimators are compared.
///
/// ```
/// use samplegrad_lab::Settings;
///
/// let settings = Settings { seed: 7, ..Settings::default() };
/// assert_eq!((settings.draws_for(1), settings.draws_for(200)), (1 << 20, 41_952));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Draws of each estimator; fewer for more parameters where nothing is said.
    pub draws: Option<u64>,
    /// Of the streams.
    pub seed: u64,
    /// Of relaxations.
    pub tau: Temperature,
    /// The weight of control variates that have one.
    pub eta: f32,
    /// How fast estimators learn what they learn: weights, temperatures.
    pub own_rate: f32,
    /// How often each estimator is timed; the shortest time counts. Zero: not at all.
    pub repeats: u32,
    /// Estimators whose names hold one of these words, in any case; all if there is none.
    pub only: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let tau = Temperature::new(0.5).unwrap_or(Temperature::ONE);
        Self { draws: None, seed: 2026, tau, eta: 1.0, own_rate: 0.01, repeats: 5, only: Vec::new() }
    }
}

impl Settings {
    /// Draws of a problem with so many parameters: a whole number of each stream.
    pub fn draws_for(&self, parameters: usize) -> u64 {
        let fitting = (1 << 23) / (parameters.max(1) as u64);
        let draws = self.draws.unwrap_or(fitting.clamp(1 << 14, 1 << 20));
        draws.div_ceil(STREAMS as u64).max(2) * STREAMS as u64
    }

    /// The places of the estimators that are wanted, among these names.
    pub(super) fn chosen(&self, names: &[&str]) -> Result<Vec<bool>, Error> {
        let holds = |name: &str, word: &str| name.to_lowercase().contains(&word.to_lowercase());
        if let Some(wanted) = self.only.iter().find(|word| !names.iter().any(|name| holds(name, word))) {
            let known = names.iter().map(|&name| name.to_owned()).collect();
            return Err(Error::NoEstimator { wanted: wanted.clone(), known });
        }
        Ok(names.iter().map(|name| self.only.is_empty() || self.only.iter().any(|word| holds(name, word))).collect())
    }
}

/// How estimators learn.
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
    /// The length of a step; the problem's own where nothing is said.
    pub rate: Option<f32>,
    /// Learners, each with a stream of its own; rounded up to whole vectors of 16.
    pub learners: usize,
    /// How often the objective is looked at.
    pub points: usize,
}

impl Default for LearnSettings {
    fn default() -> Self {
        Self { steps: 1000, rate: None, learners: 32, points: 100 }
    }
}

/// How far the work has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress<'a> {
    /// What is being done.
    pub doing: &'a str,
    /// Pieces of work that are done.
    pub done: u64,
    /// Pieces in all.
    pub total: u64,
}
