//! Normal variables over batches, one per element.

use samplegrad_core::LogStdNormal;

use crate::{
    batch::{
        check::check_length,
        engine::{
            split::{Splittable, Table, TableMut, for_each_chunk, for_each_drawn_chunk},
            tile::{self, TileRows},
        },
    },
    error::Error,
    lanes::{dispatch::Lanes, kernel::Kernel, vector::Vector},
    streams::{streams::Streams, streams_mut::StreamsMut},
};

/// Normal variables, one per element, each with a mean `μ` and a log standard deviation `ln σ`.
///
/// ```
/// use samplegrad_host::{Streams, batch::log_std_normal::LogStdNormals};
///
/// let p = LogStdNormals::new(&[0.0, 5.0], &[0.0, -40.0])?;
/// let (mut x, mut noise) = ([0.0; 2], [0.0; 2]);
/// p.sample(&mut Streams::new(1, 2)?, &mut x, &mut noise)?;
/// assert_eq!(x, [noise[0], 5.0]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogStdNormals<'a> {
    mean: &'a [f32],
    log_std: &'a [f32],
    lanes: Lanes,
}

impl<'a> LogStdNormals<'a> {
    /// Checks the parameters, each as [`LogStdNormal::new`] does.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `ln σ` as means, [`Error::Row`] with a parameter that is refused.
    pub fn new(mean: &'a [f32], log_std: &'a [f32]) -> Result<Self, Error> {
        check_length("log standard deviations", mean.len(), log_std.len())?;
        for (row, (&mean, &log_std)) in mean.iter().zip(log_std).enumerate() {
            LogStdNormal::new(mean, log_std).map_err(|source| Error::Row { row, source })?;
        }
        Ok(Self { mean, log_std, lanes: Lanes::Widest })
    }

    /// Sets the number of lanes to compute in. It changes no result.
    pub fn in_lanes(self, lanes: Lanes) -> Self {
        Self { lanes, ..self }
    }

    fn check(&self, what: &'static str, found: usize) -> Result<(), Error> {
        check_length(what, self.mean.len(), found)
    }

