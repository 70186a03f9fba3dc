//! Numbers of learners, and their stored form.

pub mod in_place;
#[cfg(feature = "serde")]
pub mod numbers;
