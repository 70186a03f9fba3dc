//! Policies with a distribution computed from the outputs of a network.

use crate::{
    arithmetic::lane::Lane,
    error::Error,
    networks::{dense::Dense, network::Network},
    noise::source::Source,
    policies::{
        bernoulli_head::BernoulliHead, gaussian_head::GaussianHead, head::Head, policy::Policy,
        softmax_head::SoftmaxHead, softmax_policy::SoftmaxPolicy,
    },
};

/// A network and the head that computes a distribution over actions from its outputs.
///
/// `P` is the [head](Head), `N` the [network](Network). A [`LinearPolicy`] is the policy with a network of one layer.
///
/// # Example
/// ```
/// use samplegrad_core::{ActionMask, Dense, Features, Hidden, NetworkPolicy, SoftmaxHead, stream};
///
/// // 3 inputs, 16 hidden units, 3 actions.
/// type Policy = NetworkPolicy<SoftmaxHead, Hidden<Dense<3, 16>, Dense<16, 3>>>;
///
/// let mut policy = const { Policy::new(SoftmaxHead) };
/// let mut rng = stream::xorshift(2026, 0);
/// policy.initialise(&mut rng);
/// let choice = policy.act(&Features::new([0.5, -1.0, 2.0])?, &ActionMask::all(), &mut rng);
/// assert!(choice.action() < 3);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NetworkPolicy<P, N> {
    head: P,
    parameters: N,
}

/// A policy whose outputs are linear in `D` features: the `H` rows of `K` numbers that the head takes.
///
/// ```
/// use samplegrad_core::{Features, GaussianHead, GaussianPolicy, stream};
///
/// let policy = GaussianPolicy::<2, 1>::new(GaussianHead::new(-5.0, 2.0)?);
/// let choice = policy.act(&Features::new([0.5, -1.0])?, &(), &mut stream::xorshift(2026, 0));
/// let [torque] = choice.action();
/// assert!(torque.abs() < 6.3);        // an untrained policy draws a standard normal number
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub type LinearPolicy<P, const D: usize, const K: usize, const H: usize = 1, L = f32> =
    NetworkPolicy<P, Dense<D, K, H, L>>;

/// A softmax policy over `K` actions. It computes the same distribution as [`SoftmaxPolicy`], and every learner accepts
/// it.
pub type CategoricalPolicy<const D: usize, const K: usize, L = f32> = LinearPolicy<SoftmaxHead, D, K, 1, L>;
/// A policy over `K` independent bits.
pub type BernoulliPolicy<const D: usize, const K: usize, L = f32> = LinearPolicy<BernoulliHead, D, K, 1, L>;
/// A policy over `K` independent normal numbers.
pub type GaussianPolicy<const D: usize, const K: usize, L = f32> = LinearPolicy<GaussianHead, D, K, 2, L>;

/// An action, the distribution over actions, and the tape of the network. `T` is the [type of the tape](Network::Tape).
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
pub struct Choice<A, P, T = ()> {
    action: A,
    distribution: P,
    tape: T,
}

impl<A: Copy, P, T> Choice<A, P, T> {
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

/// The [`Choice`] type of a policy with head `P` and a network whose tape has the type `T`.
pub type ChoiceOf<P, const K: usize, const H: usize, L, T = ()> =
    Choice<<P as Head<K, H, L>>::Action, <P as Head<K, H, L>>::Distribution, T>;

impl<P, N: Network> NetworkPolicy<P, N> {
    /// Creates a policy with all parameters zero. All outputs are therefore zero. A network with hidden layers
    /// learns nothing but the biases of its last layer unless [`NetworkPolicy::initialise`] is called.
    pub const fn new(head: P) -> Self {
        Self { head, parameters: N::ZERO }
    }

    /// Creates a policy with given parameters.
    pub fn with_parameters(head: P, parameters: N) -> Self {
        Self { head, parameters }
    }

    /// Returns the head.
    #[inline]
    pub fn head(&self) -> &P {
        &self.head
    }

