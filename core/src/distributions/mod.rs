//! Distributions: probabilities, densities, scores; and products of them, which gradients are estimated for.

pub mod bernoulli;
mod bernoullis;
pub mod categorical;
mod categoricals;
pub mod cauchy;
pub mod exponential;
pub mod factorized;
pub mod family;
pub mod gaussian;
pub mod gumbel;
pub mod independent;
pub mod kumaraswamy;
pub mod laplace;
pub mod location_scale;
pub mod log_normal;
pub mod logistic;
pub mod logits;
pub mod normal;
pub mod pareto;
pub mod uniform_interval;
pub mod variables;
pub mod weibull;

pub use bernoullis::Bernoullis;
pub use categoricals::Categoricals;
