//! Activations of hidden layers.

use core::fmt::Debug;

use crate::{
    arithmetic::{elementary, lane::Lane},
    limits,
    settings::features::Features,
};

/// The state of a hidden layer: its outputs, and the numbers that the backward pass needs.
///
/// ```
/// use samplegrad_core::{Activated, Activation, LeakyRelu};
///
/// let mut layer = Activated::new([2.0_f32, -3.0]);
/// LeakyRelu::forward(&mut layer);
/// assert_eq!(layer.outputs().as_array(), &[2.0, -0.03]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Activated<const M: usize, L: Lane = f32> {
    /// The arguments of the elementwise function.
    pub(crate) arguments: [L; M],
    pub(crate) outputs: Features<M, L>,
    /// The factor of a normalisation before the elementwise function; 1 without a normalisation.
    pub(crate) scale: L,
}

impl<const M: usize, L: Lane> Activated<M, L> {
    /// Sums and outputs of zero.
    pub(crate) const BLANK: Self =
        Self { arguments: [L::ZERO; M], outputs: Features::trusted([L::ZERO; M]), scale: L::ONE };

    /// Creates the state of a layer with given sums, before the activation.
    #[inline]
    pub fn new(sums: [L; M]) -> Self {
        Self { arguments: sums, ..Self::BLANK }
    }

    /// Returns the outputs, which are the features of the next layer.
    #[inline]
    pub fn outputs(&self) -> &Features<M, L> {
        &self.outputs
    }
}

/// An activation of a hidden layer: a function of all sums (pre-activations) of the layer, and its derivative.
///
/// Implementations are [`LeakyRelu`], [`Tanh`], and [`LayerNorm`](crate::LayerNorm) of either.
///
/// ```
/// use samplegrad_core::{Activated, Activation, Tanh};
///
/// let mut layer = Activated::new([0.0_f32]);
/// Tanh::forward(&mut layer);
/// let mut cotangent = [3.0];
/// Tanh::backward(&layer, &mut cotangent);
/// assert_eq!(cotangent, [3.0]);                       // the slope of tanh at 0 is 1
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Activation: Copy + Debug + PartialEq + 'static {
    /// Computes the outputs of finite sums, each output within ±10^6.
    fn forward<const M: usize, L: Lane>(activated: &mut Activated<M, L>);
    /// Replaces the cotangent of the outputs by the cotangent of the sums.
    fn backward<const M: usize, L: Lane>(activated: &Activated<M, L>, cotangent: &mut [L; M]);
}

/// A function of one number, with a derivative. A layer normalisation can precede it.
///
/// ```
/// use samplegrad_core::{Elementwise, LeakyRelu};
///
/// assert_eq!((LeakyRelu::value(-1.0_f32), LeakyRelu::derivative(-1.0_f32, -0.01)), (-0.01, 0.01));
/// ```
pub trait Elementwise: Activation {
    /// Computes the function at `x`, where `|x|` is at most 10^6.
    fn value<L: Lane>(x: L) -> L;
    /// Computes the derivative at `x`, where the function is `y`.
    fn derivative<L: Lane>(x: L, y: L) -> L;
}

/// The leaky rectifier: `x` for `x ≥ 0`, otherwise `x / 100`. Sums are kept within ±10^6.
///
/// Source: A. L. Maas, A. Y. Hannun and A. Y. Ng, *Rectifier nonlinearities improve neural network acoustic models*,
/// ICML 2013.
///
/// ```
/// use samplegrad_core::{Elementwise, LeakyRelu};
///
/// assert_eq!(LeakyRelu::value(-200.0_f32), -2.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LeakyRelu;

/// The slope below zero.
const LEAK: f32 = 0.01;

impl Elementwise for LeakyRelu {
    #[inline(always)]
    fn value<L: Lane>(x: L) -> L {
        L::select(x.lt(L::ZERO), x * LEAK, x)
    }
    #[inline(always)]
    fn derivative<L: Lane>(x: L, _: L) -> L {
        L::select(x.lt(L::ZERO), L::splat(LEAK), L::ONE)
    }
}

/// The hyperbolic tangent.
///
/// ```
/// use samplegrad_core::{Elementwise, Tanh};
///
/// assert_eq!(Tanh::value(50.0_f32), 1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tanh;

impl Elementwise for Tanh {
    #[inline(always)]
    fn value<L: Lane>(x: L) -> L {
        elementary::tanh(x)
    }
    #[inline(always)]
    fn derivative<L: Lane>(_: L, y: L) -> L {
        L::ONE - y * y
    }
}

/// Implements [`Activation`] for an [`Elementwise`] function. The forward pass clamps the sums to ±10^6 first.
macro_rules! elementwise {
    ($name:ident) => {
        impl Activation for $name {
            #[inline]
            fn forward<const M: usize, L: Lane>(activated: &mut Activated<M, L>) {
                let Activated { arguments, outputs, .. } = activated;
                limits::features(arguments);
                for (&x, y) in arguments.iter().zip(outputs.as_mut_array()) {
                    *y = Self::value(x);
                }
            }

            #[inline]
            fn backward<const M: usize, L: Lane>(activated: &Activated<M, L>, cotangent: &mut [L; M]) {
                let Activated { arguments, outputs, .. } = activated;
                for ((c, &x), &y) in cotangent.iter_mut().zip(arguments).zip(outputs.as_array()) {
                    *c = *c * Self::derivative(x, y);
                }
            }
        }
    };
}

elementwise!(LeakyRelu);
elementwise!(Tanh);
