//! The normal distribution of several variables, by reparameterization: `x = μ + L ε`. `L` is the Cholesky factor of
//! the covariance `C = L Lᵀ`.
//!
//! The parameters are the mean (`D` numbers) and the lower triangle of the factor, row by row (`D (D + 1)/2` numbers).
//! Each diagonal element is represented by its logarithm. Every finite parameter vector therefore defines a
//! distribution, also after a step along a gradient. With `ε = L^{−1} (x − μ)` and `y = L^{−T} ε`, the derivatives are:
//!
//! ```text
//! ∂ ln p/∂μ = y,    ∂ ln p/∂L_ij = y_i ε_j (j < i),    ∂ ln p/∂ln L_ii = L_ii y_i ε_i − 1
//! ∂f/∂μ = f',       ∂f/∂L_ij = f'_i ε_j,               ∂f/∂ln L_ii = f'_i L_ii ε_i
//! ```
//!
//! Sources: D. J. Rezende, S. Mohamed and D. Wierstra, *Stochastic backpropagation and approximate inference in deep
//! generative models*, ICML 2014 (gradients); G. H. Golub and C. F. Van Loan, *Matrix computations*, 4th edition 2013,
//! §3.1 and §4.2 (substitution and factor).

use core::fmt::Debug;

use heapless::Vec;

use crate::{
    arithmetic::{
        lane::{Lane, Mask},
        reduce,
        special::HALF_LN_2PI,
    },
    check,
    distributions::variables::{Reparameterized, Variables},
    error::Error,
    fixed_vec::{collected, copied, zeros},
    noise::{normal, source::Source},
};

/// A normal distribution of `D` variables. It has `D + D (D + 1)/2` parameters, at most `N`.
///
/// # Example
/// ```
/// use samplegrad_core::{Error, MultivariateNormal, variables::Variables};
///
/// // Two variables: means, then ln L_00, L_10, ln L_11.
/// let p = MultivariateNormal::<5>::new(&[1.0, -1.0], &[0.0, 0.5, 0.0])?;
/// assert_eq!(p.reparameterize(&[1.0, 2.0]), [2.0, 1.5]);
/// assert_eq!(p.score(&[2.0, 1.5]), [0.0, 2.0, -1.0, 2.0, 3.0]);
///
/// let singular = MultivariateNormal::<5>::from_covariance(&[0.0, 0.0], &[4.0, 2.0, 2.0, 1.0]);
/// assert_eq!(singular, Err(Error::NotPositiveDefinite { what: "covariance", row: 1, pivot: 0.0 }));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MultivariateNormal<const N: usize, L: Lane = f32> {
    mean: Vec<L, N>,
    /// The lower triangle, row by row.
    factor: Vec<L, N>,
    log_diagonal: Vec<L, N>,
}

impl<const N: usize, L: Lane> MultivariateNormal<N, L> {
    /// Creates a distribution from one or more means and the lower triangle of the factor, row by row. All numbers must
    /// be finite. Each diagonal element is given by its logarithm, from −40 to 40.
    ///
    /// A score is finite unless the substitution overflows. Each row can multiply a number by the largest element of
    /// the row divided by the diagonal element above it. The products of these factors over the rows must be within the
    /// range of floats.
    ///
    /// # Errors
    /// [`Error::Empty`]; [`Error::Length`] unless the factor has `D (D + 1)/2` numbers; [`Error::Capacity`] for more
    /// than `N` parameters; [`Error::NotANumber`] and [`Error::Infinite`] with the index of the number;
    /// [`Error::OutOfRange`] for the logarithm of a diagonal element.
    pub fn new(mean: &[L], factor: &[L]) -> Result<Self, Error> {
        checked_size::<N>(mean.len())?;
        check::length("factor", triangle(mean.len()), factor.len())?;
        check::finite("mean", mean)?;
        check::finite("factor", factor)?;
        let mut built = Self { mean: copied(mean), factor: Vec::new(), log_diagonal: Vec::new() };
        for row in rows(factor) {
            let Some((&log_diagonal, before)) = row.split_last() else { continue };
            check::within("ln of the diagonal", log_diagonal, -40.0, 40.0, "from -40 to 40")?;
            built.push_row(before, log_diagonal.exp(), log_diagonal);
        }
        Ok(built)
    }

