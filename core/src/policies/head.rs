//! What turns the outputs of linear maps into a distribution over actions.

use crate::{arithmetic::lane::Lane, error::Error, noise::source::Source};

/// A distribution over actions whose parameters are `H` rows of `K` numbers.
///
/// This is all that a learner knows of a kind of policy, so that traces, clipping, optimizers and learners are written once.
/// [`SoftmaxHead`](crate::SoftmaxHead), [`BernoulliHead`](crate::BernoulliHead) and [`GaussianHead`](crate::GaussianHead)
/// are three; yours may be a fourth.
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
    /// The distribution.
    type Distribution;
    /// An action.
    type Action: Copy;
    /// What is known of the actions before one is drawn, such as a mask; `()` for nothing.
    type Constraint;

    /// Whether row `h` depends on the features. One that does not is learned as a bias alone.
    fn sees_features(&self, h: usize) -> bool;
    /// The distribution that the outputs make, finite whatever finite outputs are given.
    fn distribution(&self, outputs: &[[L; K]; H], constraint: &Self::Constraint) -> Self::Distribution;
    /// Draws an action.
    fn draw<S: Source<L> + ?Sized>(&self, distribution: &Self::Distribution, source: &mut S) -> Self::Action;
    /// Draws an action from the words that [`Head::draw`] takes, and keeps with the distribution what rounding the action
    /// loses and [`Head::score`] needs. A policy draws with this. The default keeps nothing.
    #[inline]
    fn draw_kept<S: Source<L> + ?Sized>(&self, distribution: &mut Self::Distribution, source: &mut S) -> Self::Action {
        self.draw(distribution, source)
    }
    /// The most probable action: what a policy does without chance.
    fn mode(&self, distribution: &Self::Distribution) -> Self::Action;
    /// Refuses an action that the distribution does not have.
    ///
    /// # Errors
    /// An [`Error`] that names it.
    fn check(&self, distribution: &Self::Distribution, action: Self::Action) -> Result<(), Error>;
    /// Writes the score, the gradient of `ln p(action)` in the outputs.
    fn score(&self, distribution: &Self::Distribution, action: Self::Action, score: &mut [[L; K]; H]);
    /// Writes the gradient of the entropy in the outputs.
    fn entropy_gradient(&self, distribution: &Self::Distribution, gradient: &mut [[L; K]; H]);
}
