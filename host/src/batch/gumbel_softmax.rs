//! Gumbel-softmax over batches.

use samplegrad_core::{Temperature, check::finite, gumbel_max, gumbel_softmax, relaxed_race::RelaxedRace};

use crate::{
    batch::{
        check::{check_length, check_rows},
        engine::{
            relaxed::{relax_drawn, relax_given},
            relaxed_race::{self, Also},
            scratch::Room,
            split::{
                RowNumbers, Splittable, Table, TableMut, for_each_chunk, for_each_drawn_chunk, for_each_run,
                rows_of_tile,
            },
            tile,
            vjp::Vjp,
        },
        logits::Logits,
    },
    error::Error,
    lanes::{dispatch::Lanes, kernel::Kernel, vector::Vector},
    streams::{streams::Streams, streams_mut::StreamsMut},
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
/// [`Error::Length`] unless there is room for one number per row and class.
pub fn sample(logits: &Logits<'_>, tau: Temperature, streams: &mut Streams, y: &mut [f32]) -> Result<(), Error> {
    logits.check_values("y", y.len())?;
    let k = logits.classes();
    for_each_drawn_chunk(streams, (logits.table(), TableMut::new(y, k)), k, |(of, y), streams| {
        sample_chunk(logits.lanes(), tau, of, y, streams);
    });
    Ok(())
}

fn sample_chunk(lanes: Lanes, tau: Temperature, of: Table<'_>, y: TableMut<'_>, streams: StreamsMut<'_>) {
    match RelaxedRace::at(tau) {
        Some(race) => lanes.run(Race { race, of, streams, y }),
        None => lanes.run(Relax { tau, of, streams, y }),
    }
}

/// The kernel of [`sample`] for a chunk, at a temperature for which there is a [`RelaxedRace`].
struct Race<'a> {
    race: RelaxedRace,
    of: Table<'a>,
    streams: StreamsMut<'a>,
    y: TableMut<'a>,
}

impl Kernel for Race<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        relaxed_race::relax::<L>(self.race, self.of, &mut self.streams, self.y, Also::Nothing);
    }
}

/// The kernel of [`sample`] for a chunk, at any temperature.
struct Relax<'a> {
    tau: Temperature,
    of: Table<'a>,
    streams: StreamsMut<'a>,
    y: TableMut<'a>,
}

impl Kernel for Relax<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        let room = &mut Room::<L, 2>::new(self.of.columns, L::ZERO);
        let [z, x] = room.slices();
        for rows in tile::tiles::<L>(self.streams.count()) {
            relax_drawn(rows, self.of, self.tau, &mut self.streams, z, x);
            rows.store(x, self.y.values);
        }
    }
}

/// Draws as [`sample`] does and propagates the gradient of a cost function back through the samples, for some rows at a
/// time: the samples are still in the cache when their gradient is computed.
///
/// `cost(row, y, cotangent)` receives the samples `y` of some rows, of which the first has number `row`. It evaluates
/// `∂f/∂y` at `y` and writes the result to `cotangent`, row-major. The order and the threads of these calls are
/// unspecified. Writes the samples of [`sample`] to `y`, and the gradient of [`vjp`] to `gradient`.
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
/// [`Error::Length`] unless both outputs have room for one number per row and class.
pub fn sample_and_vjp(
    logits: &Logits<'_>,
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
    let lanes = logits.lanes();
    for_each_drawn_chunk(streams, parts, k, |(numbers, of, y, gradient), streams| {
        for_each_run((numbers, of, y, gradient, streams), rows, |(numbers, of, y, gradient, streams)| {
            sample_chunk(lanes, tau, of, TableMut::new(y.values, k), streams);
            cost(numbers.0.start, y.values, gradient.values);
            lanes.run(Vjp { tau, y: Table::new(y.values, k), cotangent: None, gradient });
        });
    });
    Ok(())
}

/// The count of numbers of `y` that fit into a second-level cache together with their working memory.
const NEAR: usize = 1 << 13;

