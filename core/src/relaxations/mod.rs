//! Relaxed samples that are differentiable in their logits, densities of relaxed samples, and noise given the sample.

pub mod binary_concrete;
pub mod concrete;
pub mod conditional;
pub mod gumbel_softmax;
pub mod perturbed;
pub mod relaxed_race;
pub mod straight_through;
