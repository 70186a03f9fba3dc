//! Layer normalisation without parameters.

use core::marker::PhantomData;

use crate::{
    arithmetic::lane::Lane,
    limits,
    networks::activation::{Activated, Activation, Elementwise},
};

/// Added to the variance of a layer's sums.
const EPSILON: f32 = 1e-5;

/// Layer normalisation without parameters, followed by the elementwise function `A`:
///
/// ```text
/// m = (1/M) Σ z_k      v = (1/M) Σ (z_k − m)²      y_k = (z_k − m) / √(v + 10^−5)      output_k = A(y_k)
/// ```
///
/// Every sum runs from first to last. Sums `z` are kept within ±10^15.
///
/// Source: J. L. Ba, J. R. Kiros and G. E. Hinton, *Layer normalization*, 2016, without gain and bias.
///
/// ```
/// use samplegrad_core::{Activated, Activation, LayerNorm, LeakyRelu};
///
/// let mut layer = Activated::new([1e6_f32, -1e6]);
/// LayerNorm::<LeakyRelu>::forward(&mut layer);
/// assert_eq!(layer.outputs().as_array(), &[1.0, -0.01]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LayerNorm<A>(PhantomData<A>);

impl<A: Elementwise> Activation for LayerNorm<A> {
    #[inline]
    fn forward<const M: usize, L: Lane>(activated: &mut Activated<M, L>) {
        let share = 1.0 / M as f32;
        let Activated { arguments, outputs, scale } = activated;
        limits::parameters(arguments);
        let mean = arguments.iter().fold(L::ZERO, |total, &z| total + z) * share;
        let mut squares = L::ZERO;
        for z in arguments.iter_mut() {
            *z = *z - mean;
            squares = squares + *z * *z;
        }
        *scale = L::ONE / (squares * share + EPSILON).sqrt();
        for (z, y) in arguments.iter_mut().zip(outputs.as_mut_array()) {
            *z = *z * *scale;
            *y = A::value(*z);
        }
    }

    #[inline]
    fn backward<const M: usize, L: Lane>(activated: &Activated<M, L>, cotangent: &mut [L; M]) {
        let share = 1.0 / M as f32;
        let Activated { arguments, outputs, scale } = activated;
        let (mut sum, mut along) = (L::ZERO, L::ZERO);
        for ((c, &y), &output) in cotangent.iter_mut().zip(arguments).zip(outputs.as_array()) {
            *c = *c * A::derivative(y, output);
            sum = sum + *c;
            along = along + *c * y;
        }
        let (mean, along) = (sum * share, along * share);
        for (c, &y) in cotangent.iter_mut().zip(arguments) {
            *c = (*c - mean - y * along) * *scale;
        }
    }
}
