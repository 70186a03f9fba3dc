//! Relaxed Bernoulli variables over batches, one per element.

use samplegrad_core::{BinaryConcrete, Temperature, lane::Word};

use crate::{
    batch::{
        check::{check_length, check_rows},
        engine::{
            split::{Splittable, Table, TableMut, for_each_chunk, for_each_drawn_chunk},
            tile,
        },
    },
    error::Error,
    lanes::{dispatch::Lanes, kernel::Kernel, vector::Vector},
    streams::{streams::Streams, streams_mut::StreamsMut},
};

/// Relaxed Bernoulli variables, one per logit, with one temperature for all.
///
/// ```
/// use samplegrad_core::Temperature;
/// use samplegrad_host::{Streams, batch::binary_concrete::{BinaryConcretes, Relaxed}};
///
/// let (mut y, mut by_logit, mut by_tau, mut hard) = ([0.0; 3], [0.0; 3], [0.0; 3], [0; 3]);
/// let out =
///     Relaxed { y: &mut y, derivative: &mut by_logit, temperature_derivative: &mut by_tau, hard: &mut hard };
/// BinaryConcretes::new(&[0.0; 3], Temperature::ONE)?.sample(&mut Streams::new(1, 3)?, out)?;
/// assert_eq!(y.map(|y| u32::from(y > 0.5)), hard);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BinaryConcretes<'a> {
    logits: &'a [f32],
    tau: Temperature,
    lanes: Lanes,
}

/// The slices that [`BinaryConcretes::sample`] writes, one number per logit each.
///
/// Example: [`BinaryConcretes`].
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

/// The slices that [`BinaryConcretes::log_density`] writes, one number per logit each.
///
/// ```
/// use samplegrad_core::Temperature;
/// use samplegrad_host::batch::binary_concrete::{BinaryConcretes, Density};
///
/// let (mut p, mut l, mut tau, mut y) = ([0.0], [0.0], [0.0], [0.0]);
/// let out = Density { log_density: &mut p, logit: &mut l, temperature: &mut tau, point: &mut y };
/// BinaryConcretes::new(&[0.0], Temperature::ONE)?.log_density(&[0.5], out)?;
/// assert!(p[0].abs() < 1e-6);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Debug)]
pub struct Density<'a> {
    /// `ln p(y)`.
    pub log_density: &'a mut [f32],
    /// The derivative of the log-density with respect to the logit.
    pub logit: &'a mut [f32],
    /// The derivative of the log-density with respect to the temperature.
    pub temperature: &'a mut [f32],
    /// The derivative of the log-density with respect to the point.
    pub point: &'a mut [f32],
}

impl<'a> BinaryConcretes<'a> {
    /// Checks the logits, each as [`BinaryConcrete::new`] does.
    ///
    /// # Errors
    /// [`Error::Row`] with a logit that is not finite.
    pub fn new(logits: &'a [f32], tau: Temperature) -> Result<Self, Error> {
        check_rows(logits, 1, |l| BinaryConcrete::new(l[0], tau).map(|_| ()))?;
        Ok(Self { logits, tau, lanes: Lanes::Widest })
    }

    /// Sets the number of lanes to compute in. It changes no result.
    pub fn in_lanes(self, lanes: Lanes) -> Self {
        Self { lanes, ..self }
    }

    fn check(&self, what: &'static str, found: usize) -> Result<(), Error> {
        check_length(what, self.logits.len(), found)
    }

    /// Draws element `b` as [`BinaryConcrete::sample`] does, from stream `b mod n`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is room for one number per logit.
    pub fn sample(&self, streams: &mut Streams, out: Relaxed<'_>) -> Result<(), Error> {
        let Relaxed { y, derivative, temperature_derivative, hard } = out;
        self.check("y", y.len())?;
        self.check("derivative", derivative.len())?;
        self.check("temperature derivative", temperature_derivative.len())?;
        self.check("hard", hard.len())?;
        let parts = (
            Table::new(self.logits, 1),
            TableMut::new(y, 1),
            TableMut::new(derivative, 1),
            TableMut::new(temperature_derivative, 1),
            TableMut::new(hard, 1),
        );
        let tau = self.tau;
        for_each_drawn_chunk(streams, parts, 1, |(logits, y, derivative, temperature_derivative, hard), streams| {
            let out = (y, derivative, temperature_derivative, hard);
            self.lanes.run(Sample { tau, logits, streams, out });
        });
        Ok(())
    }

