//! Independent Bernoulli variables.

use core::fmt::Debug;

use heapless::Vec;

use crate::{
    arithmetic::lane::{Lane, Mask},
    check,
    distributions::{
        bernoulli::Bernoulli,
        variables::{Embedded, Enumerable, Modal, PointMoments, Variables, pullback_of_points},
    },
    error::Error,
    fixed_vec::collected,
    noise::{source::Source, uniform::Uniform},
};

/// Up to `N` independent Bernoulli variables, given by their logits. The values are numbers, 0 or 1.
///
/// # Example
/// ```
/// use samplegrad_core::{Bernoullis, Error};
///
/// let b = Bernoullis::<4>::new(&[0.0, 2.0])?;
/// assert_eq!(b.as_slice()[0].probability(), 0.5);
/// assert_eq!(Bernoullis::<4>::new(&[0.0, f32::NAN]), Err(Error::NotANumber { what: "logits", index: 1 }));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bernoullis<const N: usize, L: Lane = f32> {
    variables: Vec<Bernoulli<L>, N>,
}

impl<const N: usize, L: Lane> Bernoullis<N, L> {
    /// Creates the variables from one or more finite logits.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Capacity`] for more than `N`, [`Error::NotANumber`] and [`Error::Infinite`] with the
    /// index of the variable.
    pub fn new(logits: &[L]) -> Result<Self, Error> {
        const WHAT: &str = "logits";
        if logits.is_empty() {
            return Err(Error::Empty { what: WHAT });
        }
        check::finite(WHAT, logits)?;
        let mut variables = Vec::new();
        for &l in logits {
            let full = |_| Error::Capacity { what: WHAT, len: logits.len(), capacity: N };
            variables.push(Bernoulli::new(l)?).map_err(full)?;
        }
        Ok(Self { variables })
    }

    /// Returns the variables in order.
    #[inline]
    pub fn as_slice(&self) -> &[Bernoulli<L>] {
        &self.variables
    }

    /// Returns the values `[u_i < p_i]` for given uniform numbers. Extra variables or numbers are ignored.
    pub fn at(&self, uniforms: &[Uniform<L>]) -> Vec<L, N> {
        collected(self.variables.iter().zip(uniforms).map(|(b, &u)| number(b.at(u))))
    }

    /// Draws one uniform number per variable. Each number takes one word of the source.
    pub(crate) fn uniforms<S: Source<L> + ?Sized>(&self, source: &mut S) -> Vec<Uniform<L>, N> {
        collected(self.variables.iter().map(|_| Uniform::sample(source)))
    }
}

/// Returns 1 where the mask holds, 0 elsewhere.
#[inline]
fn number<L: Lane>(b: L::Mask) -> L {
    L::select(b, L::ONE, L::ZERO)
}

impl<const N: usize, L: Lane> Variables for Bernoullis<N, L> {
    type Lane = L;
    type Value = L;
    type Values = Vec<L, N>;
    type Numbers = Vec<L, N>;
    type Of<T: Clone + Debug + PartialEq> = Vec<T, N>;

    fn len(&self) -> usize {
        self.variables.len()
    }
    fn parameters(&self) -> usize {
        self.variables.len()
    }
    fn sample<S: Source<L> + ?Sized>(&self, source: &mut S) -> Vec<L, N> {
        collected(self.variables.iter().map(|b| number(b.sample(source))))
    }
    fn score(&self, x: &[L]) -> Vec<L, N> {
        collected(self.variables.iter().zip(x).map(|(b, &x)| b.score(L::ZERO.lt(x))))
    }
}

impl<const N: usize, L: Lane> Enumerable for Bernoullis<N, L> {
    fn first(&self) -> Vec<L, N> {
        collected(self.variables.iter().map(|_| L::ZERO))
    }
    fn next(&self, x: &mut [L]) -> bool {
        for x in x {
            if x.equals(L::ZERO).all() {
                *x = L::ONE;
                return true;
            }
            *x = L::ZERO;
        }
        false
    }
    fn probability(&self, x: &[L]) -> L {
        self.variables
            .iter()
            .zip(x)
            .fold(L::ONE, |product, (b, &x)| product * L::select(L::ZERO.lt(x), b.probability(), b.complement()))
    }
}

impl<const N: usize, L: Lane> Modal for Bernoullis<N, L> {
    fn mode(&self) -> Vec<L, N> {
        collected(self.variables.iter().map(|b| number(L::ZERO.lt(b.logit()))))
    }
}

impl<const N: usize, L: Lane> Embedded for Bernoullis<N, L> {
    fn embed(&self, x: &[L]) -> Vec<L, N> {
        collected(x.iter().copied())
    }
    fn mean(&self) -> Vec<L, N> {
        collected(self.variables.iter().map(|b| b.probability()))
    }
    fn pullback_mean(&self, cotangent: &[L]) -> Vec<L, N> {
        collected(self.variables.iter().zip(cotangent).map(|(b, &c)| c * (b.probability() * b.complement())))
    }
}

impl<const N: usize, L: Lane> PointMoments for Bernoullis<N, L> {
    fn point(&self, x: &[L]) -> Vec<L, N> {
        self.embed(x)
    }
    fn means(&self) -> Vec<L, N> {
        self.mean()
    }
    fn pullback_moments(&self, by_mean: &[L], by_variance: &[L]) -> Vec<L, N> {
        pullback_of_points(self, by_mean, by_variance)
    }
}
