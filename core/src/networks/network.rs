//! The traits of networks and of value functions.

use core::fmt::Debug;

use crate::{limits, networks::block::Block, noise::source::Source, settings::observation::Observation};

/// A network: a differentiable function of an input, and the block of its parameters.
///
/// A network is composed by types. [`Dense`](crate::Dense) is the network of one layer.
/// [`Hidden`](crate::Hidden) puts a hidden layer before another network. The sizes are constants, so a network has a
/// fixed size in memory and can be a `static`.
///
/// The block of parameters has one order: the first layer, weights then biases, up to the last layer. Every output of a
/// hidden layer, and every cotangent that reaches one, is kept within a largest magnitude, so that no sum overflows.
/// These bounds are not differentiated.
///
/// ```
/// use samplegrad_core::{Dense, Features, Hidden, Network, stream};
///
/// let mut network: Hidden<Dense<2, 8>, Dense<8, 1>> = Network::zeros();
/// network.initialise(&mut stream::xorshift(2026, 0), |_| true);
/// let x = Features::new([0.5, -1.0])?;
/// let (y, tape) = network.forward(&x);
/// let mut gradient = Network::zeros();
/// network.add_vjp(&x, &tape, (&[[1.0]], |_| true), 1.0, &mut gradient);    // the gradient of y
/// let slope = network.input_vjp(&x, &tape, (&[[1.0]], |_| true));
///
/// let moved = Features::new([0.5 + 1e-2, -1.0])?;
/// let difference = (network.forward(&moved).0[0][0] - y[0][0]) / 1e-2;
/// assert!((difference - slope[0]).abs() < 1e-2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Network: Block {
    /// The input.
    type Input: Observation<Lane = Self::Lane>;
    /// The outputs, in rows.
    type Outputs: Copy + Debug + PartialEq;
    /// One number for every number of the input.
    type Cotangent: Copy + Debug + PartialEq;
    /// The numbers from the forward pass that the backward pass needs.
    type Tape: Copy + Debug + PartialEq;
    /// The tape before a forward pass.
    const BLANK: Self::Tape;
    /// The network of the same hidden layers with one output: a critic for a policy with this network.
    type Critic: ValueFunction<Lane = Self::Lane, Input = Self::Input, Cotangent = Self::Cotangent>;

    /// Creates a network in which every parameter is zero.
    fn zeros() -> Self {
        Self::ZERO
    }

    /// Computes the outputs, and writes the tape for the backward pass.
    fn forward_on_tape(&self, input: &Self::Input, tape: &mut Self::Tape) -> Self::Outputs;

    /// Computes the outputs, and the tape for the backward pass.
    #[inline]
    fn forward(&self, input: &Self::Input) -> (Self::Outputs, Self::Tape) {
        let mut tape = Self::BLANK;
        (self.forward_on_tape(input, &mut tape), tape)
    }

    /// Computes the outputs alone, for an input from which nothing is learned.
    #[inline]
    fn evaluate(&self, input: &Self::Input) -> Self::Outputs {
        let mut tape = Self::BLANK;
        self.forward_on_tape(input, &mut tape)
    }

    /// Multiplies the block `to` by `decay` and adds the vector–Jacobian product in the parameters,
    /// `∂⟨cotangent, outputs⟩/∂parameters`.
    ///
    /// For a row `h` of outputs with `uses_input(h)` false, only the biases of the last layer have a gradient.
    fn add_vjp(
        &self,
        input: &Self::Input,
        tape: &Self::Tape,
        cotangent: (&Self::Outputs, impl Fn(usize) -> bool),
        decay: f32,
        to: &mut Self,
    );

    /// Returns the vector–Jacobian product in the input, `∂⟨cotangent, outputs⟩/∂input`, without the rows that do not
    /// use the input.
    fn input_vjp(
        &self,
        input: &Self::Input,
        tape: &Self::Tape,
        cotangent: (&Self::Outputs, impl Fn(usize) -> bool),
    ) -> Self::Cotangent;

    /// Computes [`Network::add_vjp`] and returns [`Network::input_vjp`].
    #[inline]
    fn add_vjp_and_return_input(
        &self,
        input: &Self::Input,
        tape: &Self::Tape,
        (cotangent, uses_input): (&Self::Outputs, impl Fn(usize) -> bool),
        decay: f32,
        to: &mut Self,
    ) -> Self::Cotangent {
        self.add_vjp(input, tape, (cotangent, &uses_input), decay, to);
        self.input_vjp(input, tape, (cotangent, uses_input))
    }

    /// Sets the parameters in place to sparse random numbers. Half of the weights of a hidden unit and nine tenths of
    /// those of an output are zero, but not all; the others are uniform within ±1/√(number of inputs). Biases are zero. The
    /// weights of a row `h` with `uses_input(h)` false are zero.
    ///
    /// Source: M. Elsayed, G. Vasan and A. R. Mahmood, *Streaming deep reinforcement learning finally works*, 2024,
    /// algorithm 1.
    fn initialise<S: Source<Self::Lane> + ?Sized>(&mut self, source: &mut S, uses_input: impl Fn(usize) -> bool);
}

/// A learned estimate of the return: a network with one output.
///
/// ```
/// use samplegrad_core::{Dense, Features, ValueFunction};
///
/// let critic = Dense::<1, 1>::new([[[2.0]]], [[0.5]])?;
/// let (x, mut gradient) = (Features::new([3.0])?, Dense::zero());
/// assert_eq!(critic.value(&x), 6.5);
/// critic.add_value_gradient(&x, 2.0, &mut gradient);
/// assert_eq!((gradient.weights()[0][0], gradient.bias()[0]), ([6.0], [2.0]));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait ValueFunction: Network<Outputs = [[<Self as Block>::Lane; 1]; 1]> {
    /// Returns the estimate, within ±10^9.
    #[inline]
    fn value(&self, input: &Self::Input) -> Self::Lane {
        let [[value]] = self.evaluate(input);
        limits::of_return(value)
    }

    /// Returns the estimate, within ±10^9, and writes the tape for its gradient.
    #[inline]
    fn value_on_tape(&self, input: &Self::Input, tape: &mut Self::Tape) -> Self::Lane {
        let [[value]] = self.forward_on_tape(input, tape);
        limits::of_return(value)
    }

    /// Adds `factor` times the gradient of the estimate in the parameters to a block.
    #[inline]
    fn add_value_gradient(&self, input: &Self::Input, factor: Self::Lane, to: &mut Self) {
        let (_, tape) = self.forward(input);
        self.add_vjp(input, &tape, (&[[factor]], |_| true), 1.0, to);
    }
}

impl<N: Network<Outputs = [[<N as Block>::Lane; 1]; 1]>> ValueFunction for N {}