    fn tables(&self) -> Tables<'a> {
        Tables { mean: Table::new(self.mean, 1), log_std: Table::new(self.log_std, 1) }
    }

    /// Writes `x = μ + σ ε` and the noise `ε`, element `b` from stream `b mod n`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is room for one number per element.
    pub fn sample(&self, streams: &mut Streams, x: &mut [f32], noise: &mut [f32]) -> Result<(), Error> {
        self.check("x", x.len())?;
        self.check("noise", noise.len())?;
        let parts = (self.tables(), TableMut::new(x, 1), TableMut::new(noise, 1));
        for_each_drawn_chunk(streams, parts, 1, |(of, x, noise), streams| {
            self.lanes.run(Sample { of, streams, x, noise });
        });
        Ok(())
    }

    /// Writes `ln p(x)` and the score with respect to `μ` and to `ln σ` of each element.
    ///
    /// # Errors
    /// [`Error::Length`] unless all slices have one number per element.
    pub fn log_prob(
        &self,
        x: &[f32],
        log_prob: &mut [f32],
        by_mean: &mut [f32],
        by_log_std: &mut [f32],
    ) -> Result<(), Error> {
        self.check("x", x.len())?;
        self.check("log-probabilities", log_prob.len())?;
        self.check("score in the mean", by_mean.len())?;
        self.check("score in the log standard deviation", by_log_std.len())?;
        let (by_mean, by_log_std) = (TableMut::new(by_mean, 1), TableMut::new(by_log_std, 1));
        let parts = (self.tables(), Table::new(x, 1), TableMut::new(log_prob, 1), by_mean, by_log_std);
        for_each_chunk(parts, 1, |(of, x, log_prob, by_mean, by_log_std)| {
            self.lanes.run(LogProb { of, x, log_prob, by_mean, by_log_std });
        });
        Ok(())
    }

    /// Writes the pathwise gradient with respect to `μ` and `ln σ` of each element, for the cotangent `f'(x)` at the
    /// `x` that was computed from `noise`.
    ///
    /// # Errors
    /// [`Error::Length`] unless all slices have one number per element.
    pub fn pathwise(
        &self,
        noise: &[f32],
        cotangent: &[f32],
        by_mean: &mut [f32],
        by_log_std: &mut [f32],
    ) -> Result<(), Error> {
        self.check("noise", noise.len())?;
        self.check("cotangent", cotangent.len())?;
        self.check("gradient in the mean", by_mean.len())?;
        self.check("gradient in the log standard deviation", by_log_std.len())?;
        let (by_mean, by_log_std) = (TableMut::new(by_mean, 1), TableMut::new(by_log_std, 1));
        let parts = (self.tables(), Table::new(noise, 1), Table::new(cotangent, 1), by_mean, by_log_std);
        for_each_chunk(parts, 1, |(of, noise, cotangent, by_mean, by_log_std)| {
            self.lanes.run(Pathwise { of, noise, cotangent, by_mean, by_log_std });
        });
        Ok(())
    }

    /// Writes the entropy of each element in nats.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is room for one number per element.
    pub fn entropy(&self, entropy: &mut [f32]) -> Result<(), Error> {
        self.check("entropy", entropy.len())?;
        for_each_chunk((self.tables(), TableMut::new(entropy, 1)), 1, |(of, entropy)| {
            self.lanes.run(Entropy { of, entropy });
        });
        Ok(())
    }

    /// Writes `KL(self ‖ other)` of each element in nats and its derivatives with respect to `μ` and `ln σ` of `self`.
    /// Without `other`, the divergence is to `N(0, 1)`.
    ///
    /// # Errors
    /// [`Error::Length`] unless all slices, and `other`, have one number per element.
    pub fn kl(
        &self,
        other: Option<&LogStdNormals<'_>>,
        kl: &mut [f32],
        by_mean: &mut [f32],
        by_log_std: &mut [f32],
    ) -> Result<(), Error> {
        if let Some(other) = other {
            self.check("other variables", other.mean.len())?;
        }
        self.check("kl", kl.len())?;
        self.check("gradient in the mean", by_mean.len())?;
        self.check("gradient in the log standard deviation", by_log_std.len())?;
        let out = (TableMut::new(kl, 1), TableMut::new(by_mean, 1), TableMut::new(by_log_std, 1));
        match other {
            Some(other) => for_each_chunk((self.tables(), other.tables(), out), 1, |(of, other, out)| {
                self.lanes.run(Kl { of, other, out });
            }),
            None => for_each_chunk((self.tables(), out), 1, |(of, out)| self.lanes.run(KlToStandard { of, out })),
        }
        Ok(())
    }
}

/// The parameters of some elements.
#[derive(Clone, Copy)]
struct Tables<'a> {
    mean: Table<'a>,
    log_std: Table<'a>,
}

impl Tables<'_> {
    /// Loads the variables of a tile. The parameters have been checked.
    #[inline(always)]
    fn load<L: Vector>(&self, rows: TileRows) -> Result<LogStdNormal<L>, samplegrad_core::Error> {
        LogStdNormal::new(rows.column(self.mean.values), rows.column(self.log_std.values))
    }
}

impl Splittable for Tables<'_> {
    fn rows(&self) -> usize {
        self.mean.rows()
    }
    fn split_at(self, row: usize) -> (Self, Self) {
        let ((mean, other_mean), (log_std, other_log_std)) = (self.mean.split_at(row), self.log_std.split_at(row));
        (Self { mean, log_std }, Self { mean: other_mean, log_std: other_log_std })
    }
}

/// The kernel of [`LogStdNormals::sample`] for a chunk.
struct Sample<'a> {
    of: Tables<'a>,
    streams: StreamsMut<'a>,
    x: TableMut<'a>,
    noise: TableMut<'a>,
}

