//! Estimators for continuous variables, with and without a gradient of the cost.

pub mod measure_valued;
pub mod pathwise;

pub use self::{measure_valued::MeasureValued, pathwise::Pathwise};
