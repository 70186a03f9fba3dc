//! Networks with hidden layers.

use core::{fmt, marker::PhantomData};

#[cfg(feature = "serde")]
use crate::stored::numbers;
use crate::{
    arithmetic::lane::Lane,
    networks::{
        activation::{Activated, Activation, LeakyRelu},
        block::Block,
        dense::Dense,
        layer_norm::LayerNorm,
        network::Network,
    },
    noise::source::Source,
    settings::features::Features,
    stored::flat::Numbers,
};

/// Share of zeros among the weights of a hidden layer.
const SPARSITY: f32 = 0.5;

/// A hidden layer, and the network that follows it: a dense layer `W`, the activation `A`, the network `N`.
///
/// By default, the activation is a layer normalisation and a leaky rectifier.
///
/// ```
/// use samplegrad_core::{Block, Dense, Features, Hidden, Network, Tanh};
///
/// // 3 inputs, 16 hidden units, 3 outputs.
/// type Small = Hidden<Dense<3, 16>, Dense<16, 3>>;
/// // Two hidden layers of 8 units with a hyperbolic tangent.
/// type Deep = Hidden<Dense<3, 8>, Hidden<Dense<8, 8>, Dense<8, 1>, Tanh>, Tanh>;
///
/// static ZERO: Small = Small::ZERO;
/// assert_eq!(core::mem::size_of_val(&ZERO), 4 * (3 * 16 + 16 + 16 * 3 + 3));
/// assert_eq!(Deep::ZERO.forward(&Features::new([1.0, 2.0, 3.0])?).0, [[0.0]]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub struct Hidden<W, N, A = LayerNorm<LeakyRelu>> {
    layer: W,
    next: N,
    activation: PhantomData<A>,
}

impl<W, N, A> Hidden<W, N, A> {
    /// Creates a network from a layer and the network that follows.
    pub const fn new(layer: W, next: N) -> Self {
        Self { layer, next, activation: PhantomData }
    }

    /// Returns the dense layer.
    pub fn layer(&self) -> &W {
        &self.layer
    }

    /// Returns the network that follows the layer.
    pub fn next(&self) -> &N {
        &self.next
    }
}

// `derive` would require the traits of the activation, which is not stored.
impl<W: Copy, N: Copy, A> Copy for Hidden<W, N, A> {}

impl<W: Copy, N: Copy, A> Clone for Hidden<W, N, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W: PartialEq, N: PartialEq, A> PartialEq for Hidden<W, N, A> {
    fn eq(&self, other: &Self) -> bool {
        self.layer == other.layer && self.next == other.next
    }
}

impl<W: fmt::Debug, N: fmt::Debug, A> fmt::Debug for Hidden<W, N, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hidden").field("layer", &self.layer).field("next", &self.next).finish()
    }
}

crate::fixed_vec::format_where!(Hidden<W, N, A> { layer, next } where W, N);

/// Numbers in their order: the layer, then the next network.
impl<W: Block, N: Block<Lane = W::Lane>, A: 'static> Block for Hidden<W, N, A> {
    type Lane = W::Lane;
    const ZERO: Self = Self::new(W::ZERO, N::ZERO);

    #[inline]
    fn fold_rows<T>(&self, start: T, mut f: impl FnMut(T, &[W::Lane]) -> T) -> T {
        let after_layer = self.layer.fold_rows(start, &mut f);
        self.next.fold_rows(after_layer, f)
    }

    #[inline]
    fn each_row(&mut self, mut f: impl FnMut(&mut [W::Lane])) {
        self.layer.each_row(&mut f);
        self.next.each_row(f);
    }

    #[inline]
    fn each_row_with(&mut self, other: &Self, mut f: impl FnMut(&mut [W::Lane], &[W::Lane])) {
        self.layer.each_row_with(&other.layer, &mut f);
        self.next.each_row_with(&other.next, f);
    }

    #[inline]
    fn each_row_with_three(
        &mut self,
        first: &mut Self,
        second: &mut Self,
        third: &Self,
        mut f: impl FnMut(&mut [W::Lane], &mut [W::Lane], &mut [W::Lane], &[W::Lane]),
    ) {
        self.layer.each_row_with_three(&mut first.layer, &mut second.layer, &third.layer, &mut f);
        self.next.each_row_with_three(&mut first.next, &mut second.next, &third.next, f);
    }
}

