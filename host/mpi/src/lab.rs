//! Comparisons of estimators, row by row.

use samplegrad_host::lab::{self, Comparison, Coordinate, Kind, Problem, Row, Settings};

use crate::{Error, Job, Ranks};

/// Compares the register's estimators of a problem, each row on one rank. Every figure has the bits that
/// [`lab::compare`](samplegrad_host::lab::compare()) gives it; nothing is timed, because ranks may be of different speeds.
///
/// ```no_run
/// use samplegrad_host::lab::{Settings, problems, text};
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
/// [`Error::Lab`] for settings that mean nothing; otherwise as [`Ranks::run`].
pub fn compare<K: Kind>(ranks: &Ranks<'_>, problem: &Problem<K>, settings: &Settings) -> Result<Comparison, Error> {
    let settings = Settings { repeats: 0, ..settings.clone() };
    let count = lab::rows(problem, &settings)?;
    let mut comparison = lab::compare_rows(problem, &settings, 0..0)?;
    let name = format!("{} {} {settings:?}", comparison.problem, comparison.formula);
    let numbers: Vec<u64> =
        [comparison.exact.mean].iter().chain(&comparison.exact.gradient).map(|x| x.to_bits()).collect();
    let job = Job { name: &name, numbers: &numbers, pieces: count };
    let pieces = ranks.run(&job, |piece| {
        let part = lab::compare_rows(problem, &settings, piece..piece + 1).map_err(|error| error.to_string())?;
        Ok(part.rows.iter().flat_map(words).collect())
    })?;
    comparison.rows = pieces.iter().filter_map(|words| row(words)).collect();
    Ok(comparison)
}

/// Numbers of a row that are real.
const REALS: usize = 8;

/// A row as words: the length of its name, the name, counts, numbers, and its coordinates.
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
    let (&length, rest) = words.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let (&[draws, biased], rest) = rest.split_first_chunk::<2>()?;
    let (reals, rest) = rest.split_first_chunk::<REALS>()?;
    let [values, gradients, mean, bias, bias_error, worst, variance, variance_error] = reals.map(f64::from_bits);
    let coordinate = |words: &[u64; 5]| {
        let [mean, bias, bias_error, variance, variance_error] = words.map(f64::from_bits);
        Coordinate { mean, bias, bias_error, variance, variance_error }
    };
    Some(Row {
        name: String::from_utf8(name.iter().map(|&byte| byte as u8).collect()).ok()?,
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
