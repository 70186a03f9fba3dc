//! The common trait of optimizers.

use crate::{arithmetic::lane::Lane, networks::parameters::Parameters};

/// An optimizer, which moves parameters up a gradient.
///
/// The parameters are `H` maps from `D` features to `K` outputs. Every parameter, and every number of the optimizer's
/// state, stays within ±[`Parameters::LARGEST`].
///
/// ```
/// use samplegrad_core::{LearningRate, Optimizer, Parameters, Sgd};
///
/// let mut parameters = Parameters::<1, 1>::zero();
/// let gradient = Parameters::new([[[2.0]]], [[1.0]])?;
/// Sgd::new(LearningRate::new(0.5)?).ascend(&mut parameters, &gradient, true);
/// assert_eq!(parameters, Parameters::new([[[1.0]]], [[0.5]])?);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Optimizer<const D: usize, const K: usize, const H: usize, L: Lane = f32> {
    /// Takes one step up in the lanes where the mask holds; the other lanes do not change.
    fn ascend(&mut self, parameters: &mut Parameters<D, K, H, L>, gradient: &Parameters<D, K, H, L>, lanes: L::Mask);
}
