//! Gumbel-softmax over batches.

use samplegrad_core::{Temperature, check, gumbel_softmax, lane::Lane, noise, reduce};

use super::{
    Logits, Native,
    tile::{self, Rows},
};
use crate::{Error, Streams};

/// Writes relaxed samples `y = softmax((l + G)/τ)`, row-major, drawn as [`samplegrad_core::GumbelSoftmax::sample`] draws
/// them.
///
/// ```
/// use samplegrad_core::Temperature;
/// use samplegrad_host::{Streams, batch::{self, Logits}};
///
/// let logits = [0.0, 1.0, -1.0, 2.0, 0.0, 0.0];
/// let (mut y, mut gradient) = ([0.0; 6], [0.0; 6]);
/// let tau = Temperature::ONE;
/// batch::gumbel_softmax::sample(&Logits::new(&logits, 3)?, tau, &mut Streams::new(7, 2)?, &mut y)?;
/// batch::gumbel_softmax::vjp(&y, &[1.0, 0.0, 2.0, 1.0, 0.0, 2.0], 3, tau, &mut gradient)?;
/// assert!((y[..3].iter().sum::<f32>() - 1.0).abs() < 1e-6);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is room for one number per class.
pub fn sample<L: Lane>(
    logits: &Logits<'_, L>,
    tau: Temperature,
    streams: &mut Streams,
    y: &mut [f32],
) -> Result<(), Error> {
    logits.check_values("y", y.len())?;
    let (mut z, mut x) = (tile::zeros::<L>(logits.classes()), tile::zeros::<L>(logits.classes()));
    tile::for_each_drawn(streams, logits.rows(), |rows, rng| {
        noise::fill(noise::gumbel::quantile, rng, &mut z);
        for (k, z) in z.iter_mut().enumerate() {
            *z = rows.column::<L>(logits.as_slice(), logits.classes(), k) + *z;
        }
        gumbel_softmax::relax(&z, tau, &mut x);
        rows.store(&x, y);
    });
    Ok(())
}

/// Writes relaxed samples for Gumbel noise that is given, row-major.
///
/// # Errors
/// [`Error::Length`] unless there is one number of noise and room for one number per class; [`Error::Row`] with noise
/// that is not finite.
pub fn with_noise<L: Lane>(
    logits: &Logits<'_, L>,
    tau: Temperature,
    noise: &[f32],
    y: &mut [f32],
) -> Result<(), Error> {
    logits.check_values("noise", noise.len())?;
    logits.check_values("y", y.len())?;
    for_each_perturbed(logits, noise, |rows, z, x| {
        gumbel_softmax::relax(z, tau, x);
        rows.store(x, y);
    })
}

/// Writes `ln y` of the relaxed samples for Gumbel noise that is given, row-major: finite where `y` itself is too small
/// for a float.
///
/// # Errors
/// As [`with_noise`].
pub fn log_with_noise<L: Lane>(
    logits: &Logits<'_, L>,
    tau: Temperature,
    noise: &[f32],
    log_y: &mut [f32],
) -> Result<(), Error> {
    logits.check_values("noise", noise.len())?;
    logits.check_values("log y", log_y.len())?;
    for_each_perturbed(logits, noise, |rows, z, x| {
        let sum = gumbel_softmax::relax(z, tau, x);
        gumbel_softmax::log_relaxed(z, sum, tau, x);
        rows.store(x, log_y);
    })
}

/// Writes the vector–Jacobian product `(1/τ) y ⊙ (ȳ − ⟨y, ȳ⟩)` of each row, in [`Native`] lanes.
///
/// # Errors
/// As [`vjp_in`].
pub fn vjp(y: &[f32], cotangent: &[f32], classes: usize, tau: Temperature, gradient: &mut [f32]) -> Result<(), Error> {
    vjp_in::<Native>(y, cotangent, classes, tau, gradient)
}

/// Writes the vector–Jacobian product of each row, in lanes of `L`.
///
/// # Errors
/// [`Error::Empty`] for no classes, [`Error::NotRows`] if `y` is no whole number of rows, [`Error::Length`] unless all
/// slices are as long as `y`.
pub fn vjp_in<L: Lane>(
    y: &[f32],
    cotangent: &[f32],
    classes: usize,
    tau: Temperature,
    gradient: &mut [f32],
) -> Result<(), Error> {
    if classes == 0 {
        return Err(Error::Empty { what: "classes" });
    }
    if !y.len().is_multiple_of(classes) {
        return Err(Error::NotRows { what: "y", columns: classes, found: y.len() });
    }
    tile::check_length("cotangent", y.len(), cotangent.len())?;
    tile::check_length("gradient", y.len(), gradient.len())?;
    let (mut a, mut b, mut g) = (tile::zeros::<L>(classes), tile::zeros::<L>(classes), tile::zeros::<L>(classes));
    tile::for_each::<L>(y.len() / classes, |rows| {
        rows.load(y, &mut a);
        rows.load(cotangent, &mut b);
        gumbel_softmax::vjp(&a, &b, tau, &mut g);
        rows.store(&g, gradient);
    });
    Ok(())
}

/// Writes `∂f/∂τ` of each row, for the noise that was given to [`with_noise`].
///
/// # Errors
/// As [`with_noise`], and [`Error::Length`] unless there is one cotangent per class and room for one number per row.
pub fn vjp_temperature<L: Lane>(
    logits: &Logits<'_, L>,
    tau: Temperature,
    noise: &[f32],
    cotangent: &[f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    logits.check_values("noise", noise.len())?;
    logits.check_values("cotangent", cotangent.len())?;
    logits.check_column("gradient", gradient.len())?;
    let mut c = tile::zeros::<L>(logits.classes());
    for_each_perturbed(logits, noise, |rows, z, y| {
        rows.load(cotangent, &mut c);
        let sum = gumbel_softmax::relax(z, tau, y);
        rows.store_column(gumbel_softmax::vjp_temperature(z, sum.max(), y, &c, tau), gradient);
    })
}

/// Writes the class `argmax (l + G)` of each row, for noise that is given, the first on ties.
///
/// # Errors
/// As [`with_noise`], with room for one class per row.
pub fn hard<L: Lane>(logits: &Logits<'_, L>, noise: &[f32], classes: &mut [u32]) -> Result<(), Error> {
    logits.check_values("noise", noise.len())?;
    logits.check_column("classes", classes.len())?;
    for_each_perturbed(logits, noise, |rows, z, _| rows.store_words(reduce::arg_max(z).0, classes))
}

/// Checks noise that is given, then calls `f` with the rows, the perturbed logits `l + G` and scratch of every tile.
#[inline(always)]
fn for_each_perturbed<L: Lane>(
    logits: &Logits<'_, L>,
    noise: &[f32],
    mut f: impl FnMut(Rows, &[L], &mut [L]),
) -> Result<(), Error> {
    tile::check_rows(noise, logits.classes(), |row| check::finite("noise", row))?;
    let (mut z, mut x) = (tile::zeros::<L>(logits.classes()), tile::zeros::<L>(logits.classes()));
    tile::for_each::<L>(logits.rows(), |rows| {
        for (k, z) in z.iter_mut().enumerate() {
            let g = rows.column::<L>(noise, logits.classes(), k);
            *z = rows.column::<L>(logits.as_slice(), logits.classes(), k) + g;
        }
        f(rows, &z, &mut x);
    });
    Ok(())
}
