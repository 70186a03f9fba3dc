//! Estimators of the core, applied to batches. Each row of a batch has separate parameters, a separate stream and a
//! separate gradient.
//!
//! A cost function takes vectors of one type `L`, which is the second type argument in the example. `L` determines the
//! number of lanes of the computation. `in_lanes` of the logits has no effect. The rows are divided among the threads
//! of the current `rayon` pool. Each thread calls `cost` to get the cost function of some rows. Only this thread calls
//! the returned function.
//!
//! ```
//! use samplegrad_core::disarm::DisArm;
//! use samplegrad_host::{Native, Streams, batch::{Logits, estimator}};
//!
//! // Four rows of two bits, and a target for each row: the cost is how far the sum of the bits is off.
//! let (logits, targets) = ([0.0, 1.0, -1.0, 0.5, 2.0, 0.0, 0.0, 0.0], [0.0, 1.0, 2.0, 1.0]);
//! let (mut mean, mut gradient) = ([0.0; 4], [0.0; 8]);
//! let cost = |rows: estimator::Rows| {
//!     let target: Native = rows.column(&targets);
//!     move |b: &[Native]| (b[0] + b[1] - target) * (b[0] + b[1] - target)
//! };
//! let (logits, streams) = (Logits::new(&logits, 2)?, &mut Streams::new(2026, 4)?);
//! estimator::bernoullis::<2, Native, _>(&logits, &DisArm, cost, streams, &mut mean, &mut gradient)?;
//! assert!(gradient.iter().all(|g| g.is_finite()));
//! # Ok::<(), samplegrad_host::Error>(())
//! ```

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use samplegrad_core::{
    Bernoullis, Categoricals,
    cost::CostError,
    estimator::{Estimate, Estimator},
    lane::Lane,
    variables::Variables,
};

use crate::{
    batch::{
        engine::{
            scratch::{Room, Scratch},
            split::{RowNumbers, Splittable, TableMut, spread},
            tile,
        },
        logits::Logits,
    },
    error::Error,
    lanes::vector::Vector,
    streams::{lane_rng::LaneRng, streams::Streams},
};

/// The rows for which one cost function computes the costs. Each lane computes one row.
///
/// ```
/// use samplegrad_core::disarm::DisArm;
/// use samplegrad_host::{Native, Streams, batch::{Logits, estimator::{self, Rows}}};
///
/// let offsets = [10.0, 20.0, 30.0];
/// let (mut mean, mut gradient) = ([0.0; 3], [0.0; 3]);
/// let cost = |rows: Rows| {
///     let offset: Native = rows.column(&offsets);
///     move |_: &[Native]| offset
/// };
/// let logits = Logits::new(&[0.0; 3], 1)?;
/// estimator::bernoullis::<1, Native, _>(&logits, &DisArm, cost, &mut Streams::new(1, 3)?, &mut mean, &mut gradient)?;
/// assert_eq!(mean, offsets);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    first: usize,
    active: usize,
}

impl Rows {
    /// Returns the row of a lane. A lane beyond the last row repeats the last row.
    pub fn row(self, lane: usize) -> usize {
        self.first + lane.min(self.active - 1)
    }

    /// Loads one number for each of these rows. The slice must have one number for every row of the batch.
    ///
    /// # Panics
    /// If the slice is shorter than the batch.
    pub fn column<L: Lane>(self, values: &[f32]) -> L {
        L::from_fn(|lane| values[self.row(lane)])
    }
}

