//! Estimators of a gradient, one per file, in folders by kind; their common trait; the traits of cost functions.

pub mod antithetic;
pub mod baselines;
pub mod continuous;
pub mod control_variates;
pub mod cost;
pub mod enumeration;
pub mod estimator;
pub mod relaxed_control_variates;
pub mod score_function;
pub mod several_samples;
pub mod straight_through;
