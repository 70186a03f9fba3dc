//! The parameters of a learner, and blocks of the same shape: gradients, traces, moments.

#[cfg(feature = "serde")]
use crate::stored::numbers;
use crate::{
    arithmetic::{lane::Lane, linear},
    check,
    error::Error,
    limits,
    networks::block::{Block, ValueFunction},
    settings::features::Features,
};

/// `H` linear maps from `D` features to `K` outputs each: the parameters of a policy or a critic. A gradient, an
/// eligibility trace and the state of an optimizer have the same shape, so they have this type too.
///
/// Weights are feature-major, `weights()[h][d][k]`. Numbers that a learner stores stay within
/// ±[`Parameters::LARGEST`], so that their product with a feature, a reward and a rate does not overflow. Numbers are
/// visited in one order: weights, then biases, each from first to last.
///
/// ```
/// use samplegrad_core::{Features, Parameters};
///
/// let maps = Parameters::<2, 1, 1>::new([[[1.0], [2.0]]], [[0.5]])?;
/// assert_eq!(maps.outputs(&Features::new([3.0, 4.0])?), [[11.5]]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Parameters<const D: usize, const K: usize, const H: usize = 1, L: Lane = f32> {
    weights: [[[L; K]; D]; H],
    bias: [[L; K]; H],
}

impl<const D: usize, const K: usize, const H: usize, L: Lane> Default for Parameters<D, K, H, L> {
    fn default() -> Self {
        Self::zero()
    }
}

impl<const D: usize, const K: usize, const H: usize, L: Lane> Parameters<D, K, H, L> {
    /// The largest magnitude of a stored number.
    pub const LARGEST: f32 = limits::PARAMETER;

    /// Creates a block of zeros. `K ≥ 1`, at compile time.
    pub const fn zero() -> Self {
        const { assert!(K > 0, "a policy needs at least one output") };
        Self { weights: [[[L::ZERO; K]; D]; H], bias: [[L::ZERO; K]; H] }
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
        for ((out, weights), bias) in outputs.iter_mut().zip(&self.weights).zip(&self.bias) {
            *out = linear::map(weights, bias, features.as_array());
        }
        outputs
    }

    /// Adds the gradient in the parameters of a step in the outputs: `b_h ← b_h + s_h`, `W_hd ← W_hd + x_d s_h`.
    #[inline]
    pub fn add_outer(&mut self, features: &Features<D, L>, step: &[[L; K]; H]) {
        for ((weights, bias), step) in self.weights.iter_mut().zip(&mut self.bias).zip(step) {
            linear::add_outer(weights, bias, features.as_array(), step);
        }
    }

    /// Adds the same gradient as [`Parameters::add_outer`], but for a map that does not use the features only to its
    /// biases.
    #[inline]
    pub(crate) fn add_outer_where(
        &mut self,
        features: &Features<D, L>,
        step: &[[L; K]; H],
        sees_features: impl Fn(usize) -> bool,
    ) {
        for (h, ((weights, bias), step)) in self.weights.iter_mut().zip(&mut self.bias).zip(step).enumerate() {
            if sees_features(h) {
                linear::add_outer(weights, bias, features.as_array(), step);
            } else {
                bias.iter_mut().zip(step).for_each(|(b, &s)| *b = *b + s);
            }
        }
    }
}

/// Numbers in their order: weights, then biases.
impl<const D: usize, const K: usize, const H: usize, L: Lane> Block for Parameters<D, K, H, L> {
    type Lane = L;
    const ZERO: Self = Self::zero();

    #[inline]
    fn fold<T>(&self, start: T, mut f: impl FnMut(T, &L) -> T) -> T {
        let weights = self.weights.as_flattened().as_flattened().iter().fold(start, &mut f);
        self.bias.as_flattened().iter().fold(weights, f)
    }

    #[inline]
    fn each(&mut self, mut f: impl FnMut(&mut L)) {
        self.weights.as_flattened_mut().as_flattened_mut().iter_mut().for_each(&mut f);
        self.bias.as_flattened_mut().iter_mut().for_each(f);
    }

    #[inline]
    fn each_with(&mut self, other: &Self, mut f: impl FnMut(&mut L, &L)) {
        let weights = self.weights.as_flattened_mut().as_flattened_mut();
        for (x, y) in weights.iter_mut().zip(other.weights.as_flattened().as_flattened()) {
            f(x, y);
        }
        for (x, y) in self.bias.as_flattened_mut().iter_mut().zip(other.bias.as_flattened()) {
            f(x, y);
        }
    }
}

/// A linear critic, summed from the bias through the features from first to last.
impl<const D: usize, L: Lane> ValueFunction for Parameters<D, 1, 1, L> {
    type Input = Features<D, L>;

    #[inline]
    fn value(&self, features: &Features<D, L>) -> L {
        let [[value]] = self.outputs(features);
        limits::of_return(value)
    }

    #[inline]
    fn add_value_gradient(&self, features: &Features<D, L>, factor: L, to: &mut Self) {
        to.add_outer(features, &[[factor]]);
    }
}

/// Numbers in their order: weights, then biases.
#[cfg(feature = "serde")]
impl<const D: usize, const K: usize, const H: usize, L: Lane> numbers::Numbers for Parameters<D, K, H, L> {
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

/// Numbers that a learner keeps within [`Parameters::LARGEST`]: its parameters and its velocity.
#[cfg(feature = "serde")]
impl<const D: usize, const K: usize, const H: usize, L: Lane> serde::Serialize for Parameters<D, K, H, L> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        numbers::kept::serialize(self, serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de, const D: usize, const K: usize, const H: usize, L: Lane> serde::Deserialize<'de> for Parameters<D, K, H, L> {
    #[inline]
    fn deserialize<S: serde::Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        numbers::kept::deserialize(deserializer)
    }

    #[inline]
    fn deserialize_in_place<S: serde::Deserializer<'de>>(deserializer: S, place: &mut Self) -> Result<(), S::Error> {
        numbers::kept::fill(deserializer, place)
    }
}