    /// Creates a distribution from one or more finite means and a covariance matrix `C` of `D²` numbers, row by row.
    /// The matrix must be symmetric and positive definite.
    ///
    /// The factor is computed row by row, `L_ij = (C_ij − Σ_{k<j} L_ik L_jk)/L_jj`. The terms of each sum are added
    /// from first to last.
    ///
    /// # Errors
    /// The errors of [`MultivariateNormal::new`]; [`Error::OutOfRange`] for an element that differs from its mirror
    /// image; [`Error::NotPositiveDefinite`] with the first row whose pivot is not positive, to the precision of a
    /// float.
    pub fn from_covariance(mean: &[L], covariance: &[L]) -> Result<Self, Error> {
        const WHAT: &str = "covariance";
        let size = mean.len();
        checked_size::<N>(size)?;
        check::length(WHAT, size.saturating_mul(size), covariance.len())?;
        check::finite("mean", mean)?;
        check::finite(WHAT, covariance)?;
        let at = |i: usize, j: usize| covariance.get(i * size + j).copied().unwrap_or(L::ZERO);
        let mut built = Self { mean: copied(mean), factor: Vec::new(), log_diagonal: Vec::new() };
        for i in 0..size {
            let mut row: Vec<L, N> = Vec::new();
            for (j, above) in rows(&built.factor).enumerate() {
                let equal = at(i, j).equals(at(j, i));
                if !equal.all() {
                    let lane = (0..L::LANES).find(|&lane| !equal.extract(lane)).unwrap_or(0);
                    let value = at(i, j).extract(lane);
                    return Err(Error::OutOfRange { what: WHAT, value, requirement: "symmetric" });
                }
                let Some((&diagonal, before)) = above.split_last() else { continue };
                let element = (at(i, j) - reduce::dot(&row, before)) / diagonal;
                // This cannot fail: the vector is as long as a row, and all rows fit.
                let _ = row.push(element);
            }
            let pivot = at(i, i) - reduce::dot(&row, &row);
            // The smallest diagonal that `new` accepts is e^−40.
            let positive = L::splat(1.804_851_4e-35).lt(pivot);
            if !positive.all() {
                let lane = (0..L::LANES).find(|&lane| !positive.extract(lane)).unwrap_or(0);
                return Err(Error::NotPositiveDefinite { what: WHAT, row: i, pivot: pivot.extract(lane) });
            }
            let diagonal = pivot.sqrt();
            built.push_row(&row, diagonal, diagonal.ln());
        }
        Ok(built)
    }

    fn push_row(&mut self, before: &[L], diagonal: L, log_diagonal: L) {
        // This cannot fail: the size was checked.
        let _ = self.factor.extend_from_slice(before);
        let _ = (self.factor.push(diagonal), self.log_diagonal.push(log_diagonal));
    }

    /// Returns the mean `μ`.
    #[inline]
    pub fn mean(&self) -> &[L] {
        &self.mean
    }

    /// Returns the lower triangle of the factor row by row, with the diagonal itself.
    #[inline]
    pub fn factor(&self) -> &[L] {
        &self.factor
    }

    /// Returns `x = μ + L ε`. Each sum runs from the first column to the last, and the mean is added to it. Missing
    /// noise counts as zero.
    pub fn reparameterize(&self, noise: &[L]) -> Vec<L, N> {
        collected(self.mean.iter().zip(rows(&self.factor)).map(|(&mean, row)| mean + reduce::dot(row, noise)))
    }

    /// Returns `ε = L^{−1} (x − μ)`, by substitution from the first row to the last.
    pub fn standardize(&self, x: &[L]) -> Vec<L, N> {
        let shift: Vec<L, N> = collected(x.iter().zip(&self.mean).map(|(&x, &mean)| x - mean));
        self.solve(&shift)
    }