/// Draws as [`sample`] does and computes the gradient for a cotangent that is known in advance. Combines [`sample`] and
/// [`vjp`] in one pass, which saves passes through memory.
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
/// [`Error::Length`] unless `cotangent` and both outputs have one number per row and class.
pub fn sample_with_vjp(
    logits: &Logits<'_>,
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
    let lanes = logits.lanes();
    if let Some(race) = RelaxedRace::at(tau) {
        let scale = tau.recip();
        for_each_drawn_chunk(streams, parts, k, |(of, cotangent, y, gradient), streams| {
            lanes.run(RaceWithVjp { race, scale, of, streams, cotangent, y, gradient });
        });
        return Ok(());
    }
    let rows = (NEAR / k).max(1).next_multiple_of(rows_of_tile(k));
    for_each_drawn_chunk(streams, parts, k, |(of, cotangent, y, gradient), streams| {
        for_each_run((of, cotangent, y, gradient, streams), rows, |(of, cotangent, y, gradient, streams)| {
            sample_chunk(lanes, tau, of, TableMut::new(y.values, k), streams);
            lanes.run(Vjp { tau, y: Table::new(y.values, k), cotangent: Some(cotangent), gradient });
        });
    });
    Ok(())
}

/// The kernel of [`sample_with_vjp`] for a chunk, at a temperature for which there is a [`RelaxedRace`].
struct RaceWithVjp<'a> {
    race: RelaxedRace,
    scale: f32,
    of: Table<'a>,
    streams: StreamsMut<'a>,
    cotangent: Table<'a>,
    y: TableMut<'a>,
    gradient: TableMut<'a>,
}

impl Kernel for RaceWithVjp<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        let also = Also::Gradient { cotangent: self.cotangent, scale: self.scale, gradient: self.gradient };
        relaxed_race::relax::<L>(self.race, self.of, &mut self.streams, self.y, also);
    }
}

/// Writes relaxed samples for given Gumbel noise, row-major.
///
/// # Errors
/// [`Error::Length`] unless `noise` and `y` have one number per row and class; [`Error::Row`] with noise that is not
/// finite.
pub fn with_noise(logits: &Logits<'_>, tau: Temperature, noise: &[f32], y: &mut [f32]) -> Result<(), Error> {
    logits.check_values("noise", noise.len())?;
    logits.check_values("y", y.len())?;
    check_rows(noise, logits.classes(), |row| finite("noise", row))?;
    let k = logits.classes();
    let parts = (logits.table(), Table::new(noise, k), TableMut::new(y, k));
    for_each_chunk(parts, k, |(of, noise, y)| logits.lanes().run(WithNoise { tau, of, noise, y }));
    Ok(())
}

/// Writes `ln y` of the relaxed samples for given Gumbel noise, row-major. `ln y` is finite even where `y` is too small
/// for a float.
///
/// # Errors
/// As [`with_noise`].
pub fn log_with_noise(logits: &Logits<'_>, tau: Temperature, noise: &[f32], log_y: &mut [f32]) -> Result<(), Error> {
    logits.check_values("noise", noise.len())?;
    logits.check_values("log y", log_y.len())?;
    check_rows(noise, logits.classes(), |row| finite("noise", row))?;
    let k = logits.classes();
    let parts = (logits.table(), Table::new(noise, k), TableMut::new(log_y, k));
    for_each_chunk(parts, k, |(of, noise, log_y)| logits.lanes().run(LogWithNoise { tau, of, noise, log_y }));
    Ok(())
}

/// Writes the vector–Jacobian product `(1/τ) y ⊙ (ȳ − ⟨y, ȳ⟩)` of each row, in the widest lanes of the machine.
///
/// # Errors
/// As [`vjp_in`].
pub fn vjp(y: &[f32], cotangent: &[f32], classes: usize, tau: Temperature, gradient: &mut [f32]) -> Result<(), Error> {
    vjp_in(Lanes::Widest, y, cotangent, classes, tau, gradient)
}

/// Writes the vector–Jacobian product of each row, in the given lanes. A cotangent that is not finite makes the
/// gradient of its row not finite; [`check_finite`](crate::batch::check_finite) finds such a cotangent.
///
/// # Errors
/// [`Error::Empty`] for no classes, [`Error::NotRows`] if `y` is not a whole number of rows, [`Error::Length`] unless
/// all slices are as long as `y`.
pub fn vjp_in(
    lanes: Lanes,
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
    check_length("cotangent", y.len(), cotangent.len())?;
    check_length("gradient", y.len(), gradient.len())?;
    let parts = (Table::new(y, classes), Table::new(cotangent, classes), TableMut::new(gradient, classes));
    for_each_chunk(parts, classes, |(y, cotangent, gradient)| {
        lanes.run(Vjp { tau, y, cotangent: Some(cotangent), gradient });
    });
    Ok(())
}

