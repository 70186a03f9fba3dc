//! The score-function estimator for batches. Each row can have several samples.

use samplegrad_core::{lane::Word, leave_one_out, score_function, self_critical, softmax};

use crate::{
    batch::{
        check::{check_finite, check_length},
        engine::{
            scratch::Room,
            split::{Splittable, Table, TableMut, for_each_chunk},
            tile,
        },
        logits::Logits,
    },
    error::Error,
    lanes::{kernel::Kernel, vector::Vector},
};

/// Writes the estimate of `∇_l E[f]` of each row, as [`samplegrad_core::score_function::estimate`] does. The classes
/// and the advantages have the shape `[rows × samples]`, row-major.
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
/// [`Error::Empty`] for no samples. [`Error::Length`] unless the shapes agree. [`Error::Row`] for a class that does not
/// exist, or for an advantage that is not finite. [`Error::TooLarge`] if the number of samples overflows.
pub fn estimate(
    logits: &Logits<'_>,
    samples: usize,
    classes: &[u32],
    advantages: &[f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    if samples == 0 {
        return Err(Error::Empty { what: "samples" });
    }
    let total = logits.rows().checked_mul(samples).ok_or(Error::TooLarge { what: "samples" })?;
    check_length("classes", total, classes.len())?;
    check_length("advantages", total, advantages.len())?;
    logits.check_values("gradient", gradient.len())?;
    logits.check_classes(classes, samples)?;
    check_finite("advantages", advantages, samples)?;
    let k = logits.classes();
    let parts =
        (logits.table(), Table::new(classes, samples), Table::new(advantages, samples), TableMut::new(gradient, k));
    for_each_chunk(parts, k.saturating_add(samples), |(of, classes, advantages, gradient)| {
        logits.lanes().run(Estimate { of, classes, advantages, gradient });
    });
    Ok(())
}

/// The kernel of [`estimate`] for a chunk.
struct Estimate<'a> {
    of: Table<'a>,
    classes: Table<'a, u32>,
    advantages: Table<'a>,
    gradient: TableMut<'a>,
}

impl Kernel for Estimate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let samples = self.classes.columns;
        let (l, p, g) = (
            &mut Room::<L, 1>::new(self.of.columns, L::ZERO),
            &mut Room::<L, 1>::new(self.of.columns, L::ZERO),
            &mut Room::<L, 1>::new(self.of.columns, L::ZERO),
        );
        let of_samples = &mut Room::<L, 1>::new(samples, L::ZERO);
        let words = &mut Room::<L::Word, 1>::new(samples, L::Word::splat(0));
        let ([l], [p], [g], [a], [c]) = (l.slices(), p.slices(), g.slices(), of_samples.slices(), words.slices());
        for rows in tile::tiles::<L>(self.of.rows()) {
            rows.load(self.of.values, l);
            softmax::softmax(l, p);
            rows.load(self.advantages.values, a);
            for (s, c) in c.iter_mut().enumerate() {
                *c = rows.words(self.classes.values, samples, s);
            }
            score_function::mean(p, c, a, g);
            rows.store(g, self.gradient.values);
        }
    }
}

/// Writes the leave-one-out advantages of each row of costs. Costs and advantages have the shape `[rows × samples]`,
/// row-major.
///
/// # Errors
/// [`Error::NotRows`] if the number of costs is not a multiple of `samples`. [`Error::Length`] unless there is room for
/// one advantage per cost. [`Error::Row`] for fewer than two samples, or for a cost that is not finite. Such a cost
/// would make every advantage of its row non-finite.
pub fn leave_one_out(costs: &[f32], samples: usize, advantages: &mut [f32]) -> Result<(), Error> {
    check_samples(costs, samples)?;
    check_length("advantages", costs.len(), advantages.len())?;
    if samples == 1 && !costs.is_empty() {
        return Err(Error::Row { row: 0, source: samplegrad_core::Error::Empty { what: "other samples" } });
    }
    check_finite("costs", costs, samples)?;
    let parts = (Table::new(costs, samples), TableMut::new(advantages, samples));
    for_each_chunk(parts, samples, |(costs, advantages)| {
        for (f, a) in costs.values.chunks_exact(samples).zip(advantages.values.chunks_exact_mut(samples)) {
            // This cannot fail, because the two slices have equal lengths of at least 2.
            let _ = leave_one_out::advantages(f, a);
        }
    });
    Ok(())
}

/// Writes the self-critical advantages of each row of costs. Costs and advantages have the shape `[rows × samples]`,
/// row-major. An advantage is a cost minus the cost of
/// the greedy choice in the same row. `of_mode` contains the cost of the greedy choice of each row.
///
/// # Errors
/// [`Error::NotRows`] if the number of costs is not a multiple of `samples`. [`Error::Length`] unless there is one
/// greedy cost per row and room for one advantage per cost. [`Error::Row`] for a cost that is not finite.
pub fn self_critical(costs: &[f32], of_mode: &[f32], samples: usize, advantages: &mut [f32]) -> Result<(), Error> {
    check_samples(costs, samples)?;
    check_length("costs of the modes", costs.len() / samples, of_mode.len())?;
    check_length("advantages", costs.len(), advantages.len())?;
    check_finite("costs", costs, samples)?;
    check_finite("costs of the modes", of_mode, 1)?;
    let parts = (Table::new(costs, samples), Table::new(of_mode, 1), TableMut::new(advantages, samples));
    for_each_chunk(parts, samples, |(costs, of_mode, advantages)| {
        let rows = costs.values.chunks_exact(samples).zip(advantages.values.chunks_exact_mut(samples));
        for ((f, a), &of_mode) in rows.zip(of_mode.values) {
            // This cannot fail, because the two slices have equal lengths.
            let _ = self_critical::advantages(f, of_mode, a);
        }
    });
    Ok(())
}

fn check_samples(costs: &[f32], samples: usize) -> Result<(), Error> {
    if samples == 0 || !costs.len().is_multiple_of(samples) {
        return Err(Error::NotRows { what: "costs", columns: samples, found: costs.len() });
    }
    Ok(())
}
