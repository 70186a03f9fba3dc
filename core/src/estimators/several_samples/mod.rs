//! Estimators from several different samples, and an estimator for the multi-sample objective.

pub mod stochastic_beam;
pub mod sum_and_sample;
pub mod unordered_set;
pub mod vimco;
