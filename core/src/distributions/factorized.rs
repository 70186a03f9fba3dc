//! Discrete variables described by the factors of their probability, for sampling without replacement.

use crate::{
    arithmetic::lane::{Lane, Mask, Word},
    distributions::{bernoullis::Bernoullis, categoricals::Categoricals, variables::Variables},
};

/// Independent discrete variables, which give the log-probabilities of the values of each variable. The log-probability
/// of all variables is `ln p(x) = Σ_i ln p_i(x_i)`. Values are numbered from zero. The number of a bit is the bit
/// itself, and the number of a class is its index.
///
/// ```
/// use samplegrad_core::{Categoricals, factorized::Factorized};
///
/// let x = Categoricals::<5>::new(&[2, 3], &[0.0, 0.0, 0.0, f32::NEG_INFINITY, f32::NEG_INFINITY])?;
/// assert_eq!(x.log_probabilities_of(0).count(), 2);
/// assert!(x.log_probabilities_of(1).eq([0.0, f32::NEG_INFINITY, f32::NEG_INFINITY]));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Factorized: Variables {
    /// Returns the log-probabilities of a variable's values, in order. A masked value has −∞. For a variable that does
    /// not exist, the iterator is empty.
    fn log_probabilities_of(&self, variable: usize) -> impl Iterator<Item = Self::Lane>;
    /// Returns the value with the given number.
    fn value(&self, number: <Self::Lane as Lane>::Word) -> Self::Value;
}

impl<const N: usize, L: Lane> Factorized for Categoricals<N, L> {
    fn log_probabilities_of(&self, variable: usize) -> impl Iterator<Item = L> {
        let own = self.spans().nth(variable).and_then(|span| self.log_probabilities().get(span));
        own.unwrap_or_default().iter().copied()
    }
    fn value(&self, number: L::Word) -> L::Word {
        number
    }
}

impl<const N: usize, L: Lane> Factorized for Bernoullis<N, L> {
    fn log_probabilities_of(&self, variable: usize) -> impl Iterator<Item = L> {
        let own = self.as_slice().get(variable);
        own.into_iter().flat_map(|b| [false, true].map(|value| b.log_prob(L::Mask::splat(value))))
    }
    fn value(&self, number: L::Word) -> L {
        L::select(number.equals(L::Word::splat(0)), L::ZERO, L::ONE)
    }
}
