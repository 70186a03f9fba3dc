//! Distributions: probabilities, densities, scores; and products of them, which gradients are estimated for.

pub mod bernoulli;
mod bernoullis;
pub mod beta;
pub mod categorical;
mod categoricals;
pub mod dirichlet;
pub mod family;
pub mod gamma;
pub mod gaussian;
pub mod gumbel;
pub mod independent;
pub mod logits;
pub mod multivariate_normal;
pub mod standard_gamma;
pub mod student_t;
pub mod variables;

pub use crate::arithmetic::special;
pub use bernoullis::Bernoullis;
pub use beta::Beta;
pub use categoricals::Categoricals;
pub use dirichlet::Dirichlet;
pub use gamma::Gamma;
pub use multivariate_normal::MultivariateNormal;
pub use student_t::StudentT;
