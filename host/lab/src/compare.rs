//! The comparison of estimators: one row for each estimator.

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

/// The number of standard errors above which a mean counts as biased.
pub const ALARM: f64 = 5.0;

/// The allowed rounding error of single precision, as a share of the size of the estimates. This error and the rounding
/// error of the cost are added to a standard error before a bias is reported.
const ROUNDING: f64 = 1e-6;
/// The allowed rounding error of the cost, half a unit in the last place.
const ROUNDING_OF_COST: f64 = 1.0 / 16_777_216.0;

/// A comparison of a problem's estimators, with the exact gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The problem's name.
    pub problem: String,
    /// The objective to minimise.
    pub formula: String,
    /// The kind of variables.
    pub kind: &'static str,
    /// The name of each parameter.
    pub parameters: Vec<String>,
    /// `E[f]` and its gradient.
    pub exact: Exact,
    /// The seed of the streams.
    pub seed: u64,
    /// Nanoseconds per draw of the plain score function, measured in the same run; `None` if nothing was timed.
    pub plain_nanoseconds: Option<f64>,
    /// A row per estimator.
    pub rows: Vec<Row>,
}

impl Comparison {
    /// Returns the exact gradient as one number: the derivative for one parameter, the norm for several.
    pub fn exact_along(&self) -> f64 {
        let direction = direction(&self.exact.gradient);
        self.exact.gradient.iter().zip(&direction).map(|(g, u)| g * u).sum()
    }

    /// Returns the time of a row's draw divided by the time of the plain score function's draw.
    pub fn times_plain(&self, row: &Row) -> Option<f64> {
        Some(row.nanoseconds? / self.plain_nanoseconds?)
    }
}

/// The results of one estimator.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The estimator's name.
    pub name: String,
    /// Evaluations of the cost per draw.
    pub values: f64,
    /// Evaluations of the cost with gradient per draw.
    pub gradients: f64,
    /// The number of draws in the figures.
    pub draws: u64,
    /// The component of the mean along the exact gradient. For one parameter, it is the mean itself.
    pub mean: f64,
    /// The mean minus its exact value.
    pub bias: f64,
    /// The standard error of mean and bias.
    pub bias_error: f64,
    /// The largest bias in standard errors, over all coordinates and the mean along the exact gradient.
    pub worst: f64,
    /// True if `worst` is more than [`ALARM`].
    pub biased: bool,
    /// The sum of the variances of all coordinates.
    pub variance: f64,
    /// The standard error of the variance.
    pub variance_error: f64,
    /// Nanoseconds per draw, including calls of the cost; `None` if not timed.
    pub nanoseconds: Option<f64>,
    /// The results for each coordinate of the gradient.
    pub coordinates: Vec<Coordinate>,
}

impl Row {
    /// Returns the kinds of evaluations of the cost that the estimator needs.
    pub fn asks(&self) -> &'static str {
        match (self.values > 0.0, self.gradients > 0.0) {
            (_, false) => "values",
            (true, true) => "values, gradients",
            (false, true) => "gradients",
        }
    }

    /// Returns the variance times the nanoseconds per draw, which is proportional to the time for a given precision.
    pub fn price(&self) -> Option<f64> {
        Some(self.variance * self.nanoseconds?)
    }
}

/// The results for one coordinate of the gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinate {
    /// The mean of the estimates.
    pub mean: f64,
    /// The mean minus its exact value.
    pub bias: f64,
    /// The standard error of mean and bias.
    pub bias_error: f64,
    /// The variance.
    pub variance: f64,
    /// The standard error of the variance.
    pub variance_error: f64,
}

/// Compares the registered estimators of a problem.
///
/// # Errors
/// [`Error::NoEstimator`] and [`Error::Setting`] for invalid settings, [`Error::Cost`] with the first sample whose cost
/// is not finite.
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
/// The errors of [`compare()`]; [`Error::Core`] for a problem with more than `N` parameters.
pub fn compare_with<const N: usize, K: VariableKind>(
    problem: &Problem<K>,
    entries: &[Entry<N, K>],
    settings: &Settings,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Comparison, Error> {
    on(&Bench::new(problem, entries, settings)?, problem, settings, progress)
}

/// Computes the rows of the estimators on a bench.
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

/// Returns the number of rows of a comparison with these settings. Rows can be shared among machines.
///
/// # Errors
/// The errors of [`compare()`].
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

/// Computes some rows of a comparison. Each row has the same bits as in the whole comparison. Measures no times.
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
/// The errors of [`compare()`].
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

/// Returns a unit vector along the exact gradient; for one parameter, upwards.
fn direction(exact: &[f64]) -> Vec<f64> {
    let length = exact.iter().map(|g| g * g).sum::<f64>().sqrt();
    match exact {
        [_] => vec![1.0],
        _ if length > 0.0 => exact.iter().map(|g| g / length).collect(),
        _ => vec![1.0 / (exact.len() as f64).sqrt(); exact.len()],
    }
}

/// Measures one estimator. Some draws come first and are not counted: a sixteenth of the number of counted draws. The
/// uncounted draws determine the centre of the moments and let a learning estimator learn.
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
    // A call of the cost counts once per lane, and so does a draw of the estimator.
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
