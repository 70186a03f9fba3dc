//! Continuous variables: with a gradient of the cost, and without.

pub mod measure_valued;
pub mod pathwise;
