//! Antithetic pairs of samples.

pub mod arm;
pub mod disarm;
pub mod disarm_categorical;

pub use self::{arm::Arm, disarm::DisArm};
