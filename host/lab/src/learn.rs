//! Learning runs: gradient descent with the estimates of each estimator, and the exact objective at recorded steps.

use core::ops::Range;

use samplegrad_core::{LearningRate, lane::Lane};
use samplegrad_host::LaneRng;

use crate::{
    bench::{Bench, refused},
    entry::Entry,
    error::Error,
    estimators::Registered,
    lanes::{CAPACITY, L, SMALL, STREAMS},
    objective::CountedCost,
    problem::Problem,
    settings::{LearnSettings, Progress, Settings},
    variable_kind::VariableKind,
};

/// The results of learning a problem with each estimator.
#[derive(Clone, Debug, PartialEq)]
pub struct Learning {
    /// The problem's name.
    pub problem: String,
    /// The objective to minimise.
    pub formula: String,
    /// The learning rate.
    pub rate: f32,
    /// The seed of the streams.
    pub seed: u64,
    /// The number of learners of each estimator.
    pub learners: usize,
    /// `E[f]` before the first step.
    pub start: f64,
    /// The smallest cost, if known.
    pub best: Option<f64>,
    /// The steps at which the objective was recorded, starting with 0.
    pub steps: Vec<u64>,
    /// A curve per estimator.
    pub curves: Vec<Curve>,
}

/// The results of one estimator's learners.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The estimator's name.
    pub name: String,
    /// The exact objective of each learner, a row per step in [`Learning::steps`]; fewer rows if a learner diverged.
    pub objectives: Vec<Vec<f64>>,
    /// The step at which a learner's parameters left their range; `None` if all stayed in range.
    pub diverged: Option<u64>,
}

impl Curve {
    /// Returns the mean over the learners, by row.
    pub fn means(&self) -> Vec<f64> {
        self.objectives.iter().map(|row| row.iter().sum::<f64>() / row.len() as f64).collect()
    }

    /// Returns the `share` quantile over the learners, by row.
    pub fn quantiles(&self, share: f64) -> Vec<f64> {
        let of = |row: &Vec<f64>| {
            let mut sorted = row.clone();
            sorted.sort_by(f64::total_cmp);
            sorted[((sorted.len() - 1) as f64 * share).round() as usize]
        };
        self.objectives.iter().map(of).collect()
    }

    /// Returns the standard deviation over the learners, by row.
    pub fn spreads(&self) -> Vec<f64> {
        let of = |(row, mean): (&Vec<f64>, f64)| {
            let squares: f64 = row.iter().map(|x| (x - mean) * (x - mean)).sum();
            (squares / (row.len() - 1).max(1) as f64).sqrt()
        };
        self.objectives.iter().zip(self.means()).map(of).collect()
    }
}

