//! Estimators of a gradient, one a file; what they have in common; what they ask of a cost.

pub mod arm;
pub mod cost;
pub mod disarm;
pub mod enumeration;
pub mod estimator;
pub mod measure_valued;
pub mod pathwise;
pub mod rebar;
pub mod score_function;