impl<const D: usize, const M: usize, L, N, A> Hidden<Dense<D, M, 1, L>, N, A>
where
    L: Lane,
    N: Network<Lane = L, Input = Features<M, L>, Cotangent = [L; M]>,
    A: Activation,
{
    /// Adds the part of the next network to a block, and returns the cotangent of the layer's sums.
    #[inline]
    fn add_vjp_of_next(
        &self,
        (activated, tape): (&Activated<M, L>, &N::Tape),
        cotangent: (&N::Outputs, impl Fn(usize) -> bool),
        decay: f32,
        to: &mut N,
    ) -> [L; M] {
        let mut back = self.next.add_vjp_and_return_input(activated.outputs(), tape, cotangent, decay, to);
        A::backward(activated, &mut back);
        back
    }
}

impl<const D: usize, const M: usize, L, N, A> Network for Hidden<Dense<D, M, 1, L>, N, A>
where
    L: Lane,
    N: Network<Lane = L, Input = Features<M, L>, Cotangent = [L; M]>,
    A: Activation,
{
    type Input = Features<D, L>;
    type Outputs = N::Outputs;
    type Cotangent = [L; D];
    type Tape = (Activated<M, L>, N::Tape);
    type Critic = Hidden<Dense<D, M, 1, L>, N::Critic, A>;
    const BLANK: Self::Tape = (Activated::BLANK, N::BLANK);

    #[inline]
    fn forward_on_tape(&self, features: &Features<D, L>, (activated, tape): &mut Self::Tape) -> N::Outputs {
        self.layer.first_outputs(features, &mut activated.arguments);
        A::forward(activated);
        self.next.forward_on_tape(activated.outputs(), tape)
    }

    #[inline]
    fn add_vjp(
        &self,
        features: &Features<D, L>,
        (activated, tape): &Self::Tape,
        cotangent: (&N::Outputs, impl Fn(usize) -> bool),
        decay: f32,
        to: &mut Self,
    ) {
        let back = self.add_vjp_of_next((activated, tape), cotangent, decay, &mut to.next);
        self.layer.add_vjp(features, &(), (&[back], |_| true), decay, &mut to.layer);
    }

    #[inline]
    fn input_vjp(
        &self,
        features: &Features<D, L>,
        (activated, tape): &Self::Tape,
        cotangent: (&N::Outputs, impl Fn(usize) -> bool),
    ) -> [L; D] {
        let mut back = self.next.input_vjp(activated.outputs(), tape, cotangent);
        A::backward(activated, &mut back);
        self.layer.input_vjp(features, &(), (&[back], |_| true))
    }

    #[inline]
    fn add_vjp_and_return_input(
        &self,
        features: &Features<D, L>,
        (activated, tape): &Self::Tape,
        cotangent: (&N::Outputs, impl Fn(usize) -> bool),
        decay: f32,
        to: &mut Self,
    ) -> [L; D] {
        let back = self.add_vjp_of_next((activated, tape), cotangent, decay, &mut to.next);
        self.layer.add_vjp_and_return_input(features, &(), (&[back], |_| true), decay, &mut to.layer)
    }

    fn initialise<S: Source<L> + ?Sized>(&mut self, source: &mut S, uses_input: impl Fn(usize) -> bool) {
        self.layer.initialise_sparsely(SPARSITY, source, |_| true);
        self.next.initialise(source, uses_input);
    }
}

/// Numbers in their order: the layer, then the next network.
impl<W, N, A> Numbers for Hidden<W, N, A>
where
    W: Numbers,
    N: Numbers<Number = W::Number>,
{
    type Number = W::Number;
    const COUNT: usize = W::COUNT + N::COUNT;

    fn zeros() -> Self {
        Self::new(W::zeros(), N::zeros())
    }
    fn numbers(&self) -> impl Iterator<Item = &W::Number> {
        self.layer.numbers().chain(self.next.numbers())
    }
    fn numbers_mut(&mut self) -> impl Iterator<Item = &mut W::Number> {
        self.layer.numbers_mut().chain(self.next.numbers_mut())
    }
}

/// Numbers that a learner keeps within [`Dense::LARGEST`]: its parameters and its velocity.
#[cfg(feature = "serde")]
impl<W: Numbers, N: Numbers<Number = W::Number>, A> serde::Serialize for Hidden<W, N, A> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        numbers::kept::serialize(self, serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de, W: Numbers, N: Numbers<Number = W::Number>, A> serde::Deserialize<'de> for Hidden<W, N, A> {
    #[inline]
    fn deserialize<S: serde::Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        numbers::kept::deserialize(deserializer)
    }

    #[inline]
    fn deserialize_in_place<S: serde::Deserializer<'de>>(deserializer: S, place: &mut Self) -> Result<(), S::Error> {
        numbers::kept::fill(deserializer, place)
    }
}
