//! Dense layers: linear maps, and blocks of the same shape such as gradients, traces and moments.

#[cfg(feature = "serde")]
use crate::stored::numbers;
use crate::{
    arithmetic::{lane::Lane, linear},
    check,
    error::Error,
    limits,
    networks::{block::Block, network::Network},
    noise::{source::Source, uniform::Uniform},
    settings::features::Features,
    stored::flat::Numbers,
};

/// Share of zeros among the weights of a network's last layer.
const LAST_SPARSITY: f32 = 0.9;

/// A dense layer: `H` linear maps from `D` features to `K` outputs each. It is a network of its own, the parameters of a
/// linear policy or critic. A gradient, an eligibility trace and the state of an optimizer have the same shape, so they
/// have this type too.
///
/// Weights are feature-major, `weights()[h][d][k]`. Numbers that a learner stores stay within
/// ±[`Dense::LARGEST`], so that their product with a feature, a reward and a rate does not overflow. Numbers are
/// visited in one order: weights, then biases, each from first to last.
///
/// ```
/// use samplegrad_core::{Dense, Features};
///
/// let maps = Dense::<2, 1, 1>::new([[[1.0], [2.0]]], [[0.5]])?;
/// assert_eq!(maps.outputs(&Features::new([3.0, 4.0])?), [[11.5]]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dense<const D: usize, const K: usize, const H: usize = 1, L: Lane = f32> {
    weights: [[[L; K]; D]; H],
    bias: [[L; K]; H],
}

impl<const D: usize, const K: usize, const H: usize, L: Lane> Default for Dense<D, K, H, L> {
    fn default() -> Self {
        Self::zero()
    }
}

impl<const D: usize, const K: usize, const H: usize, L: Lane> Dense<D, K, H, L> {
    /// The largest magnitude of a stored number.
    pub const LARGEST: f32 = limits::PARAMETER;

    /// Creates a block of zeros. `K = 0` is a compile error.
    pub const fn zero() -> Self {
        const { assert!(K > 0, "a policy needs at least one output") };
        // A constant is zeroed as a whole, an array made here row by row.
        const { Self { weights: [[[L::ZERO; K]; D]; H], bias: [[L::ZERO; K]; H] } }
    }

    /// Creates a block from given weights, `[h][d][k]`, and biases, `[h][k]`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a number that is not from −10^15 to 10^15.
    pub fn new(weights: [[[L; K]; D]; H], bias: [[L; K]; H]) -> Result<Self, Error> {
        let inside = |what, x: &[L]| {
            x.iter().try_for_each(|&x| check::within(what, x, -Self::LARGEST, Self::LARGEST, "from -1e15 to 1e15"))
        };
        inside("weights", weights.as_flattened().as_flattened())?;
        inside("bias", bias.as_flattened())?;
        Ok(Self { weights, bias })
    }

    /// Creates a block from finite numbers, each kept within the largest magnitude.
    pub(crate) fn bounded_from(weights: [[[L; K]; D]; H], bias: [[L; K]; H]) -> Self {
        let mut parameters = Self { weights, bias };
        parameters.each(|x| *x = limits::parameter(*x));
        parameters
    }

    /// Returns the weights, `[h][d][k]`.
    #[inline]
    pub fn weights(&self) -> &[[[L; K]; D]; H] {
        &self.weights
    }

    /// Returns the biases, `[h][k]`.
    #[inline]
    pub fn bias(&self) -> &[[L; K]; H] {
        &self.bias
    }

    /// Returns the outputs `b_h + Σ_d x_d W_hd` of each map, as [`linear::map`] does.
    #[inline]
    pub fn outputs(&self, features: &Features<D, L>) -> [[L; K]; H] {
        let mut outputs = self.bias;
        for (out, weights) in outputs.iter_mut().zip(&self.weights) {
            L::add_rows(out, weights, features.as_array());
        }
        outputs
    }

    /// Writes the outputs of the first map.
    #[inline]
    pub(crate) fn first_outputs(&self, features: &Features<D, L>, outputs: &mut [L; K]) {
        for (weights, bias) in self.weights.iter().zip(&self.bias).take(1) {
            *outputs = *bias;
            L::add_rows(outputs, weights, features.as_array());
        }
    }

