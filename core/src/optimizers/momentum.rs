use crate::{
    arithmetic::lane::{Lane, Mask},
    limits,
    networks::block::Block,
    optimizers::optimizer::Optimizer,
    settings::learning::{Decay, LearningRate},
    stored::in_place::Kept,
};

/// Gradient ascent with momentum: `v ← μ v + g`, `θ ← θ + η v`.
///
/// Source: B. T. Polyak, *Some methods of speeding up the convergence of iteration methods*, USSR Computational
/// Mathematics and Mathematical Physics 4(5), 1964.
///
/// ```
/// use samplegrad_core::{Decay, Dense, LearningRate, Momentum, Optimizer};
///
/// let mut momentum = Momentum::new(LearningRate::new(1.0)?, Decay::new(0.5)?);
/// let (mut parameters, gradient) = (Dense::zero(), Dense::new([[[1.0]]], [[0.0]])?);
/// momentum.ascend(&mut parameters, &gradient, true);
/// momentum.ascend(&mut parameters, &gradient, true);
/// assert_eq!(parameters.weights(), &[[[2.5]]]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct Momentum<B: Block> {
    rate: LearningRate,
    decay: Decay,
    velocity: Kept<B>,
}

impl<B: Block> Momentum<B> {
    /// Creates the optimizer with velocity zero, learning rate `η` and decay `μ`.
    pub const fn new(rate: LearningRate, decay: Decay) -> Self {
        Self { rate, decay, velocity: Kept(B::ZERO) }
    }

    /// Sets the learning rate `η` of the next steps.
    pub fn set_rate(&mut self, rate: LearningRate) {
        self.rate = rate;
    }
}

impl<B: Block> Optimizer<B> for Momentum<B> {
    #[inline]
    fn ascend(&mut self, parameters: &mut B, gradient: &B, lanes: <B::Lane as Lane>::Mask) {
        if lanes.any() {
            let (rate, decay) = (self.rate.get(), self.decay.get());
            self.velocity
                .each_with(gradient, |v, &g| *v = B::Lane::select(lanes, limits::parameter(*v * decay + g), *v));
            parameters
                .each_with(&self.velocity, |w, &v| *w = B::Lane::select(lanes, limits::parameter(*w + v * rate), *w));
        }
    }
}
