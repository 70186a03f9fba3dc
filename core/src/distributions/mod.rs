//! Distributions: probabilities, densities, scores; and products of them, which gradients are estimated for.

pub mod bernoulli;
mod bernoullis;
pub mod beta;
pub mod categorical;
mod categoricals;
pub mod cauchy;
pub mod dirichlet;
pub mod exponential;
pub mod factorized;
pub mod family;
pub mod gamma;
pub mod gaussian;
pub mod gumbel;
pub mod independent;
pub mod kumaraswamy;
pub mod laplace;
pub mod location_scale;
pub mod log_normal;
pub mod logistic;
pub mod logits;
pub mod multivariate_normal;
pub mod normal;
pub mod pareto;
pub mod standard_gamma;
pub mod student_t;
pub mod uniform_interval;
pub mod variables;
pub mod weibull;

pub use crate::arithmetic::special;
pub use bernoullis::Bernoullis;
pub use beta::Beta;
pub use categoricals::Categoricals;
pub use dirichlet::Dirichlet;
pub use gamma::Gamma;
pub use multivariate_normal::MultivariateNormal;
pub use student_t::StudentT;