    /// Adds the gradient in the parameters of a step in the outputs: `b_h ← b_h + s_h`, `W_hd ← W_hd + x_d s_h`.
    #[inline]
    pub fn add_outer(&mut self, features: &Features<D, L>, step: &[[L; K]; H]) {
        for ((weights, bias), step) in self.weights.iter_mut().zip(&mut self.bias).zip(step) {
            linear::add_outer(weights, bias, features.as_array(), step);
        }
    }

    /// Sets the biases to zero and the weights to sparse random numbers. Of the `D` weights of an output,
    /// `⌊sparsity · D⌋` are zero, at random places; the others are uniform within ±1/√D.
    ///
    /// Each weight takes two words of the source. Outputs are drawn in order, and the weights of an output from first
    /// to last. The weights of a row that does not use the input are zero and take no words.
    ///
    /// Source: M. Elsayed, G. Vasan and A. R. Mahmood, *Streaming deep reinforcement learning finally works*, 2024,
    /// algorithm 1, which rounds up.
    pub(crate) fn initialise_sparsely<S: Source<L> + ?Sized>(
        &mut self,
        sparsity: f32,
        source: &mut S,
        uses_input: impl Fn(usize) -> bool,
    ) {
        self.each(|x| *x = L::ZERO);
        for (h, weights) in self.weights.iter_mut().enumerate() {
            if uses_input(h) {
                sparse(weights.as_flattened_mut(), (D, K), sparsity, source);
            }
        }
    }
}

/// Sets weights, feature-major, of an input of `inputs` numbers and of `units` outputs.
fn sparse<L: Lane, S: Source<L> + ?Sized>(
    weights: &mut [L],
    (inputs, units): (usize, usize),
    sparsity: f32,
    source: &mut S,
) {
    let inputs = inputs as f32;
    // The share of zeros is positive, so the conversion rounds down.
    let zeros = (sparsity * inputs) as u32 as f32;
    let range = L::ONE / L::splat(inputs).sqrt();
    for unit in 0..units {
        // Selection sampling: a weight is zero with probability (zeros still missing) / (weights still to come).
        let (mut missing, mut to_come, mut index) = (L::splat(zeros), inputs, unit);
        while let Some(w) = weights.get_mut(index) {
            let zero = (Uniform::sample(source).value() * to_come).lt(missing);
            *w = L::select(zero, L::ZERO, (Uniform::sample(source).value() * 2.0 - 1.0) * range);
            missing = L::select(zero, missing - 1.0, missing);
            to_come -= 1.0;
            index += units;
        }
    }
}

/// Numbers in their order: weights, then biases.
impl<const D: usize, const K: usize, const H: usize, L: Lane> Block for Dense<D, K, H, L> {
    type Lane = L;
    const ZERO: Self = Self::zero();

    #[inline]
    fn fold_rows<T>(&self, start: T, mut f: impl FnMut(T, &[L]) -> T) -> T {
        let after_weights = f(start, self.weights.as_flattened().as_flattened());
        f(after_weights, self.bias.as_flattened())
    }

    #[inline]
    fn each_row(&mut self, mut f: impl FnMut(&mut [L])) {
        f(self.weights.as_flattened_mut().as_flattened_mut());
        f(self.bias.as_flattened_mut());
    }

    #[inline]
    fn each_row_with(&mut self, other: &Self, mut f: impl FnMut(&mut [L], &[L])) {
        let weights = self.weights.as_flattened_mut().as_flattened_mut();
        f(weights, other.weights.as_flattened().as_flattened());
        f(self.bias.as_flattened_mut(), other.bias.as_flattened());
    }

    #[inline]
    fn each_row_with_three(
        &mut self,
        first: &mut Self,
        second: &mut Self,
        third: &Self,
        mut f: impl FnMut(&mut [L], &mut [L], &mut [L], &[L]),
    ) {
        f(
            self.weights.as_flattened_mut().as_flattened_mut(),
            first.weights.as_flattened_mut().as_flattened_mut(),
            second.weights.as_flattened_mut().as_flattened_mut(),
            third.weights.as_flattened().as_flattened(),
        );
        f(
            self.bias.as_flattened_mut(),
            first.bias.as_flattened_mut(),
            second.bias.as_flattened_mut(),
            third.bias.as_flattened(),
        );
    }
}

