//! Estimators of a gradient, one a file, in the folders of their table; what they have in common; what they ask of a cost.

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
