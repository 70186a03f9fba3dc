//! Optimizers in fixed memory, which update the parameters of a learner along a gradient.

pub mod adam;
pub mod momentum;
pub mod obgd;
pub mod optimizer;
pub mod sgd;