/// Minimises a problem's objective with each registered estimator, by plain gradient descent from the problem's
/// parameters.
///
/// ```
/// use samplegrad_lab::{self as lab, LearnSettings, Settings, problems};
///
/// let steps = LearnSettings { steps: 200, ..LearnSettings::default() };
/// let learning = lab::learn(&problems::toy(0.45, 0.0)?, &Settings::default(), &steps, &mut |_| ())?;
/// let last = |curve: &lab::Curve| *curve.means().last().unwrap();
/// assert!(learning.curves.iter().all(|curve| last(curve) < learning.start));
/// # Ok::<(), lab::Error>(())
/// ```
///
/// # Errors
/// The errors of [`compare()`](super::compare()).
pub fn learn<K: Registered>(
    problem: &Problem<K>,
    settings: &Settings,
    steps: &LearnSettings,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Learning, Error> {
    if problem.in_lanes().len() <= SMALL {
        learn_with::<SMALL, K>(problem, &K::estimators(), settings, steps, progress)
    } else {
        learn_with::<CAPACITY, K>(problem, &K::estimators(), settings, steps, progress)
    }
}

/// Minimises the objective of a problem with at most `N` parameters with each of these estimators.
///
/// # Errors
/// The errors of [`compare_with`](super::compare_with).
pub fn learn_with<const N: usize, K: VariableKind>(
    problem: &Problem<K>,
    entries: &[Entry<N, K>],
    settings: &Settings,
    steps: &LearnSettings,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Learning, Error> {
    on(&Bench::new(problem, entries, settings)?, steps, progress)
}

/// Computes some curves of a learning run, selected by their numbers among [`rows`](super::rows()). Each curve has the
/// same bits as in the whole run.
///
/// ```
/// use samplegrad_lab::{self as lab, LearnSettings, Settings, problems};
///
/// let (problem, settings) = (problems::toy(0.45, 0.0)?, Settings::default());
/// let steps = LearnSettings { steps: 20, ..LearnSettings::default() };
/// let whole = lab::learn(&problem, &settings, &steps, &mut |_| ())?;
/// assert_eq!(lab::rows(&problem, &settings)?, whole.curves.len());
/// assert_eq!(lab::learn_curves(&problem, &settings, &steps, 2..4)?.curves, whole.curves[2..4]);
/// # Ok::<(), lab::Error>(())
/// ```
///
/// # Errors
/// The errors of [`learn()`].
pub fn learn_curves<K: Registered>(
    problem: &Problem<K>,
    settings: &Settings,
    steps: &LearnSettings,
    places: Range<usize>,
) -> Result<Learning, Error> {
    fn of<const N: usize, K: Registered>(
        problem: &Problem<K>,
        settings: &Settings,
        steps: &LearnSettings,
        places: Range<usize>,
    ) -> Result<Learning, Error> {
        on(&Bench::new(problem, &K::estimators::<N>(), settings)?.only(places), steps, &mut |_| ())
    }
    if problem.in_lanes().len() <= SMALL {
        of::<SMALL, K>(problem, settings, steps, places)
    } else {
        of::<CAPACITY, K>(problem, settings, steps, places)
    }
}

/// Computes the curves of the estimators on a bench.
fn on<const N: usize, K: VariableKind>(
    bench: &Bench<'_, N, K>,
    steps: &LearnSettings,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Learning, Error> {
    let problem = bench.problem;
    let rate = steps.rate.unwrap_or(problem.rate());
    let rate = LearningRate::new(rate).map_err(|source| Error::Core { what: problem.name().to_owned(), source })?;
    let points = (steps.points.max(1) as u64).min(steps.steps.max(1));
    let mut looked: Vec<u64> = (0..=points).map(|point| point * steps.steps / points).collect();
    looked.dedup();
    let learners = steps.learners.max(1).next_multiple_of(STREAMS);
    let total = bench.entries.len() as u64;
    let mut curves = Vec::new();
    for (done, entry) in (0..).zip(&bench.entries) {
        progress(Progress { doing: entry.name(), done, total });
        curves.push(curve(bench, entry, rate, &looked, learners)?);
    }
    progress(Progress { doing: "learning", done: total, total });
    Ok(Learning {
        problem: problem.name().to_owned(),
        formula: problem.formula().to_owned(),
        rate: rate.get(),
        seed: bench.seed,
        learners,
        start: problem.exact().mean,
        best: problem.best(),
        steps: looked,
        curves,
    })
}

/// Computes one estimator's learners, one vector of lanes after the other. All learners stop at the first step at which
/// a learner diverges.
fn curve<const N: usize, K: VariableKind>(
    bench: &Bench<'_, N, K>,
    entry: &Entry<N, K>,
    rate: LearningRate,
    looked: &[u64],
    learners: usize,
) -> Result<Curve, Error> {
    let problem = bench.problem;
    let mut objectives: Vec<Vec<f64>> = vec![Vec::new(); looked.len()];
    let mut diverged: Option<u64> = None;
    let mut cost = CountedCost::new(problem.objective());
    for first in (0..learners).step_by(L::LANES) {
        let (mut estimator, mut rng) = (entry.build(&bench.given), LaneRng::<L>::new(bench.seed, first as u64));
        let mut parameters = problem.in_lanes();
        let (mut step, last) = (0, looked.last().copied().unwrap_or(0));
        for (row, &at) in objectives.iter_mut().zip(looked) {
            while step < at {
                let Ok(variables) = K::variables::<N>(problem.sizes(), &parameters) else { break };
                let drawn = estimator.draw(&variables, &mut cost, &mut rng);
                let estimate = drawn.map_err(|error| refused::<N, K>(problem.name(), &error))?;
                for (p, g) in parameters.iter_mut().zip(estimate.gradient.iter()) {
                    *p = *p - *g * rate.get();
                }
                step += 1;
            }
            if step < at {
                break;
            }
            for lane in 0..L::LANES {
                let own: Vec<f64> = parameters.iter().map(|p| f64::from(p.extract(lane))).collect();
                row.push(problem.mean_at(&own));
            }
        }
        if step < last {
            diverged = Some(diverged.map_or(step, |earlier| earlier.min(step)));
        }
    }
    objectives.truncate(
        objectives.iter().take_while(|row| row.len() == learners && row.iter().all(|x| x.is_finite())).count(),
    );
    Ok(Curve { name: entry.name().to_owned(), objectives, diverged })
}