/// The network of one layer. It has no tape, because the backward pass needs only the input.
impl<const D: usize, const K: usize, const H: usize, L: Lane> Network for Dense<D, K, H, L> {
    type Input = Features<D, L>;
    type Outputs = [[L; K]; H];
    type Cotangent = [L; D];
    type Tape = ();
    type Critic = Dense<D, 1, 1, L>;
    const BLANK: () = ();

    #[inline]
    fn forward_on_tape(&self, features: &Features<D, L>, (): &mut ()) -> [[L; K]; H] {
        self.outputs(features)
    }

    #[inline]
    fn add_vjp(
        &self,
        features: &Features<D, L>,
        (): &(),
        (cotangent, uses_input): (&[[L; K]; H], impl Fn(usize) -> bool),
        decay: f32,
        to: &mut Self,
    ) {
        for (h, ((weights, bias), step)) in to.weights.iter_mut().zip(&mut to.bias).zip(cotangent).enumerate() {
            // A product with 1 has the bits of its factor, so a decay of 1 needs no products.
            let decays = decay != 1.0;
            for (b, &s) in bias.iter_mut().zip(step) {
                *b = if decays { *b * decay + s } else { *b + s };
            }
            match (uses_input(h), decays) {
                (true, true) => L::decay_add_outer(weights, decay, features.as_array(), step),
                (true, false) => L::add_outer(weights, features.as_array(), step),
                (false, true) => weights.as_flattened_mut().iter_mut().for_each(|w| *w = *w * decay),
                (false, false) => {}
            }
        }
    }

    /// Returns `Σ_h Σ_k W_hdk c_hk`. The terms are added from first to last.
    #[inline]
    fn input_vjp(
        &self,
        _: &Features<D, L>,
        (): &(),
        (cotangent, uses_input): (&[[L; K]; H], impl Fn(usize) -> bool),
    ) -> [L; D] {
        let mut back = [L::ZERO; D];
        for (h, (weights, step)) in self.weights.iter().zip(cotangent).enumerate() {
            if uses_input(h) {
                let mut step = *step;
                limits::parameters(&mut step);
                L::add_products(&mut back, weights, &step);
            }
        }
        limits::parameters(&mut back);
        back
    }

    fn initialise<S: Source<L> + ?Sized>(&mut self, source: &mut S, uses_input: impl Fn(usize) -> bool) {
        self.initialise_sparsely(LAST_SPARSITY, source, uses_input);
    }
}

/// Numbers in their order: weights, then biases.
impl<const D: usize, const K: usize, const H: usize, L: Lane> Numbers for Dense<D, K, H, L> {
    type Number = L;
    const COUNT: usize = H * (D * K + K);

    fn zeros() -> Self {
        Self::zero()
    }
    fn numbers(&self) -> impl Iterator<Item = &L> {
        self.weights().iter().flatten().flatten().chain(self.bias().iter().flatten())
    }
    fn numbers_mut(&mut self) -> impl Iterator<Item = &mut L> {
        self.weights.as_flattened_mut().as_flattened_mut().iter_mut().chain(self.bias.as_flattened_mut())
    }
}

/// Numbers that a learner keeps within [`Dense::LARGEST`]: its parameters and its velocity.
#[cfg(feature = "serde")]
impl<const D: usize, const K: usize, const H: usize, L: Lane> serde::Serialize for Dense<D, K, H, L> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        numbers::kept::serialize(self, serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de, const D: usize, const K: usize, const H: usize, L: Lane> serde::Deserialize<'de> for Dense<D, K, H, L> {
    #[inline]
    fn deserialize<S: serde::Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        numbers::kept::deserialize(deserializer)
    }

    #[inline]
    fn deserialize_in_place<S: serde::Deserializer<'de>>(deserializer: S, place: &mut Self) -> Result<(), S::Error> {
        numbers::kept::fill(deserializer, place)
    }
}
