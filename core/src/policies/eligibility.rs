//! The common part of learners with an eligibility trace: the memory of an episode, and a step along it.

use crate::{
    arithmetic::lane::{Lane, Mask},
    fixed_vec::format_where,
    networks::block::Block,
    optimizers::optimizer::Optimizer,
    policies::{
        policy::Policy,
        steering::{Steering, StepWeight},
    },
    stored::in_place::Finite,
};

/// The eligibility trace of an episode, and the weight of its next step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub(crate) struct Eligibility<B: Block> {
    pub(crate) trace: Finite<B>,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::share"))]
    pub(crate) weight: B::Lane,
}

format_where!(Eligibility<B: Block> { trace, weight } where B, B::Lane);

impl<B: Block> Eligibility<B> {
    /// Creates an empty trace, with the weight 1.
    pub(crate) fn new() -> Self {
        Self { trace: Finite(B::ZERO), weight: B::Lane::ONE }
    }

    /// Updates `z ← decay · z + I ∇ ln π(a | x)`, with the score of the choice in the outputs.
    #[inline]
    pub(crate) fn remember<P: Policy<Parameters = B, Lane = B::Lane>>(
        &mut self,
        policy: &P,
        decay: f32,
        (input, choice): (&P::Input, &P::Choice),
        score: &P::Outputs,
    ) {
        policy.add_vjp(input, choice, &P::scaled(score, self.weight), decay, &mut self.trace);
        self.trace.bounded_length();
    }

    /// Takes one step of the policy up `advantage · z + I β ∇H`.
    #[inline]
    pub(crate) fn ascend<P: Policy<Parameters = B, Lane = B::Lane>, O: Optimizer<B>>(
        &self,
        policy: &mut P,
        optimizer: &mut O,
        steering: &Steering,
        (input, choice): (&P::Input, &P::Choice),
        advantage: B::Lane,
    ) {
        let mut gradient = B::ZERO;
        gradient.add_scaled(advantage, &self.trace);
        self.add_entropy(policy, steering, (input, choice), self.weight, &mut gradient);
        if let Some(max) = steering.max_norm {
            gradient.clip(max);
        }
        optimizer.ascend(policy.parameters_mut(), &gradient, <B::Lane as Lane>::Mask::splat(true));
    }

    /// Adds the gradient of the entropy, times the bonus and the weight of a step, to a block.
    #[inline]
    pub(crate) fn add_entropy<P: Policy<Parameters = B, Lane = B::Lane>>(
        &self,
        policy: &P,
        steering: &Steering,
        (input, choice): (&P::Input, &P::Choice),
        weight: B::Lane,
        to: &mut B,
    ) {
        let bonus = weight * steering.entropy_bonus.get();
        policy.add_vjp(input, choice, &P::scaled(&policy.entropy_gradient(choice), bonus), 1.0, to);
    }

    /// Advances to the next step, or to a new episode in the lanes where this one ended.
    #[inline]
    pub(crate) fn advance(&mut self, steering: &Steering, ended: <B::Lane as Lane>::Mask) {
        if steering.step_weight == StepWeight::Discounted {
            self.weight = B::Lane::select(ended, B::Lane::ONE, self.weight * steering.discount.get());
        }
        self.trace.forget(ended);
    }
}
