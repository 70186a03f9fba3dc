//! The trait of policies that learners move.

use crate::{
    arithmetic::lane::Lane,
    networks::block::{Block, ValueFunction},
    noise::source::Source,
};

/// A policy: it draws actions for an input, and has the gradients that a learner needs.
///
/// Learners use a policy only through this trait. It names the policy's sizes and lane once, as associated types, so that
/// a learner's type has one parameter for all of them. The policies of this crate are
/// [`LinearPolicy`](crate::LinearPolicy) with any [`Head`](crate::Head).
///
/// ```
/// use samplegrad_core::{
///     ActionMask, CategoricalPolicy, Features, Parameters, Policy, SoftmaxHead, stream,
/// };
///
/// let policy = CategoricalPolicy::<1, 2>::new(SoftmaxHead);
/// let x = Features::new([3.0])?;
/// let choice = Policy::act(&policy, &x, &ActionMask::all(), &mut stream::xorshift(2026, 0));
/// let score = policy.score(&choice);                                   // in the two logits
/// let mut gradient = Parameters::zero();
/// policy.add_vjp(&x, &choice, &score, &mut gradient);                  // in the parameters
/// assert_eq!(gradient.bias(), &score);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Policy {
    /// The lane of each number.
    type Lane: Lane;
    /// The input.
    type Input;
    /// The constraint on actions known before a draw, such as a mask; `()` for none.
    type Constraint;
    /// An action and the distribution from which it was drawn.
    type Choice;
    /// One number per output.
    type Outputs: Copy;
    /// The parameters, and the shape of their gradient.
    type Parameters: Block<Lane = Self::Lane>;
    /// A linear critic of the same input.
    type Critic: ValueFunction<Lane = Self::Lane, Input = Self::Input>;

    /// Draws an action.
    fn act<S: Source<Self::Lane> + ?Sized>(
        &self,
        input: &Self::Input,
        constraint: &Self::Constraint,
        source: &mut S,
    ) -> Self::Choice;
    /// Returns the score of a choice, the gradient of `ln π(a | x)` in the outputs.
    fn score(&self, choice: &Self::Choice) -> Self::Outputs;
    /// Returns the gradient of the entropy in the outputs.
    fn entropy_gradient(&self, choice: &Self::Choice) -> Self::Outputs;
    /// Returns the outputs, each multiplied by `factor`.
    fn scaled(outputs: &Self::Outputs, factor: Self::Lane) -> Self::Outputs;
    /// Adds the vector–Jacobian product in the parameters, `∂⟨cotangent, outputs⟩/∂parameters`, to a block.
    fn add_vjp(&self, input: &Self::Input, choice: &Self::Choice, cotangent: &Self::Outputs, to: &mut Self::Parameters);
    /// Returns the parameters, for an optimizer to move.
    fn parameters_mut(&mut self) -> &mut Self::Parameters;
}
