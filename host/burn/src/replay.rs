//! A replay of an estimator of the core. The estimator runs twice with the same noise. The forward run records the
//! points at which the estimator evaluates the cost. The backward run takes the values and gradients of burn's graph at
//! these points. So the samples, noise and gradient have the bits of the core.

use std::sync::{Arc, Mutex, PoisonError};

use samplegrad_core::{
    Bernoullis, Categoricals,
    cost::{Cost, DifferentiableCost},
    estimator::Estimator,
    lane::{Lane, Word},
};
use samplegrad_host::{
    Error, Native, NativeWord, Streams,
    batch::{
        Logits,
        estimator::{self, Rows},
    },
};

use crate::variables::Variables;

/// The values and gradients of the graph at the points that an estimator evaluates, in order: one value per row and one
/// slope per column. Missing values and slopes are zero.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) values: Vec<Vec<f32>>,
    pub(super) slopes: Vec<Vec<f32>>,
}

/// A cost function that is known only by its value and slope at each evaluated point. With such a cost function, an
/// [`Estimator`] runs as a node of burn's graph.
///
/// Bounds: [`OfBits`], [`OfClasses`].
#[derive(Debug)]
pub struct Linear {
    rows: Rows,
    asked: usize,
    columns: usize,
    answers: Arc<Answers>,
    points: Arc<Mutex<Vec<Vec<f32>>>>,
    total: usize,
}

impl Linear {
    /// Calls `f` with the number of the row and the lane, once for each row.
    fn each_row(&self, mut f: impl FnMut(usize, usize)) {
        for lane in 0..Native::LANES {
            // Lanes beyond the last row repeat the last row, with the same noise.
            if lane == 0 || self.rows.row(lane) != self.rows.row(lane - 1) {
                f(self.rows.row(lane), lane);
            }
        }
    }

    /// Records the evaluated point.
    fn keep(&mut self, coordinate: impl Fn(usize, usize) -> f32) {
        let points = &mut *self.points.lock().unwrap_or_else(PoisonError::into_inner);
        if points.len() <= self.asked {
            points.push(vec![0.0; self.total]);
        }
        let point = &mut points[self.asked];
        self.each_row(|row, lane| {
            for column in 0..self.columns {
                point[row * self.columns + column] = coordinate(column, lane);
            }
        });
    }

    /// Returns the value and gradient of the current evaluation, and advances to the next.
    fn answer(&mut self, gradient: &mut [Native]) -> Native {
        if let Some(slopes) = self.answers.slopes.get(self.asked).filter(|slopes| !slopes.is_empty()) {
            for (column, g) in gradient.iter_mut().enumerate() {
                *g = Native::from_fn(|lane| slopes[self.rows.row(lane) * self.columns + column]);
            }
        }
        let value = self.answers.values.get(self.asked).filter(|values| !values.is_empty());
        self.asked += 1;
        value.map_or(Native::ZERO, |values| self.rows.column(values))
    }
}

impl Cost<[Native], Native> for Linear {
    fn value(&mut self, x: &[Native]) -> Native {
        self.keep(|column, lane| x[column].extract(lane));
        self.answer(&mut [])
    }
}

impl Cost<[NativeWord], Native> for Linear {
    fn value(&mut self, x: &[NativeWord]) -> Native {
        self.keep(|column, lane| if x[0].extract(lane) as usize == column { 1.0 } else { 0.0 });
        self.answer(&mut [])
    }
}

impl DifferentiableCost<Native> for Linear {
    fn value_and_gradient(&mut self, y: &[Native], gradient: &mut [Native]) -> Native {
        self.keep(|column, lane| y[column].extract(lane));
        gradient.fill(Native::ZERO);
        self.answer(gradient)
    }
}

/// An estimator for bits that needs only the value and slope of a cost function.
///
/// ```
/// use samplegrad_burn::OfBits;
/// use samplegrad_core::{Temperature, gumbel_rao_limit::GumbelRaoLimit, reinmax::ReinMax};
///
/// fn takes(_: impl OfBits) {}
/// takes(ReinMax { tau: Temperature::ONE });
/// ```
pub trait OfBits: Estimator<Bernoullis<1, Native>, Linear> + Clone + Send + Sync + 'static {}

impl<E> OfBits for E where E: Estimator<Bernoullis<1, Native>, Linear> + Clone + Send + Sync + 'static {}

