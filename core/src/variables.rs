//! Random variables that gradients are estimated for: what an estimator needs to know of them.

use heapless::Vec;

use crate::{Source, lane::Lane};

/// Discrete variables with at most `N` logits in all.
///
/// Implemented by [`Bernoullis`](crate::Bernoullis) and [`Categoricals`](crate::Categoricals). A sample is a number (a bit
/// as 0 or 1, a class as its index) per variable; the score, and so every gradient, has a coordinate per logit.
///
/// ```
/// use samplegrad_core::{Bernoullis, stream, variables::Variables};
///
/// let b = Bernoullis::<4>::new(&[0.0, 2.0])?;
/// let sample = b.sample(&mut stream::xorshift(2026, 0));
/// assert_eq!((sample.len(), b.score(&sample).len()), (2, 2));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Variables<const N: usize, L: Lane = f32> {
    /// One variable's value.
    type Value: Copy + core::fmt::Debug + PartialEq + 'static;

    /// How many variables there are.
    fn len(&self) -> usize;
    /// Whether there are none: never.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// How many logits they have in all.
    fn parameters(&self) -> usize;
    /// Draws all variables, in order: one word of the source each.
    fn sample<S: Source<L> + ?Sized>(&self, source: &mut S) -> Vec<Self::Value, N>;
    /// `∇_l ln p(x)`.
    fn score(&self, x: &[Self::Value]) -> Vec<L, N>;
    /// The first value of all variables; enumeration starts here.
    fn first(&self) -> Vec<Self::Value, N>;
    /// The next value, the first variable changing fastest; false after the last.
    fn next(&self, x: &mut [Self::Value]) -> bool;
    /// `p(x)`, the product from the first variable to the last.
    fn probability(&self, x: &[Self::Value]) -> L;
}