    /// Returns `L^{−1} shift`.
    fn solve(&self, shift: &[L]) -> Vec<L, N> {
        let mut solution: Vec<L, N> = Vec::new();
        for (row, &shift) in rows(&self.factor).zip(shift) {
            let Some((&diagonal, before)) = row.split_last() else { continue };
            // This cannot fail: the vector is as long as the mean.
            let _ = solution.push((shift - reduce::dot(before, &solution)) / diagonal);
        }
        solution
    }

    /// Returns `L^{−T} noise`, by substitution from the last row to the first.
    fn solve_transposed(&self, noise: &[L]) -> Vec<L, N> {
        let mut solution: Vec<L, N> = copied(noise);
        let mut rest = self.factor.as_slice();
        for i in (0..solution.len()).rev() {
            let Some((above, row)) = rest.len().checked_sub(i + 1).and_then(|at| rest.split_at_checked(at)) else {
                break;
            };
            rest = above;
            let Some((&diagonal, before)) = row.split_last() else { break };
            let Some((last, firsts)) = solution.get_mut(..=i).and_then(<[L]>::split_last_mut) else { break };
            *last = *last / diagonal;
            for (y, &l) in firsts.iter_mut().zip(before) {
                *y = *y - l * *last;
            }
        }
        solution
    }

    /// Returns the score at `x = μ + L ε`, unaffected by the rounding of `x`. Missing noise counts as zero.
    pub fn score_of_noise(&self, noise: &[L]) -> Vec<L, N> {
        let mut all: Vec<L, N> = zeros(self.mean.len());
        all.iter_mut().zip(noise).for_each(|(all, &noise)| *all = noise);
        self.outer(&self.solve_transposed(&all), &all, 1.0)
    }

    /// Returns `ln p(x) = −½ ‖ε‖² − Σ_i ln L_ii − D ½ ln 2π`. The terms of each sum are added from first to last.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one number per variable.
    pub fn log_prob(&self, x: &[L]) -> Result<L, Error> {
        check::length("numbers", self.mean.len(), x.len())?;
        let noise = self.standardize(x);
        Ok(-(reduce::dot(&noise, &noise) * 0.5)
            - reduce::sum(&self.log_diagonal)
            - self.mean.len() as f32 * HALF_LN_2PI)
    }

    /// Returns the entropy in nats: `Σ_i ln L_ii + D ½ (1 + ln 2π)`. The terms of the sum are added from first to last.
    pub fn entropy(&self) -> L {
        reduce::sum(&self.log_diagonal) + self.mean.len() as f32 * (HALF_LN_2PI + 0.5)
    }

    /// Returns `KL(self ‖ other) = Σ_i (ln L'_ii − ln L_ii) + ½ (‖L'^{−1} L‖² + ‖L'^{−1} (μ − μ')‖² − D)`. Squares are
    /// added column by column, from the first row to the last.
    ///
    /// # Errors
    /// [`Error::Length`] unless both distributions have equally many variables.
    pub fn kl(&self, other: &Self) -> Result<L, Error> {
        check::length("variables", self.mean.len(), other.mean.len())?;
        let mut squares = L::ZERO;
        for j in 0..self.mean.len() {
            let column: Vec<L, N> = collected(rows(&self.factor).map(|row| row.get(j).copied().unwrap_or(L::ZERO)));
            let ratio = other.solve(&column);
            squares = squares + reduce::dot(&ratio, &ratio);
        }
        let shift = other.standardize(&self.mean);
        let logs = other.log_diagonal.iter().zip(&self.log_diagonal);
        let logs = logs.fold(L::ZERO, |sum, (&other, &own)| sum + (other - own));
        Ok(logs + (squares - self.mean.len() as f32 + reduce::dot(&shift, &shift)) * 0.5)
    }

    /// Returns `KL(self ‖ N(0, I)) = ½ (‖L‖² + ‖μ‖² − D) − Σ_i ln L_ii`. The terms of each sum are added from first to
    /// last.
    pub fn kl_to_standard(&self) -> L {
        let squares = reduce::dot(&self.factor, &self.factor) + reduce::dot(&self.mean, &self.mean);
        (squares - self.mean.len() as f32) * 0.5 - reduce::sum(&self.log_diagonal)
    }