/// Writes `∂f/∂τ` of each row, for the noise that was passed to [`with_noise`].
///
/// # Errors
/// As [`with_noise`], and [`Error::Length`] unless there is one cotangent per row and class, and room for one number
/// per row.
pub fn vjp_temperature(
    logits: &Logits<'_>,
    tau: Temperature,
    noise: &[f32],
    cotangent: &[f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    logits.check_values("noise", noise.len())?;
    logits.check_values("cotangent", cotangent.len())?;
    logits.check_column("gradient", gradient.len())?;
    check_rows(noise, logits.classes(), |row| finite("noise", row))?;
    let k = logits.classes();
    let parts = (logits.table(), Table::new(noise, k), Table::new(cotangent, k), TableMut::new(gradient, 1));
    for_each_chunk(parts, k, |(of, noise, cotangent, gradient)| {
        logits.lanes().run(VjpTemperature { tau, of, noise, cotangent, gradient });
    });
    Ok(())
}

/// Writes the class `argmax (l + G)` of each row for given noise. The sums are exact. On ties, writes the first class.
///
/// # Errors
/// As [`with_noise`], with room for one class per row.
pub fn hard(logits: &Logits<'_>, noise: &[f32], classes: &mut [u32]) -> Result<(), Error> {
    logits.check_values("noise", noise.len())?;
    logits.check_column("classes", classes.len())?;
    check_rows(noise, logits.classes(), |row| finite("noise", row))?;
    let k = logits.classes();
    let parts = (logits.table(), Table::new(noise, k), TableMut::new(classes, 1));
    for_each_chunk(parts, k, |(of, noise, classes)| logits.lanes().run(Hard { of, noise, classes }));
    Ok(())
}

/// The kernel of [`with_noise`] for a chunk.
struct WithNoise<'a> {
    tau: Temperature,
    of: Table<'a>,
    noise: Table<'a>,
    y: TableMut<'a>,
}

impl Kernel for WithNoise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 2>::new(self.of.columns, L::ZERO);
        let [z, g] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            relax_given(rows, self.of, self.noise, self.tau, z, g);
            rows.store(g, self.y.values);
        }
    }
}

/// The kernel of [`log_with_noise`] for a chunk.
struct LogWithNoise<'a> {
    tau: Temperature,
    of: Table<'a>,
    noise: Table<'a>,
    log_y: TableMut<'a>,
}

impl Kernel for LogWithNoise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 2>::new(self.of.columns, L::ZERO);
        let [z, g] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            let sum = relax_given(rows, self.of, self.noise, self.tau, z, g);
            gumbel_softmax::log_relaxed(z, sum, self.tau, g);
            rows.store(g, self.log_y.values);
        }
    }
}

/// The kernel of [`vjp_temperature`] for a chunk.
struct VjpTemperature<'a> {
    tau: Temperature,
    of: Table<'a>,
    noise: Table<'a>,
    cotangent: Table<'a>,
    gradient: TableMut<'a>,
}

impl Kernel for VjpTemperature<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 3>::new(self.of.columns, L::ZERO);
        let [z, g, c] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            rows.load(self.cotangent.values, c);
            let sum = relax_given(rows, self.of, self.noise, self.tau, z, g);
            let by_temperature = gumbel_softmax::vjp_temperature(z, sum.max(), g, c, self.tau);
            rows.store_column(by_temperature, self.gradient.values);
        }
    }
}

/// The kernel of [`hard`] for a chunk.
struct Hard<'a> {
    of: Table<'a>,
    noise: Table<'a>,
    classes: TableMut<'a, u32>,
}

impl Kernel for Hard<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 2>::new(self.of.columns, L::ZERO);
        let [z, g] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            rows.load(self.of.values, z);
            rows.load(self.noise.values, g);
            rows.store_words::<L>(gumbel_max::largest(z, g.iter().copied()).class, self.classes.values);
        }
    }
}
