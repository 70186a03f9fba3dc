//! Numbers of learners, and their stored form.

pub mod flat;
pub mod in_place;
#[cfg(feature = "serde")]
pub mod numbers;
