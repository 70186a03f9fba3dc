//! A trait for policies: it maps the outputs of linear models to a distribution over actions.

use crate::{arithmetic::lane::Lane, error::Error, noise::source::Source};

/// A distribution over actions whose parameters are `H` rows of `K` numbers.
///
/// Learners use a policy only through this trait. The code of traces, clipping, optimizers and learners is therefore
/// common to all policies. Implementations are [`SoftmaxHead`](crate::SoftmaxHead),
/// [`BernoulliHead`](crate::BernoulliHead) and [`GaussianHead`](crate::GaussianHead); custom heads are possible.
///
/// ```
/// use samplegrad_core::{ActionMask, Head, SoftmaxHead};
///
/// let p = SoftmaxHead.distribution(&[[0.0, 0.0]], &ActionMask::all());
/// let mut score = [[0.0_f32; 2]];
/// SoftmaxHead.score(&p, 1, &mut score);
/// assert_eq!(score, [[-0.5, 0.5]]);
/// ```
pub trait Head<const K: usize, const H: usize, L: Lane = f32> {
    /// The type of the distribution.
    type Distribution: Clone;
    /// The type of an action.
    type Action: Copy;
    /// The constraint on actions that is known before a draw, such as a mask. It is `()` if there is no constraint.
    type Constraint: Copy;

    /// Returns whether row `h` depends on the features. If a row does not depend on the features, only the bias of this
    /// row is learned.
    fn sees_features(&self, h: usize) -> bool;
    /// Returns the distribution for the outputs. For finite outputs, the numbers of the distribution are finite.
    fn distribution(&self, outputs: &[[L; K]; H], constraint: &Self::Constraint) -> Self::Distribution;
    /// Draws an action.
    fn draw<S: Source<L> + ?Sized>(&self, distribution: &Self::Distribution, source: &mut S) -> Self::Action;
    /// Draws an action. Takes the same words of the source as [`Head::draw`]. Policies call this method. If the action
    /// is rounded and [`Head::score`] needs the unrounded action, the method stores the rounding error in the
    /// distribution. The default implementation stores nothing.
    #[inline]
    fn draw_kept<S: Source<L> + ?Sized>(&self, distribution: &mut Self::Distribution, source: &mut S) -> Self::Action {
        self.draw(distribution, source)
    }
    /// Returns the most probable action, for a deterministic policy.
    fn mode(&self, distribution: &Self::Distribution) -> Self::Action;
    /// Checks that the distribution contains an action.
    ///
    /// # Errors
    /// An [`Error`] that names the action.
    fn check(&self, distribution: &Self::Distribution, action: Self::Action) -> Result<(), Error>;
    /// Writes the score, which is the gradient of `ln p(action)` in the outputs.
    fn score(&self, distribution: &Self::Distribution, action: Self::Action, score: &mut [[L; K]; H]);
    /// Returns `ln now(action) − ln then(action)`, where `then` is the distribution from which the action was drawn, and
    /// `now` is the distribution of later outputs. Prepares `now` for [`Head::score`] of the action.
    fn log_ratio(&self, now: &mut Self::Distribution, then: &Self::Distribution, action: Self::Action) -> L;
    /// Writes the gradient of the entropy in the outputs.
    fn entropy_gradient(&self, distribution: &Self::Distribution, gradient: &mut [[L; K]; H]);
}
