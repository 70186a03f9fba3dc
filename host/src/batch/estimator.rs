//! Any estimator of the core over batches: every row its own parameters, stream and gradient.
//!
//! ```
//! use samplegrad_core::disarm::DisArm;
//! use samplegrad_host::{Streams, batch::{Logits, Native, estimator}};
//!
//! // Four rows of two bits, and a target for each row: the cost is how far the sum of the bits is off.
//! let (logits, targets) = ([0.0, 1.0, -1.0, 0.5, 2.0, 0.0, 0.0, 0.0], [0.0, 1.0, 2.0, 1.0]);
//! let (mut mean, mut gradient) = ([0.0; 4], [0.0; 8]);
//! let cost = |rows: estimator::Rows| {
//!     let target: Native = rows.column(&targets);
//!     move |b: &[Native]| (b[0] + b[1] - target) * (b[0] + b[1] - target)
//! };
//! let streams = &mut Streams::new(2026, 4)?;
//! let logits = Logits::new(&logits, 2)?.in_lanes::<Native>();
//! estimator::bernoullis::<2, _, _>(&logits, &DisArm, cost, streams, &mut mean, &mut gradient)?;
//! assert!(gradient.iter().all(|g| g.is_finite()));
//! # Ok::<(), samplegrad_host::Error>(())
//! ```

use samplegrad_core::{
    Bernoullis, Categoricals,
    cost::CostError,
    estimator::{Estimate, Estimator},
    lane::Lane,
    variables::Variables,
};

use super::{Logits, tile};
use crate::{Error, Streams, Vector, dispatch::Width};

/// The rows that a cost is asked for at once, one a lane.
///
/// ```
/// use samplegrad_core::disarm::DisArm;
/// use samplegrad_host::{Streams, batch::{Logits, Native, estimator::{self, Rows}}};
///
/// let offsets = [10.0, 20.0, 30.0];
/// let (mut mean, mut gradient) = ([0.0; 3], [0.0; 3]);
/// let cost = |rows: Rows| {
///     let offset: Native = rows.column(&offsets);
///     move |_: &[Native]| offset
/// };
/// let logits = Logits::new(&[0.0; 3], 1)?.in_lanes::<Native>();
/// estimator::bernoullis::<1, _, _>(&logits, &DisArm, cost, &mut Streams::new(1, 3)?, &mut mean, &mut gradient)?;
/// assert_eq!(mean, offsets);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    first: usize,
    active: usize,
}

impl Rows {
    /// The row of a lane. Lanes beyond the last row repeat it.
    pub fn row(self, lane: usize) -> usize {
        self.first + lane.min(self.active - 1)
    }

    /// A number per row, of a slice with one for every row of the batch.
    ///
    /// # Panics
    /// If the slice is shorter than the batch.
    pub fn column<L: Lane>(self, values: &[f32]) -> L {
        L::from_fn(|lane| values[self.row(lane)])
    }
}

/// Writes, for each row of Bernoulli logits, the estimate of `E[f]` into `mean` and of its gradient in the logits, row-major,
/// into `gradient`. `cost` makes the cost of some rows; `N` is the capacity, at least the number of bits.
///
/// Each row starts with a copy of `estimator`; what an estimator learns from its samples is not kept.
///
/// # Errors
/// [`Error::Length`] unless the outputs have the shape; [`Error::Row`] for a row that [`Bernoullis::new`] refuses;
/// [`Error::Cost`] with the first row whose cost is not finite. Outputs and streams are then as they were.
pub fn bernoullis<const N: usize, L: Vector + Width, F>(
    logits: &Logits<'_, L>,
    estimator: &(impl Estimator<Bernoullis<N, L>, F> + Clone),
    cost: impl FnMut(Rows) -> F,
    streams: &mut Streams,
    mean: &mut [f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    each_row(logits, Bernoullis::new, estimator, cost, streams, mean, gradient)
}

/// The same for products of categorical variables with `sizes` classes, whose logits make a row.
///
/// # Errors
/// As [`bernoullis`], with what [`Categoricals::new`] refuses.
pub fn categoricals<const N: usize, L: Vector + Width, F>(
    logits: &Logits<'_, L>,
    sizes: &[usize],
    estimator: &(impl Estimator<Categoricals<N, L>, F> + Clone),
    cost: impl FnMut(Rows) -> F,
    streams: &mut Streams,
    mean: &mut [f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    each_row(logits, |logits| Categoricals::new(sizes, logits), estimator, cost, streams, mean, gradient)
}

fn each_row<L: Vector + Width, V: Variables<Lane = L>, F>(
    logits: &Logits<'_, L>,
    variables: impl Fn(&[L]) -> Result<V, samplegrad_core::Error>,
    estimator: &(impl Estimator<V, F> + Clone),
    mut cost: impl FnMut(Rows) -> F,
    streams: &mut Streams,
    mean: &mut [f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    logits.check_column("mean", mean.len())?;
    logits.check_values("gradient", gradient.len())?;
    let columns = logits.classes();
    for (row, values) in logits.as_slice().chunks_exact(columns).enumerate() {
        let same: Vec<L> = values.iter().map(|&x| L::splat(x)).collect();
        variables(&same).map_err(|source| Error::Row { row, source })?;
    }
    // A cost can turn out not to be finite in any row: until all are known, nothing is written.
    let mut drawn = streams.clone();
    let (mut means, mut gradients) = (vec![0.0; mean.len()], vec![0.0; gradient.len()]);
    let mut tile = tile::zeros::<L>(columns);
    let mut failed = None;
    tile::for_each_drawn_row(&mut drawn, logits.rows(), |rows, rng| {
        if failed.is_some() {
            return;
        }
        rows.load(logits.as_slice(), &mut tile);
        let lanes = Rows { first: rows.first, active: rows.active };
        let outcome = variables(&tile).map_err(|source| Error::Row { row: rows.first, source }).and_then(|variables| {
            let estimate = estimator.clone().estimate(&variables, &mut cost(lanes), rng);
            estimate
                .map_err(|error: CostError<V::Values>| Error::Cost { row: lanes.row(error.lane), value: error.value })
        });
        match outcome {
            Ok(Estimate { mean, gradient }) => {
                rows.store_column(mean, &mut means);
                rows.store(&gradient, &mut gradients);
            }
            Err(error) => failed = Some(error),
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    mean.copy_from_slice(&means);
    gradient.copy_from_slice(&gradients);
    *streams = drawn;
    Ok(())
}
