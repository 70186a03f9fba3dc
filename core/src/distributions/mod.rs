//! Distributions: probabilities, densities, scores; and products of them, which gradients are estimated for.

pub mod bernoulli;
mod bernoullis;
pub mod categorical;
mod categoricals;
pub mod family;
pub mod gaussian;
pub mod gumbel;
pub mod gumbel_fit;
pub mod independent;
pub mod logits;
pub mod variables;

pub use bernoullis::Bernoullis;
pub use categoricals::Categoricals;