    /// Returns the parameters.
    #[inline]
    pub fn parameters(&self) -> &N {
        &self.parameters
    }
}

impl<P, N, const K: usize, const H: usize, L> NetworkPolicy<P, N>
where
    P: Head<K, H, L>,
    N: Network<Lane = L, Outputs = [[L; K]; H]>,
    L: Lane,
{
    /// Sets the parameters in place to sparse random numbers, as [`Network::initialise`] does.
    pub fn initialise<S: Source<L> + ?Sized>(&mut self, source: &mut S) {
        self.parameters.initialise(source, |h| self.head.sees_features(h));
    }

    /// Returns the distribution over actions.
    #[inline]
    pub fn distribution(&self, input: &N::Input, constraint: &P::Constraint) -> P::Distribution {
        self.head.distribution(&self.parameters.evaluate(input), constraint)
    }

    /// Draws an action with [`Head::draw_kept`]. Takes the same words of the source as [`Head::draw`].
    #[inline]
    pub fn act<S: Source<L> + ?Sized>(
        &self,
        input: &N::Input,
        constraint: &P::Constraint,
        source: &mut S,
    ) -> ChoiceOf<P, K, H, L, N::Tape> {
        let mut tape = N::BLANK;
        let outputs = self.parameters.forward_on_tape(input, &mut tape);
        let mut distribution = self.head.distribution(&outputs, constraint);
        let action = self.head.draw_kept(&mut distribution, source);
        Choice { action, distribution, tape }
    }

    /// Returns the most probable action, without a draw.
    #[inline]
    pub fn greedy(&self, input: &N::Input, constraint: &P::Constraint) -> P::Action {
        self.head.mode(&self.distribution(input, constraint))
    }

    /// Returns the choice for an action that was selected elsewhere.
    ///
    /// # Errors
    /// The errors of [`Head::check`], for an action that the policy does not have.
    pub fn choose(
        &self,
        input: &N::Input,
        constraint: &P::Constraint,
        action: P::Action,
    ) -> Result<ChoiceOf<P, K, H, L, N::Tape>, Error> {
        let (outputs, tape) = self.parameters.forward(input);
        let distribution = self.head.distribution(&outputs, constraint);
        self.head.check(&distribution, action)?;
        Ok(Choice { action, distribution, tape })
    }
}

/// Learns weights and biases. For a row of outputs with [`Head::sees_features`] false, it learns biases alone.
impl<P, N, const K: usize, const H: usize, L> Policy for NetworkPolicy<P, N>
where
    P: Head<K, H, L>,
    N: Network<Lane = L, Outputs = [[L; K]; H]>,
    L: Lane,
{
    type Lane = L;
    type Input = N::Input;
    type Constraint = P::Constraint;
    type Action = P::Action;
    type Choice = ChoiceOf<P, K, H, L, N::Tape>;
    type Drawn = ChoiceOf<P, K, H, L>;
    type Outputs = [[L; K]; H];
    type Parameters = N;
    type Critic = N::Critic;

    fn initialise<S: Source<L> + ?Sized>(&mut self, source: &mut S) {
        NetworkPolicy::initialise(self, source);
    }

    #[inline]
    fn act<S: Source<L> + ?Sized>(&self, input: &N::Input, constraint: &P::Constraint, source: &mut S) -> Self::Choice {
        NetworkPolicy::act(self, input, constraint, source)
    }

    #[inline]
    fn action(choice: &Self::Choice) -> P::Action {
        choice.action
    }

    #[inline]
    fn drawn(choice: &Self::Choice) -> Self::Drawn {
        Choice { action: choice.action, distribution: choice.distribution.clone(), tape: () }
    }

    #[inline]
    fn reconsider(&self, input: &N::Input, constraint: &P::Constraint, drawn: &Self::Drawn) -> (Self::Choice, L) {
        let (outputs, tape) = self.parameters.forward(input);
        let mut distribution = self.head.distribution(&outputs, constraint);
        let ratio = self.head.log_ratio(&mut distribution, &drawn.distribution, drawn.action);
        (Choice { action: drawn.action, distribution, tape }, ratio)
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
    fn score_with_entropy(&self, choice: &Self::Choice, bonus: L) -> [[L; K]; H] {
        let mut score = self.score(choice);
        let entropy = self.entropy_gradient(choice);
        for (s, &e) in score.as_flattened_mut().iter_mut().zip(entropy.as_flattened()) {
            *s = *s + e * bonus;
        }
        score
    }

    #[inline]
    fn scaled(outputs: &[[L; K]; H], factor: L) -> [[L; K]; H] {
        outputs.map(|row| row.map(|x| x * factor))
    }

    #[inline]
    fn add_vjp(&self, input: &N::Input, choice: &Self::Choice, cotangent: &[[L; K]; H], decay: f32, to: &mut N) {
        let uses_input = |h| self.head.sees_features(h);
        self.parameters.add_vjp(input, &choice.tape, (cotangent, uses_input), decay, to);
    }

    #[inline]
    fn parameters(&self) -> &N {
        &self.parameters
    }

    #[inline]
    fn parameters_mut(&mut self) -> &mut N {
        &mut self.parameters
    }
}

/// Copies the weights and biases, clamped to ±10^15.
impl<const D: usize, const K: usize, L: Lane> From<&SoftmaxPolicy<D, K, L>> for CategoricalPolicy<D, K, L> {
    fn from(policy: &SoftmaxPolicy<D, K, L>) -> Self {
        let parameters = Dense::bounded_from([*policy.weights()], [*policy.bias()]);
        Self::with_parameters(SoftmaxHead, parameters)
    }
}
