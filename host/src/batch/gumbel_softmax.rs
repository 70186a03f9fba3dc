//! Gumbel-softmax over batches.

use samplegrad_core::{
    Temperature, check, gumbel_max, gumbel_softmax, lane::Mask, relaxed_race::RelaxedRace, softmax::Normalizer,
};

use super::{
    Logits,
    parts::{
        Part, RowNumbers, Table, TableMut, for_each_drawn_piece, for_each_piece, for_each_run, in_lanes, rows_of_tile,
    },
    race::{self, Also},
    row::{self, Strides},
    tile::{self, Rows},
};
use crate::{
    Error, MOST_LANES, Streams, Vector,
    dispatch::{Detected, Width},
    several,
    streams::StreamsMut,
};

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
pub fn sample<W: Width>(
    logits: &Logits<'_, W>,
    tau: Temperature,
    streams: &mut Streams,
    y: &mut [f32],
) -> Result<(), Error> {
    logits.check_values("y", y.len())?;
    let k = logits.classes();
    for_each_drawn_piece(streams, (logits.table(), TableMut::new(y, k)), k, |(logits, y), streams| {
        sample_piece::<W>(logits, tau, y, streams)
    });
    Ok(())
}

fn sample_piece<W: Width>(logits: Table<'_>, tau: Temperature, y: TableMut<'_>, streams: StreamsMut<'_>) {
    if let Some(race) = RelaxedRace::at(tau) {
        return in_lanes!(W as L, (
            race: RelaxedRace, logits: Table<'a>, y: TableMut<'a>, streams: StreamsMut<'a>,
        ) {
            race::relax::<L>(race, logits, &mut streams, y, Also::Nothing);
        });
    }
    in_lanes!(W as L, (tau: Temperature, logits: Table<'a>, y: TableMut<'a>, streams: StreamsMut<'a>) {
        tile::scratch!(L: z[y.columns], x[y.columns]);
        for rows in tile::tiles::<L>(streams.count()) {
            relax_drawn(rows, logits, tau, &mut streams, z, x);
            rows.store(x, y.values);
        }
    });
}

/// Draws as [`sample`] does and takes the gradient of a cost back through the samples, some rows after the others: what is
/// drawn is still near when its gradient is made.
///
/// `cost(row, y, cotangent)` is asked for `∂f/∂y` at some rows `y`, from number `row` on, and writes it to `cotangent`,
/// row-major. In which order rows are asked for, and by which thread, is not said. Writes what [`sample`] writes to `y`, and
/// what [`vjp`] makes of it to `gradient`.
///
/// ```
/// use samplegrad_core::Temperature;
/// use samplegrad_host::{Streams, batch::{self, Logits}};
///
/// // f(y) = ½ Σ (y − target)², so that ∂f/∂y = y − target.
/// let (logits, target) = (Logits::new(&[0.0, 1.0, 1.0, 0.0], 2)?, [1.0, 0.0, 0.0, 1.0]);
/// let (mut y, mut gradient) = ([0.0; 4], [0.0; 4]);
/// let streams = &mut Streams::new(7, 2)?;
/// batch::gumbel_softmax::sample_and_vjp(&logits, Temperature::ONE, streams, &mut y, &mut gradient, |row, y, cotangent| {
///     for ((c, y), t) in cotangent.iter_mut().zip(y).zip(&target[2 * row..]) {
///         *c = y - t;
///     }
/// })?;
/// // More of what the target has would cost less.
/// assert!(gradient[0] < 0.0 && gradient[3] < 0.0);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is room for one number per class in both.
pub fn sample_and_vjp<W: Width>(
    logits: &Logits<'_, W>,
    tau: Temperature,
    streams: &mut Streams,
    y: &mut [f32],
    gradient: &mut [f32],
    cost: impl Fn(usize, &[f32], &mut [f32]) + Sync,
) -> Result<(), Error> {
    logits.check_values("y", y.len())?;
    logits.check_values("gradient", gradient.len())?;
    let k = logits.classes();
    let rows = (NEAR / k).max(1).next_multiple_of(rows_of_tile(k));
    let parts = (RowNumbers(0..logits.rows()), logits.table(), TableMut::new(y, k), TableMut::new(gradient, k));
    for_each_drawn_piece(streams, parts, k, |(numbers, logits, y, gradient), streams| {
        for_each_run((numbers, logits, y, gradient, streams), rows, |(numbers, logits, y, gradient, streams)| {
            sample_piece::<W>(logits, tau, TableMut::new(y.values, k), streams);
            cost(numbers.0.start, y.values, gradient.values);
            vjp_piece::<W>(Table::new(y.values, k), None, tau, gradient);
        });
    });
    Ok(())
}

