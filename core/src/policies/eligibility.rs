//! The common part of learners with an eligibility trace: the memory of an episode, and a step along it.

use crate::{
    arithmetic::lane::{Lane, Mask},
    networks::parameters::Parameters,
    optimizers::optimizer::Optimizer,
    policies::{
        head::Head,
        linear_policy::{ChoiceOf, LinearPolicy},
        steering::{Steering, StepWeight},
    },
    settings::features::Features,
    stored::in_place::Finite,
};

/// The eligibility trace of an episode, and the weight of its next step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub(crate) struct Eligibility<const D: usize, const K: usize, const H: usize, L: Lane> {
    pub(crate) trace: Finite<Parameters<D, K, H, L>>,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::share"))]
    pub(crate) weight: L,
}

impl<const D: usize, const K: usize, const H: usize, L: Lane> Eligibility<D, K, H, L> {
    /// Creates an empty trace, with the weight 1.
    pub(crate) fn new() -> Self {
        Self { trace: Finite(Parameters::zero()), weight: L::ONE }
    }

    /// Updates `z ← decay · z + I ∇ ln π(a | x)`, with the score given in the outputs.
    #[inline]
    pub(crate) fn remember<P: Head<K, H, L>>(
        &mut self,
        policy: &LinearPolicy<P, D, K, H, L>,
        decay: f32,
        features: &Features<D, L>,
        score: &[[L; K]; H],
    ) {
        self.trace.fade(decay);
        policy.add_outer(&mut self.trace, features, &score.map(|row| row.map(|s| s * self.weight)));
    }

    /// Takes one step of the policy up `advantage · z + I β ∇H`.
    #[inline]
    pub(crate) fn ascend<P: Head<K, H, L>, O: Optimizer<D, K, H, L>>(
        &self,
        policy: &mut LinearPolicy<P, D, K, H, L>,
        optimizer: &mut O,
        steering: &Steering,
        (features, choice): (&Features<D, L>, &ChoiceOf<P, K, H, L>),
        advantage: L,
    ) {
        let mut gradient = Parameters::zero();
        gradient.add_scaled(advantage, &self.trace);
        policy.add_entropy(&mut gradient, features, choice, self.weight * steering.entropy_bonus.get());
        if let Some(max) = steering.max_norm {
            gradient.clip(max);
        }
        optimizer.ascend(policy.parameters_mut(), &gradient, L::Mask::splat(true));
    }

    /// Advances to the next step, or to a new episode in the lanes where this one ended.
    #[inline]
    pub(crate) fn advance(&mut self, steering: &Steering, ended: L::Mask) {
        if steering.step_weight == StepWeight::Discounted {
            self.weight = L::select(ended, L::ONE, self.weight * steering.discount.get());
        }
        self.trace.forget(ended);
    }
}
