//! Independent categorical variables, each with its own number of classes.

use core::{fmt::Debug, ops::Range};

use heapless::Vec;

use crate::{
    arithmetic::{
        lane::{Lane, Word},
        reduce, softmax,
    },
    distributions::{
        categorical::{self, Categorical},
        variables::{Embedded, Enumerable, Modal, PointMoments, Variables, pullback_of_points},
    },
    error::Error,
    fixed_vec::{collected, copied, zeros},
    noise::source::Source,
    samplers::inverse_cdf,
    settings::logits::Logits,
};

/// A product of independent categorical variables with up to `N` classes in all, given by the concatenated logits of
/// all variables. Their values are classes.
///
/// # Example
/// ```
/// use samplegrad_core::{Categoricals, variables::{Enumerable, Variables}};
///
/// // One of two classes, and one of three, the last of which is masked.
/// let x = Categoricals::<8>::new(&[2, 3], &[0.0, 0.0, 1.0, 1.0, f32::NEG_INFINITY])?;
/// assert_eq!((x.len(), x.parameters()), (2, 5));
/// assert_eq!(x.probability(&[1, 0]), 0.25);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Categoricals<const N: usize, L: Lane = f32> {
    p: Vec<L, N>,
    log_p: Vec<L, N>,
    sizes: Vec<usize, N>,
}

impl<const N: usize, L: Lane> Categoricals<N, L> {
    /// Creates the variables from the number of classes of each variable and the concatenated logits.
    ///
    /// # Errors
    /// [`Error::Empty`] if there is no variable or if a variable has no class; [`Error::Length`] unless there are as
    /// many logits as classes; [`Error::Capacity`] for more than `N` logits; the errors of [`Logits::new`], with the
    /// index among all logits.
    pub fn new(sizes: &[usize], logits: &[L]) -> Result<Self, Error> {
        let classes = sizes.iter().fold(0_usize, |sum, &size| sum.saturating_add(size));
        if sizes.is_empty() || sizes.contains(&0) {
            return Err(Error::Empty { what: "logits" });
        }
        crate::check::length("logits", classes, logits.len())?;
        let full = Error::Capacity { what: "logits", len: logits.len(), capacity: N };
        if classes > N {
            return Err(full);
        }
        let (mut p, mut log_p, mut rest) = (Vec::new(), Vec::new(), logits);
        for &size in sizes {
            // The number of logits equals the sum of all sizes.
            let Some((own, others)) = rest.split_at_checked(size) else { break };
            let law = Categorical::<N, L>::new(&Logits::new(own).map_err(|error| moved(error, p.len()))?);
            p.extend_from_slice(law.probabilities()).map_err(|_| full)?;
            log_p.extend_from_slice(law.log_probabilities()).map_err(|_| full)?;
            rest = others;
        }
        let sizes = Vec::from_slice(sizes).map_err(|_| full)?;
        Ok(Self { p, log_p, sizes })
    }

    /// Creates a single variable.
    pub fn one(logits: &Logits<N, L>) -> Self {
        let p = Categorical::new(logits);
        let mut sizes = Vec::new();
        // This cannot fail: there is a class, so N is at least 1.
        let _ = sizes.push(logits.as_slice().len());
        Self { p: copied(p.probabilities()), log_p: copied(p.log_probabilities()), sizes }
    }

    /// Returns the concatenated probabilities of all variables.
    #[inline]
    pub fn flat_probabilities(&self) -> &[L] {
        &self.p
    }

    /// Returns the concatenated log-probabilities of all variables.
    #[inline]
    pub fn log_probabilities(&self) -> &[L] {
        &self.log_p
    }

    /// Returns the range of each variable's classes among the classes of all variables, in order.
    pub fn spans(&self) -> impl Iterator<Item = Range<usize>> {
        self.sizes.iter().scan(0, |start, &size| {
            let span = *start..*start + size;
            *start = span.end;
            Some(span)
        })
    }

    /// Returns the probabilities of each variable, in order.
    pub fn probabilities(&self) -> impl Iterator<Item = &[L]> {
        self.spans().filter_map(|span| self.p.get(span))
    }
}