    /// Returns the gradient of `kl_to_standard`: `μ` in the mean, `L_ij` in the factor, `L_ii² − 1` in `ln L_ii`.
    pub fn kl_to_standard_gradient(&self) -> Vec<L, N> {
        let mut gradient: Vec<L, N> = copied(&self.mean);
        for row in rows(&self.factor) {
            let Some((&diagonal, before)) = row.split_last() else { continue };
            // Cannot fail: all parameters have room.
            let _ = gradient.extend_from_slice(before);
            let _ = gradient.push(diagonal * diagonal - 1.0);
        }
        gradient
    }

    /// Returns `c` for the mean, then `c_i ε_j` for each element of the factor. For `ln L_ii`, the product is
    /// multiplied by `L_ii` and `offset` is subtracted.
    fn outer(&self, cotangent: &[L], noise: &[L], offset: f32) -> Vec<L, N> {
        let mut gradient: Vec<L, N> = collected(cotangent.iter().zip(&self.mean).map(|(&c, _)| c));
        for (row, &c) in rows(&self.factor).zip(cotangent) {
            let last = row.len();
            for (j, (&l, &noise)) in (1..).zip(row.iter().zip(noise)) {
                // Cannot fail: all parameters have room.
                let _ = gradient.push(if j == last { c * (l * noise) - offset } else { c * noise });
            }
        }
        gradient
    }
}

/// Checks that there is at least one variable and that the parameters fit.
fn checked_size<const N: usize>(size: usize) -> Result<(), Error> {
    if size == 0 {
        return Err(Error::Empty { what: "mean" });
    }
    let len = triangle(size).saturating_add(size);
    if len > N { Err(Error::Capacity { what: "parameters", len, capacity: N }) } else { Ok(()) }
}

/// Returns `size (size + 1)/2`.
fn triangle(size: usize) -> usize {
    size.saturating_mul(size.saturating_add(1)) / 2
}

/// Returns the rows of a lower triangle. The first row has one element, the second row has two, and so on.
fn rows<L>(triangle: &[L]) -> impl Iterator<Item = &[L]> {
    let mut rest = triangle;
    (1..).map_while(move |len| {
        let (row, below) = rest.split_at_checked(len)?;
        rest = below;
        Some(row)
    })
}

impl<const N: usize, L: Lane> Variables for MultivariateNormal<N, L> {
    type Lane = L;
    type Value = L;
    type Values = Vec<L, N>;
    type Numbers = Vec<L, N>;
    type Of<T: Clone + Debug + PartialEq> = Vec<T, N>;

    fn len(&self) -> usize {
        self.mean.len()
    }
    fn parameters(&self) -> usize {
        self.mean.len() + self.factor.len()
    }
    fn sample<S: Source<L> + ?Sized>(&self, source: &mut S) -> Vec<L, N> {
        self.sample_path(source).0
    }
    fn score(&self, x: &[L]) -> Vec<L, N> {
        self.score_of_noise(&self.standardize(x))
    }
    fn sample_score<S: Source<L> + ?Sized>(&self, source: &mut S) -> (Vec<L, N>, Vec<L, N>) {
        let (x, noise) = self.sample_path(source);
        let score = self.score_of_noise(&noise);
        (x, score)
    }
}

impl<const N: usize, L: Lane> Reparameterized for MultivariateNormal<N, L> {
    /// The noise `ε`.
    type Path = Vec<L, N>;

    fn sample_path<S: Source<L> + ?Sized>(&self, source: &mut S) -> (Vec<L, N>, Self::Path) {
        let mut noise: Vec<L, N> = zeros(self.mean.len());
        for noise in &mut noise {
            *noise = normal::sample(source);
        }
        (self.reparameterize(&noise), noise)
    }

    fn pullback(&self, path: &Self::Path, cotangent: &[L]) -> Vec<L, N> {
        self.outer(cotangent, path, 0.0)
    }
}
