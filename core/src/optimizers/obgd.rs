use crate::{
    arithmetic::lane::Lane,
    networks::block::Block,
    optimizers::optimizer::Optimizer,
    settings::learning::{LearningRate, Overshoot},
};

/// Gradient ascent with overshooting-bounded steps (ObGD):
///
/// ```text
/// M = η κ max(|δ|, 1) Σ |z|       θ ← θ + (η / max(1, M)) δ z
/// ```
///
/// for an error `δ` and a trace `z`. As an [`Optimizer`], `δ` is 1 and `z` is the gradient. The magnitudes of all
/// changes of a step sum to at most `1/κ`, so one step cannot ruin a policy, and no parameter that starts within 10^15
/// leaves the range of floats: at 2^25 such a step is below the spacing of floats.
///
/// Source: M. Elsayed, G. Vasan and A. R. Mahmood, *Streaming deep reinforcement learning finally works*, 2024,
/// algorithm 3.
///
/// ```
/// use samplegrad_core::{Dense, LearningRate, ObGd, Optimizer, Overshoot};
///
/// let mut obgd = ObGd::new(LearningRate::new(1.0)?, Overshoot::new(2.0)?);
/// let mut parameters = Dense::zero();
/// obgd.ascend(&mut parameters, &Dense::new([[[1e6]]], [[0.0]])?, true);
/// assert_eq!(parameters.weights(), &[[[0.5]]]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ObGd {
    rate: LearningRate,
    overshoot: Overshoot,
}

impl ObGd {
    /// Creates the optimizer with the learning rate `η` and the factor `κ`.
    pub const fn new(rate: LearningRate, overshoot: Overshoot) -> Self {
        Self { rate, overshoot }
    }

    /// Sets the learning rate `η` of the next steps.
    pub fn set_rate(&mut self, rate: LearningRate) {
        self.rate = rate;
    }

    /// Returns the factor `(η / max(1, M)) δ` for an error and the sum of the magnitudes of a trace.
    #[inline]
    fn factor<L: Lane>(&self, error: L, length: L) -> L {
        let reach = error.abs().max(L::ONE) * length * (self.rate.get() * self.overshoot.get());
        L::splat(self.rate.get()) / reach.max(L::ONE) * error
    }

    /// Takes one step along a trace, for an error within ±10^9. Keeps every number of the trace within ±10^15.
    #[inline]
    pub fn step<B: Block>(&self, parameters: &mut B, trace: &mut B, error: B::Lane) {
        let length = trace.bounded_length();
        parameters.add_scaled_unbounded(self.factor(error, length), trace);
    }
}

impl<B: Block> Optimizer<B> for ObGd {
    #[inline]
    fn ascend(&mut self, parameters: &mut B, gradient: &B, lanes: <B::Lane as Lane>::Mask) {
        let factor = self.factor(B::Lane::ONE, gradient.length());
        parameters.each_with(gradient, |w, &g| *w = B::Lane::select(lanes, *w + factor * g, *w));
    }
}
