//! The Dirichlet distribution: gamma numbers divided by their sum. The gamma numbers are reparameterized implicitly.
//!
//! Let `g_k` be the gamma number with shape `α_k`, so that `x_k = g_k/Σ_j g_j`. Let `v_k = ln(x_k α_0/α_k)`,
//! `α_0 = Σ_k α_k`, `ψ₂(v) = e^v − 1 − v` and `A(α) = α ln α − α − ln Γ(α)`. Then:
//!
//! ```text
//! ln p(x) = −Σ_k α_k ψ₂(v_k) + Σ_k A(α_k) − A(α_0) − Σ_k ln x_k
//! ∂x_j/∂α_k = x_j ([j = k] − x_k) d ln g_k/dα_k
//! ```
//!
//! The sum `Σ_k α_k (e^{v_k} − 1)` is 0, so `−Σ_k α_k ψ₂(v_k)` equals `Σ_k α_k v_k`. The terms `α_k ψ₂(v_k)` and `A`
//! stay small at large shapes, so no large terms cancel.
//!
//! Source: M. Figurnov, S. Mohamed and A. Mnih, *Implicit reparameterization gradients*, NeurIPS 2018.

use core::fmt::Debug;

use heapless::Vec;

use crate::{
    arithmetic::{
        lane::{Lane, Mask},
        reduce, softmax,
        special::{digamma_step, exp_less_line},
    },
    check::{self, length},
    distributions::{
        standard_gamma::{Point, StandardGamma},
        variables::{Reparameterized, Variables},
    },
    error::Error,
    fixed_vec::{collected, zeros},
    noise::source::Source,
};

/// The largest accepted difference of a sum from 1. It allows for the rounding errors of a hundred numbers.
const SIMPLEX: f32 = 1e-5;

/// A Dirichlet distribution of up to `N` numbers whose sum is 1. Each number is a variable with a shape `α_k`.
///
/// In a sample, a number below the smallest normal float is replaced by the smallest normal float.
/// [`Dirichlet::sample_ln`] returns the logarithms, which do not underflow. [`Dirichlet::log_prob_at_ln`] and
/// [`Dirichlet::score_at_ln`] take these logarithms, and estimators compute the score from them.
///
/// # Example
/// ```
/// use samplegrad_core::{Dirichlet, stream, variables::{Reparameterized, Variables}};
///
/// let p = Dirichlet::<4>::new(&[0.5, 2.0, 1.5])?;
/// assert_eq!(p.mean(), [0.125, 0.5, 0.375]);
/// let (x, path) = p.sample_path(&mut stream::xorshift(2026, 0));
/// let gradient = p.pullback(&path, &[1.0, 1.0, 1.0]);         // of the sum, which is always 1
/// assert!(gradient.iter().all(|g| g.abs() < 1e-6));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dirichlet<const N: usize, L: Lane = f32> {
    shapes: Vec<StandardGamma<L>, N>,
    total: StandardGamma<L>,
}

impl<const N: usize, L: Lane> Dirichlet<N, L> {
    /// Creates a distribution from at least one shape. Shapes must be between 1e-3 and 1e6.
    ///
    /// # Errors
    /// [`Error::Empty`]; [`Error::Capacity`] for more than `N` shapes; [`Error::OutOfRange`] for a shape outside its
    /// range.
    pub fn new(shapes: &[L]) -> Result<Self, Error> {
        const WHAT: &str = "shapes";
        if shapes.is_empty() {
            return Err(Error::Empty { what: WHAT });
        }
        let mut checked = Vec::new();
        for &shape in shapes {
            let full = |_| Error::Capacity { what: WHAT, len: shapes.len(), capacity: N };
            checked.push(StandardGamma::new(shape)?).map_err(full)?;
        }
        Ok(Self { shapes: checked, total: StandardGamma::trusted(reduce::sum(shapes)) })
    }

    /// Returns the gamma distributions of the numbers, in order.
    #[inline]
    pub fn as_slice(&self) -> &[StandardGamma<L>] {
        &self.shapes
    }

    /// Returns the numbers `x_k = g_k/Σ_j g_j` for given gamma numbers `g_k`. Extra shapes or gamma numbers are
    /// ignored.
    pub fn at(&self, points: &[Point<L>]) -> Vec<L, N> {
        self.with_ln(points).0
    }

    /// Returns the logarithms of the numbers. The logarithm of a number that is too small for a float is finite.
    pub fn ln_at(&self, points: &[Point<L>]) -> Vec<L, N> {
        self.with_ln(points).1
    }

    /// Returns the numbers and their logarithms.
    fn with_ln(&self, points: &[Point<L>]) -> (Vec<L, N>, Vec<L, N>) {
        let ln: Vec<L, N> = collected(self.shapes.iter().zip(points).map(|(_, point)| point.ln()));
        let (mut x, mut ln_x): (Vec<L, N>, Vec<L, N>) = (zeros(ln.len()), zeros(ln.len()));
        softmax::log_softmax(&ln, &mut x, &mut ln_x);
        for x in &mut x {
            *x = x.max(L::splat(f32::MIN_POSITIVE));
        }
        (x, ln_x)
    }

