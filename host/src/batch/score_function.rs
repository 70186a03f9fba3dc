//! The score-function estimator over batches: several samples of each row.

use samplegrad_core::{
    baseline::{leave_one_out, self_critical},
    score_function, softmax,
};

use super::{
    Logits,
    parts::{Part, Table, TableMut, for_each_piece, in_lanes},
    tile,
};
use crate::{Error, dispatch::Width};

/// Writes the estimate of `∇_l E[f]` of each row from its `samples` classes and advantages, row-major
/// `[rows × samples]`, as [`samplegrad_core::score_function::estimate`] does.
///
/// ```
/// use samplegrad_host::batch::{self, Logits};
///
/// let (mut advantages, mut gradient) = ([0.0; 2], [0.0; 2]);
/// batch::score_function::leave_one_out(&[3.0, 1.0], 2, &mut advantages)?;
/// batch::score_function::estimate(&Logits::new(&[0.0, 0.0], 2)?, 2, &[0, 1], &advantages, &mut gradient)?;
/// assert_eq!(gradient, [1.0, -1.0]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`] for no samples, [`Error::Length`] unless the shapes agree, [`Error::Row`] with a class that does not
/// exist, [`Error::TooLarge`] if the number of samples overflows.
pub fn estimate<W: Width>(
    logits: &Logits<'_, W>,
    samples: usize,
    classes: &[u32],
    advantages: &[f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    if samples == 0 {
        return Err(Error::Empty { what: "samples" });
    }
    let total = logits.rows().checked_mul(samples).ok_or(Error::TooLarge { what: "samples" })?;
    tile::check_length("classes", total, classes.len())?;
    tile::check_length("advantages", total, advantages.len())?;
    logits.check_values("gradient", gradient.len())?;
    logits.check_classes(classes, samples)?;
    let k = logits.classes();
    let parts =
        (logits.table(), Table::new(classes, samples), Table::new(advantages, samples), TableMut::new(gradient, k));
    for_each_piece(parts, k.saturating_add(samples), |(logits, classes, advantages, gradient)| {
        in_lanes!(W as L, (logits: Table<'a>, classes: Table<'a, u32>, advantages: Table<'a>, gradient: TableMut<'a>) {
            let samples = classes.columns;
            tile::scratch!(L: l[logits.columns], p[logits.columns], g[logits.columns], a[samples]);
            tile::scratch!(words of L: c[samples]);
            for rows in tile::tiles::<L>(logits.rows()) {
                rows.load(logits.values, l);
                softmax::softmax(l, p);
                rows.load(advantages.values, a);
                for (s, c) in c.iter_mut().enumerate() {
                    *c = rows.words(classes.values, samples, s);
                }
                score_function::mean(p, c, a, g);
                rows.store(g, gradient.values);
            }
        });
    });
    Ok(())
}

/// Writes the leave-one-out advantages of rows of `samples` values, row-major.
///
/// # Errors
/// [`Error::NotRows`] if the values are no whole number of rows, [`Error::Length`] unless there is room for one advantage
/// per value, [`Error::Row`] for fewer than two samples.
pub fn leave_one_out(values: &[f32], samples: usize, advantages: &mut [f32]) -> Result<(), Error> {
    check_samples(values, samples)?;
    tile::check_length("advantages", values.len(), advantages.len())?;
    for (row, (v, a)) in values.chunks_exact(samples).zip(advantages.chunks_exact_mut(samples)).enumerate() {
        leave_one_out::advantages(v, a).map_err(|source| Error::Row { row, source })?;
    }
    Ok(())
}

/// Writes the self-critical advantages of rows of `samples` values, row-major: each value less that of its row's greedy
/// choice, one in `of_mode` per row.
///
/// # Errors
/// [`Error::NotRows`] if the values are no whole number of rows, [`Error::Length`] unless there is one greedy value per row
/// and room for one advantage per value.
pub fn self_critical(values: &[f32], of_mode: &[f32], samples: usize, advantages: &mut [f32]) -> Result<(), Error> {
    check_samples(values, samples)?;
    tile::check_length("values of the modes", values.len() / samples, of_mode.len())?;
    tile::check_length("advantages", values.len(), advantages.len())?;
    let rows = values.chunks_exact(samples).zip(advantages.chunks_exact_mut(samples)).zip(of_mode).enumerate();
    for (row, ((v, a), &of_mode)) in rows {
        self_critical::advantages(v, of_mode, a).map_err(|source| Error::Row { row, source })?;
    }
    Ok(())
}

fn check_samples(values: &[f32], samples: usize) -> Result<(), Error> {
    if samples == 0 || !values.len().is_multiple_of(samples) {
        return Err(Error::NotRows { what: "values", columns: samples, found: values.len() });
    }
    Ok(())
}
