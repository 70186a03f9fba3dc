//! The common trait of optimizers.

use crate::{arithmetic::lane::Lane, networks::block::Block};

/// An optimizer, which moves parameters by gradient ascent.
///
/// It moves any [`Block`]. Every number of its state, and every parameter, stays within ±10^15.
///
/// ```
/// use samplegrad_core::{Dense, LearningRate, Optimizer, Sgd};
///
/// let mut parameters = Dense::<1, 1>::zero();
/// let gradient = Dense::new([[[2.0]]], [[1.0]])?;
/// Sgd::new(LearningRate::new(0.5)?).ascend(&mut parameters, &gradient, true);
/// assert_eq!(parameters, Dense::new([[[1.0]]], [[0.5]])?);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Optimizer<B: Block> {
    /// Takes one step of gradient ascent in the lanes where the mask is true. The other lanes do not change.
    fn ascend(&mut self, parameters: &mut B, gradient: &B, lanes: <B::Lane as Lane>::Mask);
}
