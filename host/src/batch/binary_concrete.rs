//! Relaxed Bernoulli variables over batches, one per element.

use samplegrad_core::{BinaryConcrete, Temperature, lane::Word};

use super::tile;
use crate::{Error, Streams, Vector};

/// Where [`sample`] writes, one number per logit each.
///
/// Example: [`sample`].
#[derive(Debug)]
pub struct Relaxed<'a> {
    /// `y = σ(z/τ)`.
    pub y: &'a mut [f32],
    /// `∂y/∂l`.
    pub derivative: &'a mut [f32],
    /// `∂y/∂τ`.
    pub temperature_derivative: &'a mut [f32],
    /// `[z > 0]`, an exact sample.
    pub hard: &'a mut [u32],
}

/// Draws element `b` as [`BinaryConcrete::sample`] does, from stream `b mod n`. In lanes of `L`.
///
/// ```
/// use samplegrad_core::Temperature;
/// use samplegrad_host::{Streams, batch::{Native, binary_concrete::{Relaxed, sample}}};
///
/// let (mut y, mut by_logit, mut by_tau, mut hard) = ([0.0; 3], [0.0; 3], [0.0; 3], [0; 3]);
/// let out =
///     Relaxed { y: &mut y, derivative: &mut by_logit, temperature_derivative: &mut by_tau, hard: &mut hard };
/// sample::<Native>(&[0.0; 3], Temperature::ONE, &mut Streams::new(1, 3)?, out)?;
/// assert_eq!(y.map(|y| u32::from(y > 0.5)), hard);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is room for one number per logit, [`Error::Row`] with a logit that is not finite.
pub fn sample<L: Vector>(
    logits: &[f32],
    tau: Temperature,
    streams: &mut Streams,
    out: Relaxed<'_>,
) -> Result<(), Error> {
    let Relaxed { y, derivative, temperature_derivative, hard } = out;
    tile::check_length("y", logits.len(), y.len())?;
    tile::check_length("derivative", logits.len(), derivative.len())?;
    tile::check_length("temperature derivative", logits.len(), temperature_derivative.len())?;
    tile::check_length("hard", logits.len(), hard.len())?;
    tile::check_rows(logits, 1, |l| BinaryConcrete::new(l[0], tau).map(|_| ()))?;
    tile::for_each_drawn_row::<L>(streams, logits.len(), |rows, rng| {
        // The logits have been checked.
        if let Ok(variable) = BinaryConcrete::new(rows.column::<L>(logits), tau) {
            let sample = variable.sample(rng);
            rows.store_column(sample.value(), y);
            rows.store_column(sample.derivative(), derivative);
            rows.store_column(sample.temperature_derivative(), temperature_derivative);
            rows.store_words::<L>(L::Word::select(sample.hard(), L::Word::splat(1), L::Word::splat(0)), hard);
        }
    });
    Ok(())
}

/// Where [`log_density`] writes, one number per logit each.
///
/// ```
/// use samplegrad_core::Temperature;
/// use samplegrad_host::batch::{Native, binary_concrete::{Density, log_density}};
///
/// let (mut p, mut l, mut tau, mut y) = ([0.0], [0.0], [0.0], [0.0]);
/// let out = Density { log_density: &mut p, logit: &mut l, temperature: &mut tau, point: &mut y };
/// log_density::<Native>(&[0.0], Temperature::ONE, &[0.5], out)?;
/// assert!(p[0].abs() < 1e-6);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Debug)]
pub struct Density<'a> {
    /// `ln p(y)`.
    pub log_density: &'a mut [f32],
    /// Its derivative in the logit.
    pub logit: &'a mut [f32],
    /// Its derivative in the temperature.
    pub temperature: &'a mut [f32],
    /// Its derivative in the point.
    pub point: &'a mut [f32],
}

/// Writes the log-density at `y` of each element and its derivatives. In lanes of `L`.
///
/// # Errors
/// [`Error::Length`] unless all slices have one length, [`Error::Row`] with a logit that is not finite or a point that is
/// not between 0 and 1.
pub fn log_density<L: Vector>(logits: &[f32], tau: Temperature, y: &[f32], out: Density<'_>) -> Result<(), Error> {
    let Density { log_density, logit, temperature, point } = out;
    tile::check_length("point", logits.len(), y.len())?;
    tile::check_length("log-density", logits.len(), log_density.len())?;
    tile::check_length("derivative in the logit", logits.len(), logit.len())?;
    tile::check_length("derivative in the temperature", logits.len(), temperature.len())?;
    tile::check_length("derivative in the point", logits.len(), point.len())?;
    for (row, (&l, &y)) in logits.iter().zip(y).enumerate() {
        let at = BinaryConcrete::new(l, tau).and_then(|variable| variable.log_density(y));
        at.map_err(|source| Error::Row { row, source })?;
    }
    tile::for_each::<L>(logits.len(), |rows| {
        let variable = BinaryConcrete::new(rows.column::<L>(logits), tau);
        if let Ok(at) = variable.and_then(|variable| variable.log_density(rows.column(y))) {
            rows.store_column(at.log_density, log_density);
            rows.store_column(at.logit, logit);
            rows.store_column(at.temperature, temperature);
            rows.store_column(at.point, point);
        }
    });
    Ok(())
}
