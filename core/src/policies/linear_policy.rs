//! Policies with a distribution computed from linear maps of the features.

use crate::{
    arithmetic::lane::Lane,
    error::Error,
    networks::parameters::Parameters,
    noise::source::Source,
    policies::{
        bernoulli_head::BernoulliHead, gaussian_head::GaussianHead, head::Head, policy::Policy,
        softmax_head::SoftmaxHead, softmax_policy::SoftmaxPolicy,
    },
    settings::features::Features,
};

/// `H` linear maps from `D` features to `K` outputs, and the head that computes a distribution over actions from them.
///
/// # Example
/// ```
/// use samplegrad_core::{Features, GaussianHead, GaussianPolicy, stream};
///
/// let policy = GaussianPolicy::<2, 1>::new(GaussianHead::new(-5.0, 2.0)?);
/// let choice = policy.act(&Features::new([0.5, -1.0])?, &(), &mut stream::xorshift(2026, 0));
/// let [torque] = choice.action();
/// assert!(torque.abs() < 6.3);        // a standard normal number, so far
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(serialize = "P: serde::Serialize", deserialize = "P: serde::Deserialize<'de>"))
)]
pub struct LinearPolicy<P, const D: usize, const K: usize, const H: usize = 1, L: Lane = f32> {
    head: P,
    parameters: Parameters<D, K, H, L>,
}

/// A policy over `K` actions by a softmax: [`SoftmaxPolicy`] in the form that every learner accepts.
pub type CategoricalPolicy<const D: usize, const K: usize, L = f32> = LinearPolicy<SoftmaxHead, D, K, 1, L>;
/// A policy over `K` independent bits.
pub type BernoulliPolicy<const D: usize, const K: usize, L = f32> = LinearPolicy<BernoulliHead, D, K, 1, L>;
/// A policy over `K` independent normal numbers.
pub type GaussianPolicy<const D: usize, const K: usize, L = f32> = LinearPolicy<GaussianHead, D, K, 2, L>;

/// An action and the distribution from which it was drawn.
///
/// ```
/// use samplegrad_core::{ActionMask, CategoricalPolicy, Features, SoftmaxHead};
///
/// let policy = CategoricalPolicy::<1, 3>::new(SoftmaxHead);
/// let explored = policy.choose(&Features::new([1.0])?, &ActionMask::all(), 2)?;
/// assert_eq!(explored.action(), 2);
/// assert!(policy.choose(&Features::new([1.0])?, &ActionMask::all(), 3).is_err());
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Choice<A, P> {
    action: A,
    distribution: P,
}

impl<A: Copy, P> Choice<A, P> {
    /// Returns the action.
    #[inline]
    pub fn action(&self) -> A {
        self.action
    }

    /// Returns the distribution.
    #[inline]
    pub fn distribution(&self) -> &P {
        &self.distribution
    }
}

/// The choice of a policy with this head.
pub type ChoiceOf<P, const K: usize, const H: usize, L> =
    Choice<<P as Head<K, H, L>>::Action, <P as Head<K, H, L>>::Distribution>;

impl<P: Head<K, H, L>, const D: usize, const K: usize, const H: usize, L: Lane> LinearPolicy<P, D, K, H, L> {
    /// Creates a policy whose outputs are all zero. `K ≥ 1`, at compile time.
    pub const fn new(head: P) -> Self {
        Self { head, parameters: Parameters::zero() }
    }

    /// Creates a policy with given parameters.
    pub fn with_parameters(head: P, parameters: Parameters<D, K, H, L>) -> Self {
        Self { head, parameters }
    }

    /// Returns the head.
    #[inline]
    pub fn head(&self) -> &P {
        &self.head
    }

    /// Returns the parameters.
    #[inline]
    pub fn parameters(&self) -> &Parameters<D, K, H, L> {
        &self.parameters
    }

    /// Returns the distribution over actions.
    #[inline]
    pub fn distribution(&self, features: &Features<D, L>, constraint: &P::Constraint) -> P::Distribution {
        self.head.distribution(&self.parameters.outputs(features), constraint)
    }

    /// Draws an action with [`Head::draw_kept`], from the words of the source that [`Head::draw`] uses.
    #[inline]
    pub fn act<S: Source<L> + ?Sized>(
        &self,
        features: &Features<D, L>,
        constraint: &P::Constraint,
        source: &mut S,
    ) -> ChoiceOf<P, K, H, L> {
        let mut distribution = self.distribution(features, constraint);
        let action = self.head.draw_kept(&mut distribution, source);
        Choice { action, distribution }
    }

    /// Returns the most probable action, without a draw.
    #[inline]
    pub fn greedy(&self, features: &Features<D, L>, constraint: &P::Constraint) -> P::Action {
        self.head.mode(&self.distribution(features, constraint))
    }

    /// Returns the choice for an action that was selected elsewhere.
    ///
    /// # Errors
    /// The errors of [`Head::check`], for an action that the policy does not have.
    pub fn choose(
        &self,
        features: &Features<D, L>,
        constraint: &P::Constraint,
        action: P::Action,
    ) -> Result<ChoiceOf<P, K, H, L>, Error> {
        let distribution = self.distribution(features, constraint);
        self.head.check(&distribution, action)?;
        Ok(Choice { action, distribution })
    }
}

/// Parameters of a row of outputs that does not depend on the features are learned as a bias only.
impl<P: Head<K, H, L>, const D: usize, const K: usize, const H: usize, L: Lane> Policy for LinearPolicy<P, D, K, H, L> {
    type Lane = L;
    type Input = Features<D, L>;
    type Constraint = P::Constraint;
    type Choice = ChoiceOf<P, K, H, L>;
    type Outputs = [[L; K]; H];
    type Parameters = Parameters<D, K, H, L>;
    type Critic = Parameters<D, 1, 1, L>;

    #[inline]
    fn act<S: Source<L> + ?Sized>(
        &self,
        features: &Features<D, L>,
        constraint: &P::Constraint,
        source: &mut S,
    ) -> Self::Choice {
        LinearPolicy::act(self, features, constraint, source)
    }

    #[inline]
    fn score(&self, choice: &Self::Choice) -> [[L; K]; H] {
        let mut score = [[L::ZERO; K]; H];
        self.head.score(&choice.distribution, choice.action, &mut score);
        score
    }

    #[inline]
    fn entropy_gradient(&self, choice: &Self::Choice) -> [[L; K]; H] {
        let mut gradient = [[L::ZERO; K]; H];
        self.head.entropy_gradient(&choice.distribution, &mut gradient);
        gradient
    }

    #[inline]
    fn scaled(outputs: &[[L; K]; H], factor: L) -> [[L; K]; H] {
        outputs.map(|row| row.map(|x| x * factor))
    }

    #[inline]
    fn add_vjp(
        &self,
        features: &Features<D, L>,
        _: &Self::Choice,
        cotangent: &[[L; K]; H],
        to: &mut Parameters<D, K, H, L>,
    ) {
        to.add_outer_where(features, cotangent, |h| self.head.sees_features(h));
    }

    #[inline]
    fn parameters_mut(&mut self) -> &mut Parameters<D, K, H, L> {
        &mut self.parameters
    }
}

/// Copies the weights and biases.
impl<const D: usize, const K: usize, L: Lane> From<&SoftmaxPolicy<D, K, L>> for CategoricalPolicy<D, K, L> {
    fn from(policy: &SoftmaxPolicy<D, K, L>) -> Self {
        let parameters = Parameters::bounded_from([*policy.weights()], [*policy.bias()]);
        Self::with_parameters(SoftmaxHead, parameters)
    }
}
