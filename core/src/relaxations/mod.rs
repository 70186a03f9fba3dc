//! Relaxed samples, differentiable in their logits, with densities; and noise given the sample.

pub mod binary_concrete;
pub mod concrete;
pub mod conditional;
pub mod gumbel_softmax;
pub mod perturbed;
pub mod relaxed_race;
pub mod straight_through;
