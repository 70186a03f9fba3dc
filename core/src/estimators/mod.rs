//! Estimators of a gradient, their common trait, and the traits of cost functions. Each estimator has its own file, in
//! a folder of its kind.

pub mod antithetic;
pub mod baselines;
pub mod continuous;
pub mod control_variates;
pub mod cost;
pub mod enumeration;
pub mod estimator;
pub mod register;
pub mod relaxed_control_variates;
pub mod score_function;
pub mod several_samples;
pub mod straight_through;
