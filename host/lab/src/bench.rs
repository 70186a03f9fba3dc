//! A problem prepared for drawing: its variables, the estimators that apply to it, and the values from which these
//! estimators are built.

use core::ops::Range;

use samplegrad_core::{LearningRate, cost::CostError, lane::Lane, variables::Variables};
use samplegrad_host::LaneRng;

use crate::{
    entry::{Entry, Given},
    error::Error,
    estimators::PLAIN,
    lanes::{L, STREAMS},
    problem::Problem,
    settings::Settings,
    variable_kind::VariableKind,
};

/// A problem that is ready for drawing, with the estimators that apply to it.
pub(super) struct Bench<'a, const N: usize, K: VariableKind> {
    pub problem: &'a Problem<K>,
    pub variables: K::Variables<N>,
    pub entries: Vec<&'a Entry<N, K>>,
    /// The plain score function, selected or not. Its time is the unit of all other times.
    pub plain: Option<&'a Entry<N, K>>,
    pub given: Given,
    pub seed: u64,
}

impl<'a, const N: usize, K: VariableKind> Bench<'a, N, K> {
    pub fn new(problem: &'a Problem<K>, entries: &'a [Entry<N, K>], settings: &Settings) -> Result<Self, Error> {
        if !(-1000.0..=1000.0).contains(&settings.eta) {
            let requirement = "from -1000 to 1000".to_owned();
            return Err(Error::Setting { what: "eta", found: settings.eta.to_string(), requirement });
        }
        if !(1e-3..=1e3).contains(&settings.tau.get()) {
            let requirement = "from 0.001 to 1000".to_owned();
            return Err(Error::Setting { what: "tau", found: settings.tau.get().to_string(), requirement });
        }
        let own_rate = LearningRate::new(settings.own_rate)
            .map_err(|source| Error::Core { what: "what estimators learn".to_owned(), source })?;
        let variables = K::variables::<N>(problem.sizes(), &problem.in_lanes())
            .map_err(|source| Error::Core { what: problem.name().to_owned(), source })?;
        let constant =
            problem.optimal_constant().unwrap_or_else(|| sampled_constant(problem, &variables, settings.seed));
        let given = Given {
            parameters: problem.in_lanes().len(),
            values: problem.values(),
            optimal_constant: constant as f32,
            curved: problem.curved(),
            tau: settings.tau,
            eta: settings.eta,
            own_rate,
        };
        let applicable: Vec<&Entry<N, K>> = entries.iter().filter(|entry| entry.applies(&given)).collect();
        let plain = applicable.iter().copied().find(|entry| entry.name() == PLAIN);
        let chosen = settings.chosen(&applicable.iter().map(|entry| entry.name()).collect::<Vec<_>>())?;
        let entries = applicable.into_iter().zip(chosen).filter_map(|(entry, chosen)| chosen.then_some(entry));
        Ok(Self { problem, variables, entries: entries.collect(), plain, given, seed: settings.seed })
    }

    /// Keeps only the estimators with indices in `places`.
    pub fn only(mut self, places: Range<usize>) -> Self {
        let end = places.end.min(self.entries.len());
        self.entries = self.entries[places.start.min(end)..end].to_vec();
        self
    }

    /// Creates the error for a cost that is not finite.
    pub fn refused(&self, error: &CostError<<K::Variables<N> as Variables>::Values>) -> Error {
        refused::<N, K>(self.problem.name(), error)
    }
}

/// Creates the error for a cost that is not finite.
pub(super) fn refused<const N: usize, K: VariableKind>(
    problem: &str,
    error: &CostError<<K::Variables<N> as Variables>::Values>,
) -> Error {
    let sample: Vec<String> = error.sample.iter().map(|&x| K::number(x, error.lane).to_string()).collect();
    Error::Cost { problem: problem.to_owned(), sample: format!("[{}]", sample.join(", ")), value: error.value }
}

/// Estimates, from samples, the constant baseline with the smallest variance, for problems without a table of values.
fn sampled_constant<const N: usize, K: VariableKind>(
    problem: &Problem<K>,
    variables: &K::Variables<N>,
    seed: u64,
) -> f64 {
    let objective = problem.objective();
    let (mut above, mut below) = ([0.0; STREAMS], [0.0; STREAMS]);
    for first in (0..STREAMS).step_by(L::LANES) {
        let mut rng = LaneRng::<L>::new(seed, (1 << 40) + first as u64);
        for _ in 0..1 << 12 {
            let x = variables.sample(&mut rng);
            let (f, score) = (objective.value(&x), variables.score(&x));
            for lane in 0..L::LANES {
                let square: f64 = score.iter().map(|s| f64::from(s.extract(lane)).powi(2)).sum();
                above[first + lane] += f64::from(f.extract(lane)) * square;
                below[first + lane] += square;
            }
        }
    }
    let (above, below): (f64, f64) = (above.iter().sum(), below.iter().sum());
    // The estimators report a cost that is not finite, with its sample.
    if (above / below).is_finite() { above / below } else { 0.0 }
}
