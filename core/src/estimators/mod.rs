//! Estimators of a gradient, one a file; what they have in common; what they ask of a cost.

pub mod action_model;
pub mod arm;
pub mod coefficient;
pub mod cost;
pub mod coupling;
pub mod delta_method;
pub mod disarm;
pub mod enumeration;
pub mod estimator;
pub mod leave_one_out;
pub mod linear_critic;
pub mod measure_valued;
pub mod moving_average;
pub mod muprop;
pub mod optimal_baseline;
pub mod optimal_leave_one_out;
pub mod pathwise;
pub mod rebar;
pub mod rebar_tuned;
pub mod relax;
pub mod score_function;
pub mod self_critical;
pub mod sum_and_sample;
pub mod surrogate;
pub mod unordered_set;
mod variance_descent;
pub mod vimco;
