//! Comparisons of estimators, row by row, and learning runs, curve by curve.

use samplegrad_lab::{
    self as lab, Comparison, Coordinate, Curve, LearnSettings, Learning, Problem, Registered, Row, Settings,
    VariableKind,
};

use crate::{
    error::Error,
    ranks::{Job, Ranks},
};

/// Compares the registered estimators of a problem, each row on one rank. Every number has the bits of
/// [`lab::compare`](samplegrad_lab::compare()). Nothing is timed, because ranks may differ in speed.
///
/// ```no_run
/// use samplegrad_lab::{Settings, problems, text};
/// use samplegrad_mpi::{Ranks, lab, start};
///
/// start(|world| {
///     let comparison = lab::compare(&Ranks::new(world), &problems::toy(0.45, 2.0)?, &Settings::default())?;
///     println!("{}", text::comparison(&comparison));
///     Ok(())
/// });
/// ```
///
/// # Errors
/// [`Error::Lab`] for invalid settings; otherwise as [`Ranks::run`].
pub fn compare<K: Registered>(
    ranks: &Ranks<'_>,
    problem: &Problem<K>,
    settings: &Settings,
) -> Result<Comparison, Error> {
    let settings = Settings { repeats: 0, ..settings.clone() };
    let count = lab::rows(problem, &settings)?;
    let mut comparison = lab::compare_rows(problem, &settings, 0..0)?;
    let (name, numbers) = asked(problem, &format!("{settings:?}"));
    let job = Job { name: &name, numbers: &numbers, pieces: count };
    let pieces = ranks.run(&job, |piece| {
        let part = lab::compare_rows(problem, &settings, piece..piece + 1).map_err(|error| error.to_string())?;
        Ok(part.rows.iter().flat_map(words).collect())
    })?;
    comparison.rows = pieces.iter().filter_map(|words| row(words)).collect();
    Ok(comparison)
}

/// Runs the registered estimators on a learning problem, each on one rank. Every number has the bits of
/// [`lab::learn`](samplegrad_lab::learn()).
///
/// ```no_run
/// use samplegrad_lab::{LearnSettings, Settings, problems, text};
/// use samplegrad_mpi::{Ranks, lab, start};
///
/// start(|world| {
///     let (problem, settings) = (problems::quadratic(0.499, 200)?, Settings::default());
///     let learning = lab::learn(&Ranks::new(world), &problem, &settings, &LearnSettings::default())?;
///     println!("{}", text::learning(&learning));
///     Ok(())
/// });
/// ```
///
/// # Errors
/// As [`compare`].
pub fn learn<K: Registered>(
    ranks: &Ranks<'_>,
    problem: &Problem<K>,
    settings: &Settings,
    steps: &LearnSettings,
) -> Result<Learning, Error> {
    let count = lab::rows(problem, settings)?;
    let mut learning = lab::learn_curves(problem, settings, steps, 0..0)?;
    let (name, numbers) = asked(problem, &format!("{settings:?} {steps:?}"));
    let job = Job { name: &name, numbers: &numbers, pieces: count };
    let pieces = ranks.run(&job, |piece| {
        let part = lab::learn_curves(problem, settings, steps, piece..piece + 1).map_err(|error| error.to_string())?;
        Ok(part.curves.iter().flat_map(words_of_curve).collect())
    })?;
    learning.curves = pieces.iter().filter_map(|words| curve(words, learning.learners)).collect();
    Ok(learning)
}

/// Returns the identity of a checkpoint: the problem by its names, its exact mean and gradient, and the settings.
fn asked<K: VariableKind>(problem: &Problem<K>, settings: &str) -> (String, Vec<u64>) {
    let exact = problem.exact();
    let numbers = [exact.mean].into_iter().chain(exact.gradient).map(f64::to_bits).collect();
    (format!("{} {} {settings}", problem.name(), problem.formula()), numbers)
}

/// Encodes a curve as words: the length of its name, the name, the step at which the curve diverged, if it did, and the
/// objectives of the curve.
fn words_of_curve(curve: &Curve) -> Vec<u64> {
    let mut words = vec![curve.name.len() as u64];
    words.extend(curve.name.bytes().map(u64::from));
    words.extend([curve.diverged.is_some().into(), curve.diverged.unwrap_or_default()]);
    words.extend(curve.objectives.iter().flatten().map(|x| x.to_bits()));
    words
}

fn curve(words: &[u64], learners: usize) -> Option<Curve> {
    let (name, rest) = name(words)?;
    let (&[has_diverged, step], objectives) = rest.split_first_chunk::<2>()?;
    let row = |row: &[u64]| row.iter().copied().map(f64::from_bits).collect();
    let objectives = objectives.chunks(learners).map(row).collect();
    Some(Curve { name, objectives, diverged: (has_diverged != 0).then_some(step) })
}

/// Decodes the name at the beginning. Returns the name and the remaining words.
fn name(words: &[u64]) -> Option<(String, &[u64])> {
    let (&length, rest) = words.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    Some((String::from_utf8(name.iter().map(|&byte| byte as u8).collect()).ok()?, rest))
}

/// The number of real numbers in a row.
const REALS: usize = 8;

/// Encodes a row as words: the length of its name, the name, counts, numbers, and its coordinates.
fn words(row: &Row) -> Vec<u64> {
    let mut words = vec![row.name.len() as u64];
    words.extend(row.name.bytes().map(u64::from));
    words.extend([row.draws, row.biased.into()]);
    let reals: [f64; REALS] =
        [row.values, row.gradients, row.mean, row.bias, row.bias_error, row.worst, row.variance, row.variance_error];
    words.extend(reals.map(f64::to_bits));
    for c in &row.coordinates {
        words.extend([c.mean, c.bias, c.bias_error, c.variance, c.variance_error].map(f64::to_bits));
    }
    words
}

fn row(words: &[u64]) -> Option<Row> {
    let (name, rest) = name(words)?;
    let (&[draws, biased], rest) = rest.split_first_chunk::<2>()?;
    let (reals, rest) = rest.split_first_chunk::<REALS>()?;
    let [values, gradients, mean, bias, bias_error, worst, variance, variance_error] = reals.map(f64::from_bits);
    let coordinate = |words: &[u64; 5]| {
        let [mean, bias, bias_error, variance, variance_error] = words.map(f64::from_bits);
        Coordinate { mean, bias, bias_error, variance, variance_error }
    };
    Some(Row {
        name,
        values,
        gradients,
        draws,
        mean,
        bias,
        bias_error,
        worst,
        biased: biased != 0,
        variance,
        variance_error,
        nanoseconds: None,
        coordinates: rest.as_chunks::<5>().0.iter().map(coordinate).collect(),
    })
}