    /// Draws the gamma numbers of a sample in order. Each gamma number takes one word of the source.
    fn points<S: Source<L> + ?Sized>(&self, source: &mut S) -> Vec<Point<L>, N> {
        collected(self.shapes.iter().map(|p| p.sample(source)))
    }

    /// Draws a sample and returns the logarithms of its numbers. Takes the same words of the source as
    /// [`Variables::sample`].
    ///
    /// ```
    /// use samplegrad_core::{Dirichlet, stream};
    ///
    /// let p = Dirichlet::<3>::new(&[0.01, 0.01, 0.01])?;
    /// let ln_x = p.sample_ln(&mut stream::xorshift(2026, 0));
    /// assert!(p.log_prob_at_ln(&ln_x)?.is_finite() && p.score_at_ln(&ln_x).len() == 3);
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    pub fn sample_ln<S: Source<L> + ?Sized>(&self, source: &mut S) -> Vec<L, N> {
        self.ln_at(&self.points(source))
    }

    /// Returns `ln p(x)` for numbers whose sum is 1. The terms are added from the first number to the last.
    ///
    /// The result is −∞ if a number that is 0 has a shape above 1. Otherwise it is +∞ if a number that is 0 has a shape
    /// below 1. A number that is 0 and has a shape of 1 is treated as any other number.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one number per shape; [`Error::OutOfRange`] for a number outside the range
    /// from 0 to 1, and for a sum that differs from 1 by more than 1e-5.
    pub fn log_prob(&self, x: &[L]) -> Result<L, Error> {
        length("numbers", self.shapes.len(), x.len())?;
        x.iter().try_for_each(|&x| check::within("number", x, 0.0, 1.0, "from 0 to 1"))?;
        check::within("sum of the numbers", reduce::sum(x), 1.0 - SIMPLEX, 1.0 + SIMPLEX, "1, to 1e-5")?;
        let ln: Vec<L, N> = collected(x.iter().map(|x| x.ln()));
        Ok(log_prob(&self.shapes, self.total, &ln))
    }

    /// Returns `ln p(x)` at the logarithms of the numbers, which [`Dirichlet::sample_ln`] draws. `p` is the density of
    /// `x`, not of the logarithms. The function does not check that the numbers add up to 1.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one logarithm per shape.
    pub fn log_prob_at_ln(&self, ln_x: &[L]) -> Result<L, Error> {
        length("logarithms", self.shapes.len(), ln_x.len())?;
        Ok(log_prob(&self.shapes, self.total, ln_x))
    }

    /// Returns the score at the logarithms of the numbers.
    pub fn score_at_ln(&self, ln_x: &[L]) -> Vec<L, N> {
        let shape = |p: &StandardGamma<L>| p.shape();
        // For each shape, the sum of all other shapes. The shapes after it are added from last to first, the shapes
        // before it from first to last.
        let mut others: Vec<L, N> = zeros(self.shapes.len());
        let mut after = L::ZERO;
        for (others, p) in others.iter_mut().rev().zip(self.shapes.iter().rev()) {
            *others = after;
            after = after + shape(p);
        }
        let mut before = L::ZERO;
        for (others, p) in others.iter_mut().zip(&self.shapes) {
            *others = before + *others;
            before = before + shape(p);
        }
        collected(self.shapes.iter().zip(&others).zip(ln_x).map(|((p, &others), &ln_x)| score(shape(p), others, ln_x)))
    }

    /// Returns the mean `E[X_k] = α_k/α_0`.
    pub fn mean(&self) -> Vec<L, N> {
        collected(self.shapes.iter().map(|p| p.shape() / self.total.shape()))
    }

    /// Returns the entropy in nats. The terms are added from the first number to the last.
    pub fn entropy(&self) -> L {
        entropy(&self.shapes, self.total)
    }

    /// Returns `KL(self ‖ other)` in nats. The terms are added from the first number to the last.
    ///
    /// # Errors
    /// [`Error::Length`] unless both distributions have equally many numbers.
    pub fn kl(&self, other: &Self) -> Result<L, Error> {
        length("shapes", self.shapes.len(), other.shapes.len())?;
        Ok(kl((&self.shapes, self.total), (&other.shapes, other.total)))
    }
}

/// Returns `Σ_k A(α_k) − A(α_0)`.
fn peak<L: Lane>(shapes: &[StandardGamma<L>], total: StandardGamma<L>) -> L {
    shapes.iter().fold(L::ZERO, |sum, p| sum + p.peak()) - total.peak()
}