/// Estimates `E[f]` and its gradient with respect to the logits, for each row of Bernoulli logits. Writes the estimates
/// of `E[f]` to `mean` and the estimates of the gradient, row-major, to `gradient`. `cost` returns the cost function of
/// some rows, in lanes of `L`. The capacity `N` must be at least the number of bits.
///
/// Each row starts with a copy of `estimator`. The state that an estimator learns from its samples is discarded.
///
/// # Errors
/// [`Error::Length`] unless the outputs have the right shapes. [`Error::Row`] for a row that [`Bernoullis::new`]
/// refuses. [`Error::Cost`] with the first row whose cost is not finite. If an error is returned, outputs and streams
/// are unchanged.
pub fn bernoullis<const N: usize, L: Vector, F>(
    logits: &Logits<'_>,
    estimator: &(impl Estimator<Bernoullis<N, L>, F> + Clone + Sync),
    cost: impl Fn(Rows) -> F + Sync,
    streams: &mut Streams,
    mean: &mut [f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    each_row(logits, Bernoullis::new, estimator, cost, streams, mean, gradient)
}

/// Does the same as [`bernoullis`] for products of categorical variables. The variables have `sizes` classes, and a row
/// contains the logits of all variables.
///
/// # Errors
/// The errors of [`bernoullis`], with [`Categoricals::new`] in place of [`Bernoullis::new`].
pub fn categoricals<const N: usize, L: Vector, F>(
    logits: &Logits<'_>,
    sizes: &[usize],
    estimator: &(impl Estimator<Categoricals<N, L>, F> + Clone + Sync),
    cost: impl Fn(Rows) -> F + Sync,
    streams: &mut Streams,
    mean: &mut [f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    each_row(logits, |logits: &[L]| Categoricals::new(sizes, logits), estimator, cost, streams, mean, gradient)
}

fn each_row<L: Vector, V: Variables<Lane = L>, F>(
    logits: &Logits<'_>,
    variables: impl Fn(&[L]) -> Result<V, samplegrad_core::Error> + Sync,
    estimator: &(impl Estimator<V, F> + Clone + Sync),
    cost: impl Fn(Rows) -> F + Sync,
    streams: &mut Streams,
    mean: &mut [f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    logits.check_column("mean", mean.len())?;
    logits.check_values("gradient", gradient.len())?;
    check(logits, &variables)?;
    let estimate = |lanes: Rows, tile: &[L], rng: &mut LaneRng<L>| -> Result<Estimate<V>, Error> {
        let variables = variables(tile).map_err(|source| Error::Row { row: lanes.first, source })?;
        let estimate = estimator.clone().estimate(&variables, &mut cost(lanes), rng);
        estimate.map_err(|error: CostError<V::Values>| Error::Cost { row: lanes.row(error.lane), value: error.value })
    };

    // The cost of any row can be non-finite. Outputs are written only when the costs of all rows are known.
    let (rows, columns) = (logits.rows(), logits.classes());
    let mut written = Scratch::<f32>::new(mean.len() + gradient.len(), 0.0);
    let (means, gradients) = written.split_at_mut(mean.len());
    let mut attempt = Attempt::new(streams, rows);
    let failure = Failure::default();
    let means_and_gradients = (TableMut::new(means, 1), TableMut::new(gradients, columns));
    let mut parts = (RowNumbers(0..rows), logits.table(), means_and_gradients);
    while parts.rows() > 0 && failure.is_none() {
        let count = attempt.streams.count().min(parts.rows());
        let (round, others) = parts.split_at(count);
        parts = others;
        let chunk = (round, attempt.streams.first_mut(count));
        spread(chunk, columns, &|((numbers, of, (means, gradients)), mut streams)| {
            let room = &mut Room::<L, 1>::new(columns, L::ZERO);
            let [tile] = room.slices();
            for rows in tile::tiles::<L>(of.rows()) {
                let lanes = Rows { first: numbers.0.start + rows.first, active: rows.active };
                if failure.is_before(lanes.first) {
                    return;
                }
                rows.load(of.values, tile);
                let mut rng = streams.load_repeated(rows.first, rows.active);
                match estimate(lanes, tile, &mut rng) {
                    Ok(Estimate { mean, gradient }) => {
                        rows.store_column(mean, means.values);
                        rows.store(&gradient, gradients.values);
                        streams.store(rows.first, rows.active, &rng);
                    }
                    Err(error) => {
                        // Another lane may have failed in another sample. Each row is therefore evaluated alone, to
                        // find the first row that fails.
                        let alone = |lane: usize| {
                            let row = tile::TileRows { first: rows.first + lane, active: 1 };
                            row.load(of.values, tile);
                            let lanes = Rows { first: lanes.first + lane, active: 1 };
                            estimate(lanes, tile, &mut streams.load_repeated(row.first, 1)).err()
                        };
                        return failure.put((0..rows.active).find_map(alone).unwrap_or(error));
                    }
                }
            }
        });
    }
    failure.result()?;
    mean.copy_from_slice(means);
    gradient.copy_from_slice(gradients);
    attempt.succeeded = true;
    Ok(())
}

/// Checks that every row has valid parameters.
fn check<L: Vector, V>(
    logits: &Logits<'_>,
    variables: &(impl Fn(&[L]) -> Result<V, samplegrad_core::Error> + Sync),
) -> Result<(), Error> {
    let (failure, columns) = (Failure::default(), logits.classes());
    spread((RowNumbers(0..logits.rows()), logits.table()), columns, &|(numbers, of)| {
        let room = &mut Room::<L, 1>::new(columns, L::ZERO);
        let [tile] = room.slices();
        for rows in tile::tiles::<L>(of.rows()) {
            let first = numbers.0.start + rows.first;
            if failure.is_before(first) {
                return;
            }
            rows.load(of.values, tile);
            if let Err(source) = variables(tile) {
                let alone = |lane: usize| {
                    tile::TileRows { first: rows.first + lane, active: 1 }.load(of.values, tile);
                    variables(tile).err().map(|source| Error::Row { row: first + lane, source })
                };
                let refused = (0..rows.active).find_map(alone);
                return failure.put(refused.unwrap_or(Error::Row { row: first, source }));
            }
        }
    });
    failure.result()
}

/// The error of the first row that failed on any thread.
struct Failure {
    row: AtomicUsize,
    error: Mutex<Option<Error>>,
}

impl Default for Failure {
    fn default() -> Self {
        Self { row: AtomicUsize::new(usize::MAX), error: Mutex::new(None) }
    }
}

impl Failure {
    fn is_none(&self) -> bool {
        self.row.load(Ordering::Relaxed) == usize::MAX
    }

    /// Returns whether an earlier row is known to have failed.
    fn is_before(&self, row: usize) -> bool {
        self.row.load(Ordering::Relaxed) < row
    }

    /// Stores an error, unless the error of an earlier row is stored.
    fn put(&self, error: Error) {
        let (Error::Row { row, .. } | Error::Cost { row, .. }) = error else { return };
        let mut kept = self.error.lock().unwrap_or_else(PoisonError::into_inner);
        if row < self.row.fetch_min(row, Ordering::Relaxed) {
            *kept = Some(error);
        }
    }

    fn result(self) -> Result<(), Error> {
        self.error.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}

/// Streams, and copies of their states. The states are restored unless the operation succeeds.
struct Attempt<'a> {
    streams: &'a mut Streams,
    before: Scratch<u32>,
    succeeded: bool,
}

impl<'a> Attempt<'a> {
    /// Saves the states of the streams of `rows` rows.
    fn new(streams: &'a mut Streams, rows: usize) -> Self {
        let mut before = Scratch::new(4 * streams.count().min(rows), 0);
        streams.save(&mut before);
        Self { streams, before, succeeded: false }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.succeeded {
            self.streams.restore(&self.before);
        }
    }
}