/// Numbers that stay in a second-level cache with what belongs to them.
const NEAR: usize = 1 << 13;

/// Draws as [`sample`] does and takes the gradient of a cost back whose cotangent is known before: [`sample`] and [`vjp`] in one
/// go, which saves passages through memory.
///
/// ```
/// use samplegrad_core::Temperature;
/// use samplegrad_host::{Streams, batch::{self, Logits}};
///
/// // What each class costs: f(y) = ⟨cost, y⟩.
/// let (logits, cost) = (Logits::new(&[0.0, 1.0, 1.0, 0.0], 2)?, [1.0, 0.0, 0.0, 1.0]);
/// let (mut y, mut gradient) = ([0.0; 4], [0.0; 4]);
/// let streams = &mut Streams::new(7, 2)?;
/// batch::gumbel_softmax::sample_with_vjp(&logits, Temperature::ONE, streams, &cost, &mut y, &mut gradient)?;
/// assert!(gradient[0] > 0.0 && gradient[3] > 0.0);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is one cotangent, and room for one number in both, per class.
pub fn sample_with_vjp<W: Width>(
    logits: &Logits<'_, W>,
    tau: Temperature,
    streams: &mut Streams,
    cotangent: &[f32],
    y: &mut [f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    logits.check_values("cotangent", cotangent.len())?;
    logits.check_values("y", y.len())?;
    logits.check_values("gradient", gradient.len())?;
    let k = logits.classes();
    let parts = (logits.table(), Table::new(cotangent, k), TableMut::new(y, k), TableMut::new(gradient, k));
    if let Some(race) = RelaxedRace::at(tau) {
        let scale = tau.recip();
        for_each_drawn_piece(streams, parts, k, |(logits, cotangent, y, gradient), streams| {
            in_lanes!(W as L, (
                race: RelaxedRace,
                scale: f32,
                logits: Table<'a>,
                cotangent: Table<'a>,
                y: TableMut<'a>,
                gradient: TableMut<'a>,
                streams: StreamsMut<'a>,
            ) {
                let also = Also::Gradient { cotangent, scale, gradient };
                race::relax::<L>(race, logits, &mut streams, y, also);
            });
        });
        return Ok(());
    }
    let rows = (NEAR / k).max(1).next_multiple_of(rows_of_tile(k));
    for_each_drawn_piece(streams, parts, k, |(logits, cotangent, y, gradient), streams| {
        for_each_run((logits, cotangent, y, gradient, streams), rows, |(logits, cotangent, y, gradient, streams)| {
            sample_piece::<W>(logits, tau, TableMut::new(y.values, k), streams);
            vjp_piece::<W>(Table::new(y.values, k), Some(cotangent), tau, gradient);
        });
    });
    Ok(())
}

/// Writes relaxed samples for Gumbel noise that is given, row-major.
///
/// # Errors
/// [`Error::Length`] unless there is one number of noise and room for one number per class; [`Error::Row`] with noise
/// that is not finite.
pub fn with_noise<W: Width>(
    logits: &Logits<'_, W>,
    tau: Temperature,
    noise: &[f32],
    y: &mut [f32],
) -> Result<(), Error> {
    logits.check_values("noise", noise.len())?;
    logits.check_values("y", y.len())?;
    tile::check_rows(noise, logits.classes(), |row| check::finite("noise", row))?;
    let k = logits.classes();
    let parts = (logits.table(), Table::new(noise, k), TableMut::new(y, k));
    for_each_piece(parts, k, |(logits, noise, y)| {
        in_lanes!(W as L, (tau: Temperature, logits: Table<'a>, noise: Table<'a>, y: TableMut<'a>) {
            tile::scratch!(L: z[logits.columns], g[logits.columns]);
            for rows in tile::tiles::<L>(logits.rows()) {
                relax_given(rows, logits, noise, tau, z, g);
                rows.store(g, y.values);
            }
        });
    });
    Ok(())
}

/// Writes `ln y` of the relaxed samples for Gumbel noise that is given, row-major: finite where `y` itself is too small
/// for a float.
///
/// # Errors
/// As [`with_noise`].
pub fn log_with_noise<W: Width>(
    logits: &Logits<'_, W>,
    tau: Temperature,
    noise: &[f32],
    log_y: &mut [f32],
) -> Result<(), Error> {
    logits.check_values("noise", noise.len())?;
    logits.check_values("log y", log_y.len())?;
    tile::check_rows(noise, logits.classes(), |row| check::finite("noise", row))?;
    let k = logits.classes();
    let parts = (logits.table(), Table::new(noise, k), TableMut::new(log_y, k));
    for_each_piece(parts, k, |(logits, noise, log_y)| {
        in_lanes!(W as L, (tau: Temperature, logits: Table<'a>, noise: Table<'a>, log_y: TableMut<'a>) {
            tile::scratch!(L: z[logits.columns], g[logits.columns]);
            for rows in tile::tiles::<L>(logits.rows()) {
                let sum = relax_given(rows, logits, noise, tau, z, g);
                gumbel_softmax::log_relaxed(z, sum, tau, g);
                rows.store(g, log_y.values);
            }
        });
    });
    Ok(())
}

/// Writes the vector–Jacobian product `(1/τ) y ⊙ (ȳ − ⟨y, ȳ⟩)` of each row, in the widest lanes that the machine has.
///
/// # Errors
/// As [`vjp_in`].
pub fn vjp(y: &[f32], cotangent: &[f32], classes: usize, tau: Temperature, gradient: &mut [f32]) -> Result<(), Error> {
    vjp_in::<Detected>(y, cotangent, classes, tau, gradient)
}

/// Writes the vector–Jacobian product of each row, in lanes of `W`. A cotangent that is not finite makes the gradient of its
/// row not finite; [`check_finite`](super::check_finite) finds it.
///
/// # Errors
/// [`Error::Empty`] for no classes, [`Error::NotRows`] if `y` is no whole number of rows, [`Error::Length`] unless all
/// slices are as long as `y`.
pub fn vjp_in<W: Width>(
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
    let parts = (Table::new(y, classes), Table::new(cotangent, classes), TableMut::new(gradient, classes));
    for_each_piece(parts, classes, |(y, cotangent, gradient)| vjp_piece::<W>(y, Some(cotangent), tau, gradient));
    Ok(())
}

/// Of the cotangent that is given, or else stands where the gradient goes.
fn vjp_piece<W: Width>(y: Table<'_>, cotangent: Option<Table<'_>>, tau: Temperature, gradient: TableMut<'_>) {
    in_lanes!(W as L, (tau: Temperature, y: Table<'a>, cotangent: Option<Table<'a>>, gradient: TableMut<'a>) {
        if y.columns <= tile::FEW / 2 {
            let [mut a, mut b, mut g] = [[L::ZERO; tile::FEW / 2]; 3];
            let (a, b, g) = (&mut a[..y.columns], &mut b[..y.columns], &mut g[..y.columns]);
            for rows in tile::tiles::<L>(y.rows()) {
                rows.load(y.values, a);
                rows.load(cotangent.map_or(&*gradient.values, |c| c.values), b);
                gumbel_softmax::vjp(a, b, tau, g);
                rows.store(g, gradient.values);
            }
            return;
        }
        let columns = y.columns;
        for rows in tile::tiles::<L>(y.rows()) {
            let of = rows.of(columns);
            let (y, c, g) = (&y.values[of.clone()], cotangent.map(|c| &c.values[of.clone()]), &mut gradient.values[of]);
            let mut dots = Strides::new();
            for (lane, (y, c)) in y.chunks_exact(columns).zip(c.unwrap_or(&*g).chunks_exact(columns)).enumerate() {
                row::dot::<L>(y, c, dots.row(lane));
            }
            let mut means = [0.0; MOST_LANES];
            dots.sums::<L>(rows.active).store(&mut means);
            for (lane, (y, g)) in y.chunks_exact(columns).zip(g.chunks_exact_mut(columns)).enumerate() {
                let c = c.map(|c| &c[lane * columns..][..columns]);
                row::centre::<L>(y, c, means[lane], tau.recip(), g);
            }
        }
    });
}

/// Writes `∂f/∂τ` of each row, for the noise that was given to [`with_noise`].
///
/// # Errors
/// As [`with_noise`], and [`Error::Length`] unless there is one cotangent per class and room for one number per row.
pub fn vjp_temperature<W: Width>(
    logits: &Logits<'_, W>,
    tau: Temperature,
    noise: &[f32],
    cotangent: &[f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    logits.check_values("noise", noise.len())?;
    logits.check_values("cotangent", cotangent.len())?;
    logits.check_column("gradient", gradient.len())?;
    tile::check_rows(noise, logits.classes(), |row| check::finite("noise", row))?;
    let k = logits.classes();
    let parts = (logits.table(), Table::new(noise, k), Table::new(cotangent, k), TableMut::new(gradient, 1));
    for_each_piece(parts, k, |(logits, noise, cotangent, gradient)| {
        in_lanes!(W as L, (
            tau: Temperature, logits: Table<'a>, noise: Table<'a>, cotangent: Table<'a>, gradient: TableMut<'a>,
        ) {
            tile::scratch!(L: z[logits.columns], g[logits.columns], c[logits.columns]);
            for rows in tile::tiles::<L>(logits.rows()) {
                rows.load(cotangent.values, c);
                let sum = relax_given(rows, logits, noise, tau, z, g);
                rows.store_column(gumbel_softmax::vjp_temperature(z, sum.max(), g, c, tau), gradient.values);
            }
        });
    });
    Ok(())
}

/// Writes the class `argmax (l + G)` of each row, for noise that is given: of the exact sums, the first on ties.
///
/// # Errors
/// As [`with_noise`], with room for one class per row.
pub fn hard<W: Width>(logits: &Logits<'_, W>, noise: &[f32], classes: &mut [u32]) -> Result<(), Error> {
    logits.check_values("noise", noise.len())?;
    logits.check_column("classes", classes.len())?;
    tile::check_rows(noise, logits.classes(), |row| check::finite("noise", row))?;
    let k = logits.classes();
    let parts = (logits.table(), Table::new(noise, k), TableMut::new(classes, 1));
    for_each_piece(parts, k, |(logits, noise, classes)| {
        in_lanes!(W as L, (logits: Table<'a>, noise: Table<'a>, classes: TableMut<'a, u32>) {
            tile::scratch!(L: z[logits.columns], g[logits.columns]);
            for rows in tile::tiles::<L>(logits.rows()) {
                rows.load(logits.values, z);
                rows.load(noise.values, g);
                rows.store_words::<L>(gumbel_max::largest(z, g.iter().copied()).class, classes.values);
            }
        });
    });
    Ok(())
}

/// Draws the perturbed logits `z` of a tile and relaxes them to `y`. Returns the classes.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn relax_drawn<L: Vector>(
    rows: Rows,
    logits: Table<'_>,
    tau: Temperature,
    streams: &mut StreamsMut<'_>,
    z: &mut [L],
    y: &mut [L],
) -> L::Word {
    let rng = &mut streams.load::<L>(rows.first, rows.active);
    rows.load(logits.values, z);
    several::add_gumbel(z, rng);
    let sum = gumbel_softmax::relax(z, tau, y);
    let mut class = sum.mode();
    if gumbel_softmax::is_far(sum.max()).any() {
        *rng = streams.load::<L>(rows.first, rows.active);
        tile::scratch!(L: noise[z.len()]);
        // A zero that leaves every number as it is, of either sign.
        noise.fill(L::splat(-0.0));
        several::add_gumbel(noise, rng);
        class = relax_far(rows, logits, noise, tau, z, y).1;
    }
    streams.store(rows.first, rows.active, rng);
    class
}

/// The same for noise that is given. Returns what normalised `y`.
#[cfg_attr(not(debug_assertions), inline(always))]
fn relax_given<L: Vector>(
    rows: Rows,
    logits: Table<'_>,
    noise: Table<'_>,
    tau: Temperature,
    z: &mut [L],
    y: &mut [L],
) -> Normalizer<L> {
    rows.load(logits.values, z);
    rows.load(noise.values, y);
    for (z, &g) in z.iter_mut().zip(&*y) {
        *z = *z + g;
    }
    let sum = gumbel_softmax::relax(z, tau, y);
    if !gumbel_softmax::is_far(sum.max()).any() {
        return sum;
    }
    tile::scratch!(L: g[z.len()]);
    rows.load(noise.values, g);
    relax_far(rows, logits, g, tau, z, y).0
}

/// The same where sums are so large that [`gumbel_softmax::perturb`] does more than add.
#[cfg_attr(not(debug_assertions), inline(always))]
fn relax_far<L: Vector>(
    rows: Rows,
    logits: Table<'_>,
    noise: &[L],
    tau: Temperature,
    z: &mut [L],
    y: &mut [L],
) -> (Normalizer<L>, L::Word) {
    rows.load(logits.values, y);
    let peak = gumbel_softmax::perturb(y, noise, z);
    (gumbel_softmax::relax(z, tau, y), peak.class)
}
