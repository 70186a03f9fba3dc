//! Normal variables over batches, one per element.

use samplegrad_core::Gaussian;

use super::tile;
use crate::{Error, Streams, Vector};

/// Normal variables, one per element: means `μ` and `ln σ`.
///
/// ```
/// use samplegrad_host::{Streams, batch::{Native, gaussian::Gaussians}};
///
/// let p = Gaussians::new(&[0.0, 5.0], &[0.0, -40.0])?;
/// let (mut x, mut noise) = ([0.0; 2], [0.0; 2]);
/// p.sample::<Native>(&mut Streams::new(1, 2)?, &mut x, &mut noise)?;
/// assert_eq!(x, [noise[0], 5.0]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussians<'a> {
    mean: &'a [f32],
    log_std: &'a [f32],
}

impl<'a> Gaussians<'a> {
    /// Checks the parameters, each as [`Gaussian::new`] does.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `ln σ` as means, [`Error::Row`] with a parameter that is refused.
    pub fn new(mean: &'a [f32], log_std: &'a [f32]) -> Result<Self, Error> {
        tile::check_length("log standard deviations", mean.len(), log_std.len())?;
        for (row, (&mean, &log_std)) in mean.iter().zip(log_std).enumerate() {
            Gaussian::new(mean, log_std).map_err(|source| Error::Row { row, source })?;
        }
        Ok(Self { mean, log_std })
    }

    fn check(&self, what: &'static str, found: usize) -> Result<(), Error> {
        tile::check_length(what, self.mean.len(), found)
    }

    fn load<L: Vector>(&self, rows: tile::Rows) -> Option<Gaussian<L>> {
        // Always some: the parameters have been checked.
        Gaussian::new(rows.column(self.mean), rows.column(self.log_std)).ok()
    }

    /// Writes `x = μ + σ ε` and the noise `ε`, element `b` from stream `b mod n`. In lanes of `L`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is room for one number per element.
    pub fn sample<L: Vector>(&self, streams: &mut Streams, x: &mut [f32], noise: &mut [f32]) -> Result<(), Error> {
        self.check("x", x.len())?;
        self.check("noise", noise.len())?;
        tile::for_each_drawn_row::<L>(streams, x.len(), |rows, rng| {
            if let Some(p) = self.load::<L>(rows) {
                let (value, epsilon) = p.sample(rng);
                rows.store_column(value, x);
                rows.store_column(epsilon, noise);
            }
        });
        Ok(())
    }

    /// Writes `ln p(x)` and the score in `μ` and in `ln σ` of each element. In lanes of `L`.
    ///
    /// # Errors
    /// [`Error::Length`] unless all slices have one number per element.
    pub fn log_prob<L: Vector>(
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
        tile::for_each::<L>(x.len(), |rows| {
            if let Some(p) = self.load::<L>(rows) {
                let at = rows.column(x);
                let (mean, log_std) = p.score(at);
                rows.store_column(p.log_prob(at), log_prob);
                rows.store_column(mean, by_mean);
                rows.store_column(log_std, by_log_std);
            }
        });
        Ok(())
    }

    /// Writes the pathwise gradient in `μ` and `ln σ` of each element, for the cotangent `f'(x)` of the `x` that was made
    /// from `noise`. In lanes of `L`.
    ///
    /// # Errors
    /// [`Error::Length`] unless all slices have one number per element.
    pub fn pathwise<L: Vector>(
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
        tile::for_each::<L>(noise.len(), |rows| {
            if let Some(p) = self.load::<L>(rows) {
                let (mean, log_std) = p.pathwise(rows.column(noise), rows.column(cotangent));
                rows.store_column(mean, by_mean);
                rows.store_column(log_std, by_log_std);
            }
        });
        Ok(())
    }

    /// Writes the entropy of each element in nats. In lanes of `L`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is room for one number per element.
    pub fn entropy<L: Vector>(&self, entropy: &mut [f32]) -> Result<(), Error> {
        self.check("entropy", entropy.len())?;
        tile::for_each::<L>(entropy.len(), |rows| {
            if let Some(p) = self.load::<L>(rows) {
                rows.store_column(p.entropy(), entropy);
            }
        });
        Ok(())
    }

    /// Writes `KL(self ‖ other)` of each element in nats and its derivatives in `μ` and `ln σ` of `self`. In lanes of `L`.
    /// `other` is `N(0, 1)` if there is none.
    ///
    /// # Errors
    /// [`Error::Length`] unless all slices, and `other`, have one number per element.
    pub fn kl<L: Vector>(
        &self,
        other: Option<&Self>,
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
        tile::for_each::<L>(kl.len(), |rows| {
            let Some(p) = self.load::<L>(rows) else { return };
            let (value, mean, log_std) = match other.and_then(|other| other.load::<L>(rows)) {
                Some(q) => {
                    let [mean, log_std, ..] = p.kl_derivatives(q);
                    (p.kl(q), mean, log_std)
                }
                None => {
                    let (mean, log_std) = p.kl_to_standard_derivatives();
                    (p.kl_to_standard(), mean, log_std)
                }
            };
            rows.store_column(value, kl);
            rows.store_column(mean, by_mean);
            rows.store_column(log_std, by_log_std);
        });
        Ok(())
    }
}
