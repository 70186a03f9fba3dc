//! The comparison itself: a row per estimator.

use core::ops::Range;

use samplegrad_core::lane::Lane;
use samplegrad_host::LaneRng;

use crate::{
    bench::Bench,
    entry::Entry,
    error::Error,
    estimators::Registered,
    exact::Exact,
    lanes::{CAPACITY, L, SMALL, STREAMS},
    moments::RunningMoments,
    objective::CountedCost,
    problem::Problem,
    settings::{Progress, Settings},
    timing,
    variable_kind::VariableKind,
};

/// How many standard errors make a bias.
pub const ALARM: f64 = 5.0;

/// What single precision may be off by, as a share of the size of the estimates, and of the cost that they are made of: both
/// are added to a standard error before a bias is called one.
const ROUNDING: f64 = 1e-6;
/// Half a unit in the last place.
const ROUNDING_OF_COST: f64 = 1.0 / 16_777_216.0;

/// Every estimator of a problem, and the exact gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The problem's name.
    pub problem: String,
    /// What is to be minimised.
    pub formula: String,
    /// The kind of variables.
    pub kind: &'static str,
    /// What each parameter is called.
    pub parameters: Vec<String>,
    /// `E[f]` and its gradient.
    pub exact: Exact,
    /// Of the streams.
    pub seed: u64,
    /// Nanoseconds a draw of the plain score function takes, timed in the same run, if anything was timed.
    pub plain_nanoseconds: Option<f64>,
    /// A row per estimator.
    pub rows: Vec<Row>,
}

impl Comparison {
    /// The exact gradient as one number: itself of one parameter, its length of several.
    pub fn exact_along(&self) -> f64 {
        let direction = direction(&self.exact.gradient);
        self.exact.gradient.iter().zip(&direction).map(|(g, u)| g * u).sum()
    }

    /// How often as long as the plain score function's draw a row's takes.
    pub fn times_plain(&self, row: &Row) -> Option<f64> {
        Some(row.nanoseconds? / self.plain_nanoseconds?)
    }
}

/// What one estimator did.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Values of the cost it asks for, a draw.
    pub values: f64,
    /// Values with gradients it asks for, a draw.
    pub gradients: f64,
    /// Draws that the figures are made of.
    pub draws: u64,
    /// The mean along the exact gradient: of one parameter, the mean itself.
    pub mean: f64,
    /// That, less what it should be.
    pub bias: f64,
    /// The standard error of both.
    pub bias_error: f64,
    /// The largest bias of a coordinate, or of the mean along the exact gradient, in standard errors.
    pub worst: f64,
    /// Whether that is more than [`ALARM`].
    pub biased: bool,
    /// The variance of all coordinates together.
    pub variance: f64,
    /// Its standard error.
    pub variance_error: f64,
    /// Nanoseconds a draw, its calls of the cost included; nothing if it was not timed.
    pub nanoseconds: Option<f64>,
    /// Each coordinate of the gradient.
    pub coordinates: Vec<Coordinate>,
}

impl Row {
    /// What it asks of the cost.
    pub fn asks(&self) -> &'static str {
        match (self.values > 0.0, self.gradients > 0.0) {
            (_, false) => "values",
            (true, true) => "values, gradients",
            (false, true) => "gradients",
        }
    }

    /// Variance times nanoseconds: what a given precision costs.
    pub fn price(&self) -> Option<f64> {
        Some(self.variance * self.nanoseconds?)
    }
}

/// One coordinate of the gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinate {
    /// The mean of the estimates.
    pub mean: f64,
    /// The mean less the exact one.
    pub bias: f64,
    /// The standard error of both.
    pub bias_error: f64,
    /// The variance.
    pub variance: f64,
    /// Its standard error.
    pub variance_error: f64,
}

