//! Settings of samplers, estimators and learners: numbers that are checked once, where they are built.

pub mod checked;
pub mod features;
pub mod learning;
pub mod logits;
pub mod reward;
pub mod schedule;
pub mod temperature;