impl Kernel for Sample<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        for rows in tile::tiles::<L>(self.streams.count()) {
            let rng = &mut self.streams.load::<L>(rows.first, rows.active);
            if let Ok(p) = self.of.load::<L>(rows) {
                let (value, epsilon) = p.sample(rng);
                rows.store_column(value, self.x.values);
                rows.store_column(epsilon, self.noise.values);
            }
            self.streams.store(rows.first, rows.active, rng);
        }
    }
}

/// The kernel of [`LogStdNormals::log_prob`] for a chunk.
struct LogProb<'a> {
    of: Tables<'a>,
    x: Table<'a>,
    log_prob: TableMut<'a>,
    by_mean: TableMut<'a>,
    by_log_std: TableMut<'a>,
}

impl Kernel for LogProb<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        for rows in tile::tiles::<L>(self.x.rows()) {
            if let Ok(p) = self.of.load::<L>(rows) {
                let at = rows.column(self.x.values);
                let (mean, log_std) = p.score(at);
                rows.store_column(p.log_prob(at), self.log_prob.values);
                rows.store_column(mean, self.by_mean.values);
                rows.store_column(log_std, self.by_log_std.values);
            }
        }
    }
}

/// The kernel of [`LogStdNormals::pathwise`] for a chunk.
struct Pathwise<'a> {
    of: Tables<'a>,
    noise: Table<'a>,
    cotangent: Table<'a>,
    by_mean: TableMut<'a>,
    by_log_std: TableMut<'a>,
}

impl Kernel for Pathwise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        for rows in tile::tiles::<L>(self.noise.rows()) {
            if let Ok(p) = self.of.load::<L>(rows) {
                let (mean, log_std) = p.pathwise(rows.column(self.noise.values), rows.column(self.cotangent.values));
                rows.store_column(mean, self.by_mean.values);
                rows.store_column(log_std, self.by_log_std.values);
            }
        }
    }
}

/// The kernel of [`LogStdNormals::entropy`] for a chunk.
struct Entropy<'a> {
    of: Tables<'a>,
    entropy: TableMut<'a>,
}

impl Kernel for Entropy<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        for rows in tile::tiles::<L>(self.entropy.rows()) {
            if let Ok(p) = self.of.load::<L>(rows) {
                rows.store_column(p.entropy(), self.entropy.values);
            }
        }
    }
}

/// A divergence and its derivatives with respect to the mean and to `ln σ`.
type Divergence<'a> = (TableMut<'a>, TableMut<'a>, TableMut<'a>);

/// The kernel of [`LogStdNormals::kl`] for a chunk.
struct Kl<'a> {
    of: Tables<'a>,
    other: Tables<'a>,
    out: Divergence<'a>,
}

impl Kernel for Kl<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let (kl, by_mean, by_log_std) = self.out;
        for rows in tile::tiles::<L>(kl.rows()) {
            if let (Ok(p), Ok(q)) = (self.of.load::<L>(rows), self.other.load::<L>(rows)) {
                let [mean, log_std, ..] = p.kl_derivatives(q);
                rows.store_column(p.kl(q), kl.values);
                rows.store_column(mean, by_mean.values);
                rows.store_column(log_std, by_log_std.values);
            }
        }
    }
}

/// The kernel of [`LogStdNormals::kl`] to `N(0, 1)` for a chunk.
struct KlToStandard<'a> {
    of: Tables<'a>,
    out: Divergence<'a>,
}

impl Kernel for KlToStandard<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let (kl, by_mean, by_log_std) = self.out;
        for rows in tile::tiles::<L>(kl.rows()) {
            if let Ok(p) = self.of.load::<L>(rows) {
                let (mean, log_std) = p.kl_to_standard_derivatives();
                rows.store_column(p.kl_to_standard(), kl.values);
                rows.store_column(mean, by_mean.values);
                rows.store_column(log_std, by_log_std.values);
            }
        }
    }
}