    /// Writes the log-density at `y` of each element and its derivatives.
    ///
    /// # Errors
    /// [`Error::Length`] unless all slices have one number per logit, [`Error::Row`] with a point that is not between 0 and 1.
    pub fn log_density(&self, y: &[f32], out: Density<'_>) -> Result<(), Error> {
        let Density { log_density, logit, temperature, point } = out;
        self.check("point", y.len())?;
        self.check("log-density", log_density.len())?;
        self.check("derivative in the logit", logit.len())?;
        self.check("derivative in the temperature", temperature.len())?;
        self.check("derivative in the point", point.len())?;
        self.check_points(y)?;
        let parts = (
            Table::new(self.logits, 1),
            Table::new(y, 1),
            TableMut::new(log_density, 1),
            TableMut::new(logit, 1),
            TableMut::new(temperature, 1),
            TableMut::new(point, 1),
        );
        let tau = self.tau;
        for_each_chunk(parts, 1, |(logits, y, log_density, logit, temperature, point)| {
            let out = (log_density, logit, temperature, point);
            self.lanes.run(LogDensity { tau, logits, y, out });
        });
        Ok(())
    }

    fn check_points(&self, y: &[f32]) -> Result<(), Error> {
        match y.iter().position(|&y| !(0.0 < y && y < 1.0)) {
            None => Ok(()),
            Some(row) => {
                let variable = BinaryConcrete::new(self.logits[row], self.tau);
                let refused = variable.and_then(|variable| variable.log_density(y[row]));
                refused.map(|_| ()).map_err(|source| Error::Row { row, source })
            }
        }
    }
}

/// The kernel of [`BinaryConcretes::sample`] for a chunk.
struct Sample<'a> {
    tau: Temperature,
    logits: Table<'a>,
    streams: StreamsMut<'a>,
    out: (TableMut<'a>, TableMut<'a>, TableMut<'a>, TableMut<'a, u32>),
}

impl Kernel for Sample<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        let (y, derivative, temperature_derivative, hard) = self.out;
        for rows in tile::tiles::<L>(self.streams.count()) {
            let rng = &mut self.streams.load::<L>(rows.first, rows.active);
            // The logits have been checked.
            if let Ok(variable) = BinaryConcrete::new(rows.column::<L>(self.logits.values), self.tau) {
                let sample = variable.sample(rng);
                rows.store_column(sample.value(), y.values);
                rows.store_column(sample.derivative(), derivative.values);
                rows.store_column(sample.temperature_derivative(), temperature_derivative.values);
                let word = L::Word::select(sample.hard(), L::Word::splat(1), L::Word::splat(0));
                rows.store_words::<L>(word, hard.values);
            }
            self.streams.store(rows.first, rows.active, rng);
        }
    }
}

/// The kernel of [`BinaryConcretes::log_density`] for a chunk.
struct LogDensity<'a> {
    tau: Temperature,
    logits: Table<'a>,
    y: Table<'a>,
    out: (TableMut<'a>, TableMut<'a>, TableMut<'a>, TableMut<'a>),
}

impl Kernel for LogDensity<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let (log_density, logit, temperature, point) = self.out;
        for rows in tile::tiles::<L>(self.logits.rows()) {
            // Logits and points have been checked.
            let Ok(variable) = BinaryConcrete::new(rows.column::<L>(self.logits.values), self.tau) else { continue };
            let Ok(at) = variable.log_density(rows.column(self.y.values)) else { continue };
            rows.store_column(at.log_density, log_density.values);
            rows.store_column(at.logit, logit.values);
            rows.store_column(at.temperature, temperature.values);
            rows.store_column(at.point, point.values);
        }
    }
}
