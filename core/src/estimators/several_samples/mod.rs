//! Estimators from several different samples, and an estimator for the multi-sample objective.

pub mod local_expectation;
pub mod stochastic_beam;
pub mod sum_and_sample;
pub mod unordered_set;
pub mod vimco;

pub use self::{
    local_expectation::LocalExpectation, stochastic_beam::StochasticBeam, sum_and_sample::SumAndSample,
    unordered_set::UnorderedSet, vimco::Vimco,
};