/// An estimator for at most [`MOST_CLASSES`] classes that needs only the value and slope of a cost function.
///
/// ```
/// use samplegrad_burn::OfClasses;
/// use samplegrad_core::{Temperature, reinmax::ReinMax};
///
/// fn takes(_: impl OfClasses) {}
/// takes(ReinMax { tau: Temperature::ONE });
/// ```
pub trait OfClasses:
    Estimator<Categoricals<16, Native>, Linear>
    + Estimator<Categoricals<MOST_CLASSES, Native>, Linear>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<E> OfClasses for E where
    E: Estimator<Categoricals<16, Native>, Linear>
        + Estimator<Categoricals<MOST_CLASSES, Native>, Linear>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// The most classes of a variable for which this crate can run an estimator of the core.
pub const MOST_CLASSES: usize = 128;

/// The points that an estimator evaluated, row-major, and its gradient.
pub(super) struct Replay {
    pub(super) points: Vec<Vec<f32>>,
    pub(super) gradient: Vec<f32>,
}

fn conversation<R>(
    answers: Answers,
    columns: usize,
    total: usize,
    run: impl FnOnce(&(dyn Fn(Rows) -> Linear + Sync)) -> Result<R, Error>,
) -> Result<(Vec<Vec<f32>>, R), Error> {
    let (answers, points) = (Arc::new(answers), Arc::new(Mutex::new(Vec::new())));
    let cost =
        |rows| Linear { rows, asked: 0, columns, total, answers: Arc::clone(&answers), points: Arc::clone(&points) };
    let outcome = run(&cost)?;
    let points = core::mem::take(&mut *points.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((points, outcome))
}

/// Runs an estimator on every bit, one row per bit. `answers` has one value per bit.
///
/// # Errors
/// The errors of [`estimator::bernoullis`]. Streams are then unchanged.
pub(super) fn bits(
    logits: &[f32],
    estimator: &impl OfBits,
    answers: Answers,
    streams: &mut Streams,
) -> Result<Replay, Error> {
    let rows = Logits::new(logits, 1)?;
    let (points, gradient) = conversation(answers, 1, logits.len(), |cost| {
        let (mut mean, mut gradient) = (vec![0.0; logits.len()], vec![0.0; logits.len()]);
        estimator::bernoullis::<1, Native, Linear>(&rows, estimator, cost, streams, &mut mean, &mut gradient)?;
        Ok(gradient)
    })?;
    Ok(Replay { points, gradient })
}

/// Runs an estimator on every categorical variable, one row per variable. `answers` has one value per variable.
///
/// # Errors
/// The errors of [`estimator::categoricals`]; [`Error::TooLarge`] for more than [`MOST_CLASSES`]. Streams are then
/// unchanged.
pub(super) fn classes(
    logits: &[f32],
    k: usize,
    estimator: &impl OfClasses,
    answers: Answers,
    streams: &mut Streams,
) -> Result<Replay, Error> {
    let rows = Logits::new(logits, k)?;
    let (points, gradient) = conversation(answers, k, logits.len(), |cost| {
        let (mut mean, mut gradient) = (vec![0.0; rows.rows()], vec![0.0; logits.len()]);
        let (mean, to) = (&mut mean, &mut gradient);
        if k <= 16 {
            estimator::categoricals::<16, Native, Linear>(&rows, &[k], estimator, cost, streams, mean, to)?;
        } else if k <= MOST_CLASSES {
            estimator::categoricals::<MOST_CLASSES, Native, Linear>(&rows, &[k], estimator, cost, streams, mean, to)?;
        } else {
            return Err(Error::TooLarge { what: "classes" });
        }
        Ok(gradient)
    })?;
    Ok(Replay { points, gradient })
}

/// Runs an estimator on bits or on categorical variables.
pub(super) fn run(
    variables: Variables,
    logits: &[f32],
    estimator: &(impl OfBits + OfClasses),
    answers: Answers,
    streams: &mut Streams,
) -> Result<Replay, Error> {
    match variables {
        Variables::Bits => bits(logits, estimator, answers, streams),
        Variables::Classes(k) => classes(logits, k, estimator, answers, streams),
    }
}

/// Returns the gradient, or NaNs if it could not be computed because the cotangent is not finite: a backward pass
/// returns no error.
pub(super) fn gradient(replay: Result<Replay, Error>, length: usize) -> Vec<f32> {
    replay.map_or_else(|_| vec![f32::NAN; length], |replay| replay.gradient)
}
