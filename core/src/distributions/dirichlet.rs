//! The Dirichlet distribution, from gamma numbers over their sum, each reparameterized implicitly.
//!
//! With `v_k = ln(x_k α_0/α_k)`, `α_0 = Σ α_k`, `ψ₂(v) = e^v − 1 − v` and `A(α) = α ln α − α − ln Γ(α)`,
//!
//! ```text
//! ln p(x) = −Σ_k α_k ψ₂(v_k) + Σ_k A(α_k) − A(α_0) − Σ_k ln x_k
//! ∂x_j/∂α_k = x_j ([j = k] − x_k) d ln g_k/dα_k
//! ```
//!
//! as `Σ α_k (e^{v_k} − 1) = 0`: no large terms cancel at large shapes.
//!
//! Source: M. Figurnov, S. Mohamed and A. Mnih, *Implicit reparameterization gradients*, NeurIPS 2018.

use heapless::Vec;

use crate::{
    Error, Source,
    check::length,
    fixed_vec::{collected, zeros},
    lane::Lane,
    reduce, softmax,
    special::exp_less_line,
    standard_gamma::{Point, StandardGamma},
    variables::{Reparameterized, Variables},
};

/// A Dirichlet distribution of up to `N` numbers whose sum is 1, with a shape `α_k` each: as variables, one per shape.
///
/// A number below the smallest normal float is given as that float.
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
    /// From shapes from 1e-3 to 1e6, at least one.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Capacity`] for more than `N`, [`Error::OutOfRange`].
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

    /// The gamma distributions behind the numbers, in order.
    #[inline]
    pub fn as_slice(&self) -> &[StandardGamma<L>] {
        &self.shapes
    }

    /// The numbers `x_k = g_k/Σ g` that gamma numbers of these shapes make, over the shorter length.
    pub fn at(&self, points: &[Point<L>]) -> Vec<L, N> {
        let ln: Vec<L, N> = collected(self.shapes.iter().zip(points).map(|(_, point)| point.ln()));
        let mut x: Vec<L, N> = zeros(ln.len());
        softmax::softmax(&ln, &mut x);
        for x in &mut x {
            *x = x.max(L::splat(f32::MIN_POSITIVE));
        }
        x
    }

    /// `ln p(x)` for positive numbers whose sum is 1. The sum goes from the first number to the last.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a number per shape.
    pub fn log_prob(&self, x: &[L]) -> Result<L, Error> {
        length("numbers", self.shapes.len(), x.len())?;
        let ln: Vec<L, N> = collected(x.iter().map(|x| x.ln()));
        Ok(log_prob(&self.shapes, self.total, &ln))
    }

    /// `E[X_k] = α_k/α_0`.
    pub fn mean(&self) -> Vec<L, N> {
        collected(self.shapes.iter().map(|p| p.shape() / self.total.shape()))
    }

    /// Entropy in nats. The sum goes from the first number to the last.
    pub fn entropy(&self) -> L {
        entropy(&self.shapes, self.total)
    }

    /// `KL(self ‖ other)` in nats. The sum goes from the first number to the last.
    ///
    /// # Errors
    /// [`Error::Length`] unless both are of as many numbers.
    pub fn kl(&self, other: &Self) -> Result<L, Error> {
        length("shapes", self.shapes.len(), other.shapes.len())?;
        Ok(kl((&self.shapes, self.total), (&other.shapes, other.total)))
    }
}

/// `Σ_k A(α_k) − A(α_0)`.
fn peak<L: Lane>(shapes: &[StandardGamma<L>], total: StandardGamma<L>) -> L {
    shapes.iter().fold(L::ZERO, |sum, p| sum + p.peak()) - total.peak()
}

/// `ln p(x)` at `ln x`.
pub(crate) fn log_prob<L: Lane>(shapes: &[StandardGamma<L>], total: StandardGamma<L>, ln_x: &[L]) -> L {
    let term =
        |(p, &ln_x): (&StandardGamma<L>, &L)| p.shape() * exp_less_line(ln_x - (p.shape() / total.shape()).ln()) + ln_x;
    peak(shapes, total) - shapes.iter().zip(ln_x).map(term).fold(L::ZERO, |sum, x| sum + x)
}

/// `∂ ln p/∂α_k = v_k + (ln α_k − ψ(α_k)) − (ln α_0 − ψ(α_0))` at `ln x_k`.
pub(crate) fn score<L: Lane>(shape: StandardGamma<L>, total: StandardGamma<L>, ln_x: L) -> L {
    ln_x - (shape.shape() / total.shape()).ln() + (shape.gap() - total.gap())
}

/// `−E[ln p]` from `E[v_k] = (ln α_0 − ψ(α_0)) − (ln α_k − ψ(α_k))`.
pub(crate) fn entropy<L: Lane>(shapes: &[StandardGamma<L>], total: StandardGamma<L>) -> L {
    let term = |p: &StandardGamma<L>| {
        let below = p.gap() - total.gap();
        (p.shape() - 1.0) * below + (p.shape() / total.shape()).ln()
    };
    shapes.iter().map(term).fold(L::ZERO, |sum, x| sum + x) - peak(shapes, total)
}

/// `Σ_k ((α_k − α'_k) E[v_k] + α'_k ψ₂(v'_k − v_k))` and the differences of `A`.
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

impl<const N: usize, L: Lane> Variables<N, L> for Dirichlet<N, L> {
    type Value = L;

    fn len(&self) -> usize {
        self.shapes.len()
    }
    fn parameters(&self) -> usize {
        self.shapes.len()
    }
    fn sample<S: Source<L> + ?Sized>(&self, source: &mut S) -> Vec<L, N> {
        self.sample_path(source).0
    }
    fn score(&self, x: &[L]) -> Vec<L, N> {
        collected(self.shapes.iter().zip(x).map(|(&p, x)| score(p, self.total, x.ln())))
    }
}

impl<const N: usize, L: Lane> Reparameterized<N, L> for Dirichlet<N, L> {
    /// Each number and `d ln g_k/dα_k` of the gamma number behind it.
    type Path = Vec<[L; 2], N>;

    fn sample_path<S: Source<L> + ?Sized>(&self, source: &mut S) -> (Vec<L, N>, Self::Path) {
        let points: Vec<Point<L>, N> = collected(self.shapes.iter().map(|p| p.sample(source)));
        let x = self.at(&points);
        let path = collected(x.iter().zip(&points).map(|(&x, point)| [x, point.ln_derivative()]));
        (x, path)
    }

    /// `d ln g_k/dα_k · x_k (c_k − ⟨c, x⟩)`.
    fn pullback(&self, path: &Self::Path, cotangent: &[L]) -> Vec<L, N> {
        let inner = path.iter().zip(cotangent).fold(L::ZERO, |sum, (&[x, _], &c)| sum + c * x);
        collected(path.iter().zip(cotangent).map(|(&[x, by_shape], &c)| by_shape * (x * (c - inner))))
    }
}
