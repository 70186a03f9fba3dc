//! The trait of policies that learners move.

use crate::{
    arithmetic::lane::Lane,
    networks::{block::Block, network::ValueFunction},
    noise::source::Source,
    settings::observation::Observation,
};

/// A policy: it draws actions for an input, and has the gradients that a learner needs.
///
/// Learners use a policy only through this trait. It names the policy's sizes and lane once, as associated types, so that
/// a learner's type has one parameter for all of them. The policies of this crate are
/// [`NetworkPolicy`](crate::NetworkPolicy) with any [`Head`](crate::Head) and any [`Network`](crate::Network).
///
/// ```
/// use samplegrad_core::{
///     ActionMask, CategoricalPolicy, Features, Dense, Policy, SoftmaxHead, stream,
/// };
///
/// let policy = CategoricalPolicy::<1, 2>::new(SoftmaxHead);
/// let x = Features::new([3.0])?;
/// let choice = Policy::act(&policy, &x, &ActionMask::all(), &mut stream::xorshift(2026, 0));
/// let score = policy.score(&choice);                                   // in the two logits
/// let mut gradient = Dense::zero();
/// policy.add_vjp(&x, &choice, &score, 1.0, &mut gradient);             // in the parameters
/// assert_eq!(gradient.bias(), &score);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Policy {
    /// The lane of each number.
    type Lane: Lane;
    /// The input.
    type Input: Observation<Lane = Self::Lane>;
    /// The constraint on actions known before a draw, such as a mask; `()` for none.
    type Constraint: Copy;
    /// An action.
    type Action: Copy;
    /// An action and the distribution from which it was drawn.
    type Choice;
    /// An action and its distribution, without what only one backward pass needs. A learner that learns later keeps it.
    type Drawn: Clone;
    /// One number per output.
    type Outputs: Copy;
    /// The parameters, and the shape of their gradient.
    type Parameters: Block<Lane = Self::Lane>;
    /// A critic of the same input, with the same hidden layers.
    type Critic: ValueFunction<Lane = Self::Lane, Input = Self::Input>;

    /// Sets the parameters in place to sparse random numbers, as [`Network::initialise`](crate::Network::initialise).
    fn initialise<S: Source<Self::Lane> + ?Sized>(&mut self, source: &mut S);
    /// Draws an action.
    fn act<S: Source<Self::Lane> + ?Sized>(
        &self,
        input: &Self::Input,
        constraint: &Self::Constraint,
        source: &mut S,
    ) -> Self::Choice;
    /// Returns the action of a choice.
    fn action(choice: &Self::Choice) -> Self::Action;
    /// Returns the part of a choice that [`Policy::reconsider`] needs.
    fn drawn(choice: &Self::Choice) -> Self::Drawn;
    /// Returns the choice of the same action with the present parameters, and `ln π(a | x)` with the present parameters
    /// minus `ln π(a | x)` with those of the draw.
    fn reconsider(
        &self,
        input: &Self::Input,
        constraint: &Self::Constraint,
        drawn: &Self::Drawn,
    ) -> (Self::Choice, Self::Lane);
    /// Returns the score of a choice, the gradient of `ln π(a | x)` in the outputs.
    fn score(&self, choice: &Self::Choice) -> Self::Outputs;
    /// Returns the gradient of the entropy in the outputs.
    fn entropy_gradient(&self, choice: &Self::Choice) -> Self::Outputs;
    /// Returns the score plus `bonus` times the gradient of the entropy, in the outputs.
    fn score_with_entropy(&self, choice: &Self::Choice, bonus: Self::Lane) -> Self::Outputs;
    /// Returns the outputs, each multiplied by `factor`.
    fn scaled(outputs: &Self::Outputs, factor: Self::Lane) -> Self::Outputs;
    /// Multiplies the block `to` by `decay` and adds the vector–Jacobian product in the parameters,
    /// `∂⟨cotangent, outputs⟩/∂parameters`. The parameters must be those with which the choice was made.
    fn add_vjp(
        &self,
        input: &Self::Input,
        choice: &Self::Choice,
        cotangent: &Self::Outputs,
        decay: f32,
        to: &mut Self::Parameters,
    );
    /// Returns the parameters.
    fn parameters(&self) -> &Self::Parameters;
    /// Returns the parameters, for an optimizer to move.
    fn parameters_mut(&mut self) -> &mut Self::Parameters;
}