/// Converts the index in an error of one variable to the index among the logits of all variables.
fn moved(error: Error, by: usize) -> Error {
    match error {
        Error::NotANumber { what, index } => Error::NotANumber { what, index: index + by },
        Error::PositiveInfinity { what, index } => Error::PositiveInfinity { what, index: index + by },
        other => other,
    }
}

impl<const N: usize, L: Lane> Variables for Categoricals<N, L> {
    type Lane = L;
    type Value = L::Word;
    type Values = Vec<L::Word, N>;
    type Numbers = Vec<L, N>;
    type Of<T: Clone + Debug + PartialEq> = Vec<T, N>;

    fn len(&self) -> usize {
        self.sizes.len()
    }
    fn parameters(&self) -> usize {
        self.p.len()
    }
    fn sample<S: Source<L> + ?Sized>(&self, source: &mut S) -> Vec<L::Word, N> {
        let mut weights: Vec<L::Word, N> = Vec::new();
        // This cannot fail: the vector is as long as another vector of the same capacity.
        let _ = weights.resize(self.p.len(), L::Word::splat(0));
        let draw = |p: &[L]| {
            let scratch = weights.get_mut(..p.len()).unwrap_or_default();
            inverse_cdf::draw_from_probabilities(p, scratch, source.next_word())
        };
        collected(self.probabilities().map(draw))
    }
    fn score(&self, x: &[L::Word]) -> Vec<L, N> {
        let mut score = self.p.clone();
        let mut rest = score.as_mut_slice();
        for (p, &class) in self.probabilities().zip(x) {
            let Some((own, others)) = rest.split_at_mut_checked(p.len()) else { break };
            categorical::score(p, class, L::ONE, own);
            rest = others;
        }
        score
    }
}

impl<const N: usize, L: Lane> Enumerable for Categoricals<N, L> {
    fn first(&self) -> Vec<L::Word, N> {
        collected(self.sizes.iter().map(|_| L::Word::splat(0)))
    }
    fn next(&self, x: &mut [L::Word]) -> bool {
        for (class, &size) in x.iter_mut().zip(&self.sizes) {
            let next = class.wrapping_add(L::Word::splat(1));
            if (next.extract(0) as usize) < size {
                *class = next;
                return true;
            }
            *class = L::Word::splat(0);
        }
        false
    }
    fn probability(&self, x: &[L::Word]) -> L {
        self.probabilities().zip(x).fold(L::ONE, |product, (p, &class)| product * L::gather(p, class))
    }
}

impl<const N: usize, L: Lane> Modal for Categoricals<N, L> {
    fn mode(&self) -> Vec<L::Word, N> {
        collected(self.probabilities().map(|p| reduce::arg_max(p).0))
    }
}

impl<const N: usize, L: Lane> Embedded for Categoricals<N, L> {
    fn embed(&self, x: &[L::Word]) -> Vec<L, N> {
        let mut point: Vec<L, N> = zeros(self.p.len());
        for (span, &class) in self.spans().zip(x) {
            softmax::one_hot(class, point.get_mut(span).unwrap_or_default());
        }
        point
    }
    fn mean(&self) -> Vec<L, N> {
        self.p.clone()
    }
    fn pullback_mean(&self, cotangent: &[L]) -> Vec<L, N> {
        let mut gradient: Vec<L, N> = zeros(self.p.len());
        for span in self.spans() {
            let (p, c) =
                (self.p.get(span.clone()).unwrap_or_default(), cotangent.get(span.clone()).unwrap_or_default());
            softmax::vjp(p, c, 1.0, gradient.get_mut(span).unwrap_or_default());
        }
        gradient
    }
}

impl<const N: usize, L: Lane> PointMoments for Categoricals<N, L> {
    fn point(&self, x: &[L::Word]) -> Vec<L, N> {
        self.embed(x)
    }
    fn means(&self) -> Vec<L, N> {
        self.mean()
    }
    fn pullback_moments(&self, by_mean: &[L], by_variance: &[L]) -> Vec<L, N> {
        pullback_of_points(self, by_mean, by_variance)
    }
}
