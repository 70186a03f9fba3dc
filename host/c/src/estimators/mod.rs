//! Estimators that call a cost function of the caller.
//!
//! The enums `sg_estimator` and `sg_class_estimator` of the header are written from the lists in
//! [`samplegrad_host::batch::estimator_kind`]; see `tests/header.rs`.

mod bernoullis;
mod callback;
mod categoricals;

pub use bernoullis::*;
pub use categoricals::*;
