//! Settings of samplers, estimators and learners. Each setting is checked once, in its constructor.

pub mod checked;
pub mod features;
pub mod learning;
pub mod logits;
pub mod memory;
pub mod observation;
pub mod reward;
pub mod schedule;
pub mod temperature;