/// Compares the register's estimators of a problem.
///
/// # Errors
/// [`Error::NoEstimator`] and [`Error::Setting`] for settings that mean nothing, [`Error::Cost`] with the first sample whose
/// cost is not finite.
pub fn compare<K: Registered>(
    problem: &Problem<K>,
    settings: &Settings,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Comparison, Error> {
    if problem.in_lanes().len() <= SMALL {
        compare_with::<SMALL, K>(problem, &K::estimators(), settings, progress)
    } else {
        compare_with::<CAPACITY, K>(problem, &K::estimators(), settings, progress)
    }
}

/// Compares these estimators of a problem with at most `N` parameters.
///
/// # Errors
/// As [`compare()`]; [`Error::Core`] for a problem with more parameters.
pub fn compare_with<const N: usize, K: VariableKind>(
    problem: &Problem<K>,
    entries: &[Entry<N, K>],
    settings: &Settings,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Comparison, Error> {
    on(&Bench::new(problem, entries, settings)?, problem, settings, progress)
}

/// The rows of what is on a bench.
fn on<const N: usize, K: VariableKind>(
    bench: &Bench<'_, N, K>,
    problem: &Problem<K>,
    settings: &Settings,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Comparison, Error> {
    let exact = problem.exact();
    let total = bench.entries.len() as u64 + u64::from(settings.repeats);
    let draws = settings.draws_for(exact.gradient.len());
    let (mut rows, mut plain_nanoseconds) = (Vec::new(), None);
    for (done, entry) in (0..).zip(&bench.entries) {
        progress(Progress { doing: entry.name(), done, total });
        rows.push(measured(bench, entry, draws, &exact)?);
    }
    if settings.repeats > 0 {
        let done = rows.len() as u64;
        progress(Progress { doing: "timing", done, total });
        let each = |repeat| progress(Progress { doing: "timing", done: done + u64::from(repeat), total });
        let (times, plain) = timing::nanoseconds(bench, settings.repeats, each)?;
        plain_nanoseconds = plain;
        rows.iter_mut().zip(times).for_each(|(row, time)| row.nanoseconds = Some(time));
    }
    Ok(Comparison {
        problem: problem.name().to_owned(),
        formula: problem.formula().to_owned(),
        kind: K::NAME,
        parameters: (0..exact.gradient.len()).map(|j| problem.parameter(j)).collect(),
        exact,
        seed: settings.seed,
        plain_nanoseconds,
        rows,
    })
}

/// How many rows a comparison with these settings has: what can be shared among machines, row by row.
///
/// # Errors
/// As [`compare()`].
pub fn rows<K: Registered>(problem: &Problem<K>, settings: &Settings) -> Result<usize, Error> {
    fn of<const N: usize, K: Registered>(problem: &Problem<K>, settings: &Settings) -> Result<usize, Error> {
        Ok(Bench::new(problem, &K::estimators::<N>(), settings)?.entries.len())
    }
    if problem.in_lanes().len() <= SMALL {
        of::<SMALL, K>(problem, settings)
    } else {
        of::<CAPACITY, K>(problem, settings)
    }
}

/// Some rows of a comparison, each with the bits that it has in the whole. Nothing is timed.
///
/// ```
/// use samplegrad_lab::{self as lab, Settings, problems};
///
/// let (problem, settings) = (problems::toy(0.45, 2.0)?, Settings { repeats: 0, draws: Some(64), ..Settings::default() });
/// let whole = lab::compare(&problem, &settings, &mut |_| ())?;
/// assert_eq!(lab::rows(&problem, &settings)?, whole.rows.len());
/// assert_eq!(lab::compare_rows(&problem, &settings, 3..5)?.rows, whole.rows[3..5]);
/// # Ok::<(), lab::Error>(())
/// ```
///
/// # Errors
/// As [`compare()`].
pub fn compare_rows<K: Registered>(
    problem: &Problem<K>,
    settings: &Settings,
    places: Range<usize>,
) -> Result<Comparison, Error> {
    fn of<const N: usize, K: Registered>(
        problem: &Problem<K>,
        settings: &Settings,
        places: Range<usize>,
    ) -> Result<Comparison, Error> {
        let entries = K::estimators::<N>();
        let bench = Bench::new(problem, &entries, settings)?.only(places);
        on(&bench, problem, &Settings { repeats: 0, ..settings.clone() }, &mut |_| ())
    }
    if problem.in_lanes().len() <= SMALL {
        of::<SMALL, K>(problem, settings, places)
    } else {
        of::<CAPACITY, K>(problem, settings, places)
    }
}

/// A direction of length one: the exact gradient's; of one parameter, upwards.
fn direction(exact: &[f64]) -> Vec<f64> {
    let length = exact.iter().map(|g| g * g).sum::<f64>().sqrt();
    match exact {
        [_] => vec![1.0],
        _ if length > 0.0 => exact.iter().map(|g| g / length).collect(),
        _ => vec![1.0 / (exact.len() as f64).sqrt(); exact.len()],
    }
}

/// One estimator's row. A sixteenth as many draws come first and do not count: they find the centre, and let an
/// estimator that learns do so.
fn measured<const N: usize, K: VariableKind>(
    bench: &Bench<'_, N, K>,
    entry: &Entry<N, K>,
    draws: u64,
    exact: &Exact,
) -> Result<Row, Error> {
    let draws = if entry.is_exact() { 2 * STREAMS as u64 } else { draws };
    let each = draws / STREAMS as u64;
    let before = if entry.is_exact() { 1 } else { (each / 16).max(16) };
    let mut cost = CountedCost::new(bench.problem.objective());
    let mut centre = RunningMoments::new(vec![0.0; exact.gradient.len()], vec![0.0; exact.gradient.len()]);
    let mut groups = Vec::new();
    for first in (0..STREAMS).step_by(L::LANES) {
        let (mut estimator, mut rng) = (entry.build(&bench.given), LaneRng::<L>::new(bench.seed, first as u64));
        for _ in 0..before {
            let drawn = estimator.draw(&bench.variables, &mut cost, &mut rng);
            centre.take(first, &drawn.map_err(|error| bench.refused(&error))?.gradient);
        }
        groups.push((first, estimator, rng));
    }
    let centre = (0..exact.gradient.len()).map(|j| centre.mean(j).value).collect();
    let mut moments = RunningMoments::new(centre, direction(&exact.gradient));
    let mut cost = CountedCost::new(bench.problem.objective());
    for (first, estimator, rng) in &mut groups {
        for _ in 0..each {
            let drawn = estimator.draw(&bench.variables, &mut cost, rng);
            moments.take(*first, &drawn.map_err(|error| bench.refused(&error))?.gradient);
        }
    }
    Ok(row(entry.name(), &moments, &cost, exact))
}

fn row<K: VariableKind>(name: &str, moments: &RunningMoments, cost: &CountedCost<K>, exact: &Exact) -> Row {
    let coordinate = |(j, exact): (usize, &f64)| {
        let (mean, variance) = (moments.mean(j), moments.variance(j));
        Coordinate {
            mean: mean.value,
            bias: mean.value - exact,
            bias_error: mean.error,
            variance: variance.value,
            variance_error: variance.error,
        }
    };
    let coordinates: Vec<Coordinate> = exact.gradient.iter().enumerate().map(coordinate).collect();
    let direction = direction(&exact.gradient);
    let wanted: f64 = exact.gradient.iter().zip(&direction).map(|(g, u)| g * u).sum();
    let (along, trace) = (moments.along(), moments.trace());
    let bias = along.value - wanted;
    let of_cost = ROUNDING_OF_COST * exact.mean.abs() + f64::MIN_POSITIVE;
    let rounding = |exact: f64, variance: f64| ROUNDING * (exact * exact + variance).sqrt() + of_cost;
    let each = coordinates.iter().zip(&exact.gradient);
    let each = each.map(|(c, &g)| c.bias.abs() / (c.bias_error + rounding(g, c.variance)));
    let along_error = along.error + rounding(wanted, trace.value);
    let worst = each.fold(bias.abs() / along_error, f64::max);
    // Every lane of a call is a call, and every lane of an estimate an estimate.
    let calls = |calls: u64| calls as f64 * L::LANES as f64 / moments.count();
    Row {
        name: name.to_owned(),
        values: calls(cost.values),
        gradients: calls(cost.gradients),
        draws: moments.count() as u64,
        mean: along.value,
        bias,
        bias_error: along.error,
        worst,
        biased: worst > ALARM,
        variance: trace.value,
        variance_error: trace.error,
        nanoseconds: None,
        coordinates,
    }
}
