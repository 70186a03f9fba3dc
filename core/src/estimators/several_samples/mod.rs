//! Estimators from several different samples, and for the objective of several samples.

pub mod stochastic_beam;
pub mod sum_and_sample;
pub mod unordered_set;
pub mod vimco;
