//! Optimizers in fixed memory: how a gradient moves the parameters of a learner.

pub mod adam;
pub mod momentum;
pub mod optimizer;
pub mod sgd;
