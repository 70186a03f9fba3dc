//! Families of continuous distributions on the line: what a product of them, and every estimator, needs to know of one.

use core::fmt::Debug;

use crate::{Gaussian, Source, lane::Lane};

/// A distribution of one real number, with one to three parameters.
///
/// Derivatives come in the order of the parameters, which is that of the constructor.
///
/// ```
/// use samplegrad_core::{Gaussian, family::Family, stream};
///
/// let p = Gaussian::new(1.0, 0.0)?;
/// let (x, by_parameter) = Family::sample_path(p, &mut stream::xorshift(2026, 0));
/// assert_eq!(by_parameter, [1.0, x - 1.0]);           // x = μ + σ ε in μ and in ln σ
/// assert_eq!(Family::score(p, 1.5), [0.5, -0.75]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Family<L: Lane = f32>: Copy + Debug + PartialEq + 'static {
    /// A number per parameter: `[L; 1]` to `[L; 3]`.
    type Gradient: AsRef<[L]> + Copy + Debug + PartialEq;

    /// How many parameters there are, the length of [`Family::Gradient`].
    const PARAMETERS: usize;

    /// Draws a value, and its derivative in each parameter with the noise behind it held fixed.
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, Self::Gradient);
    /// `ln p(x)`.
    fn log_prob(self, x: L) -> L;
    /// The score `∂ ln p(x)/∂φ`.
    fn score(self, x: L) -> Self::Gradient;
}

impl<L: Lane> Family<L> for Gaussian<L> {
    type Gradient = [L; 2];
    const PARAMETERS: usize = 2;

    #[inline]
    fn sample_path<S: Source<L> + ?Sized>(self, source: &mut S) -> (L, [L; 2]) {
        let (x, noise) = self.sample(source);
        let (by_mean, by_log_std) = self.pathwise(noise, L::ONE);
        (x, [by_mean, by_log_std])
    }
    #[inline]
    fn log_prob(self, x: L) -> L {
        self.log_prob(x)
    }
    #[inline]
    fn score(self, x: L) -> [L; 2] {
        let (by_mean, by_log_std) = self.score(x);
        [by_mean, by_log_std]
    }
}