/// Returns `ln p(x)` at `ln x`. Numbers that are 0 are treated as in [`Dirichlet::log_prob`].
pub(crate) fn log_prob<L: Lane>(shapes: &[StandardGamma<L>], total: StandardGamma<L>, ln_x: &[L]) -> L {
    let (mut sum, mut none, mut pole) = (L::ZERO, L::Mask::splat(false), L::Mask::splat(false));
    for (p, &ln_x) in shapes.iter().zip(ln_x) {
        let zero = ln_x.equals(L::NEG_INFINITY);
        let ln_share = (p.shape() / total.shape()).ln();
        let ln_x = L::select(zero, ln_share, ln_x);
        let term = p.shape() * exp_less_line(ln_x - ln_share) + ln_x;
        // For a shape of 1, ψ₂(v) + ln x = e^v − 1 + ln(α_k/α_0).
        sum = sum + L::select(zero, ln_share - 1.0, term);
        none = none.or(zero.and(L::ONE.lt(p.shape())));
        pole = pole.or(zero.and(p.shape().lt(L::ONE)));
    }
    let finite = peak(shapes, total) - sum;
    L::select(none, L::NEG_INFINITY, L::select(pole, L::splat(f32::INFINITY), finite))
}

/// Returns `∂ ln p/∂α_k = ln x_k + ψ(α_0) − ψ(α_k)` at `ln x_k`, from `α_k` and the sum of the other shapes.
pub(crate) fn score<L: Lane>(shape: L, others: L, ln_x: L) -> L {
    ln_x + digamma_step(shape, others)
}

/// Returns `−E[ln p]` from `E[v_k] = (ln α_0 − ψ(α_0)) − (ln α_k − ψ(α_k))`.
pub(crate) fn entropy<L: Lane>(shapes: &[StandardGamma<L>], total: StandardGamma<L>) -> L {
    let term = |p: &StandardGamma<L>| {
        let below = p.gap() - total.gap();
        (p.shape() - 1.0) * below + (p.shape() / total.shape()).ln()
    };
    shapes.iter().map(term).fold(L::ZERO, |sum, x| sum + x) - peak(shapes, total)
}

/// Returns `KL(p ‖ q) = Σ_k ((α_k − α'_k) E[v_k] + α'_k ψ₂(v'_k − v_k)) + peak(p) − peak(q)`. `α_k` and `v_k` belong to
/// `p`, `α'_k` and `v'_k` to `q`.
pub(crate) fn kl<L: Lane>(
    (p, p_total): (&[StandardGamma<L>], StandardGamma<L>),
    (q, q_total): (&[StandardGamma<L>], StandardGamma<L>),
) -> L {
    let term = |(one, other): (&StandardGamma<L>, &StandardGamma<L>)| {
        let shift = ((one.shape() / other.shape()) * (q_total.shape() / p_total.shape())).ln();
        (one.shape() - other.shape()) * (p_total.gap() - one.gap()) + other.shape() * exp_less_line(shift)
    };
    let sum = p.iter().zip(q).map(term).fold(L::ZERO, |sum, x| sum + x);
    sum + (peak(p, p_total) - peak(q, q_total))
}

impl<const N: usize, L: Lane> Variables for Dirichlet<N, L> {
    type Lane = L;
    type Value = L;
    type Values = Vec<L, N>;
    type Numbers = Vec<L, N>;
    type Of<T: Clone + Debug + PartialEq> = Vec<T, N>;

    fn len(&self) -> usize {
        self.shapes.len()
    }
    fn parameters(&self) -> usize {
        self.shapes.len()
    }
    fn sample<S: Source<L> + ?Sized>(&self, source: &mut S) -> Vec<L, N> {
        self.sample_path(source).0
    }
    /// Returns the score at positive numbers. For a number that is 0, the derivative in its shape is −∞.
    fn score(&self, x: &[L]) -> Vec<L, N> {
        let ln_x: Vec<L, N> = collected(x.iter().map(|x| x.ln()));
        self.score_at_ln(&ln_x)
    }
    fn sample_score<S: Source<L> + ?Sized>(&self, source: &mut S) -> (Vec<L, N>, Vec<L, N>) {
        let (x, ln_x) = self.with_ln(&self.points(source));
        let score = self.score_at_ln(&ln_x);
        (x, score)
    }
}

impl<const N: usize, L: Lane> Reparameterized for Dirichlet<N, L> {
    /// Each number `x_k`, and the derivative `d ln g_k/dα_k` of its gamma number.
    type Path = Vec<[L; 2], N>;

    fn sample_path<S: Source<L> + ?Sized>(&self, source: &mut S) -> (Vec<L, N>, Self::Path) {
        let points = self.points(source);
        let x = self.at(&points);
        let path = collected(x.iter().zip(&points).map(|(&x, point)| [x, point.ln_derivative()]));
        (x, path)
    }

    /// Returns `d ln g_k/dα_k · x_k (c_k − ⟨c, x⟩)`.
    fn pullback(&self, path: &Self::Path, cotangent: &[L]) -> Vec<L, N> {
        let inner = path.iter().zip(cotangent).fold(L::ZERO, |sum, (&[x, _], &c)| sum + c * x);
        collected(path.iter().zip(cotangent).map(|(&[x, by_shape], &c)| by_shape * (x * (c - inner))))
    }
}
