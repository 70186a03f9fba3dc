use crate::{
    arithmetic::lane::{Lane, Mask},
    limits,
    networks::block::Block,
    optimizers::optimizer::Optimizer,
    settings::learning::LearningRate,
};

/// Stochastic gradient ascent, `θ ← θ + η g`. The optimizer stores only the learning rate.
///
/// ```
/// use samplegrad_core::{LearningRate, Sgd};
///
/// let sgd = Sgd::new(LearningRate::new(0.1)?);
/// assert_eq!(core::mem::size_of_val(&sgd), 4);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sgd {
    rate: LearningRate,
}

impl Sgd {
    /// Creates the optimizer with a learning rate.
    pub const fn new(rate: LearningRate) -> Self {
        Self { rate }
    }

    /// Sets the learning rate of the next steps.
    pub fn set_rate(&mut self, rate: LearningRate) {
        self.rate = rate;
    }
}

impl<B: Block> Optimizer<B> for Sgd {
    #[inline]
    fn ascend(&mut self, parameters: &mut B, gradient: &B, lanes: <B::Lane as Lane>::Mask) {
        if lanes.any() {
            let rate = self.rate.get();
            parameters.each_with(gradient, |w, &g| *w = B::Lane::select(lanes, limits::parameter(*w + g * rate), *w));
        }
    }
}
