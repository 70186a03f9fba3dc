//! Numbers of learners, and their stored form.

#[cfg(feature = "serde")]
pub mod arrays;
pub mod state;
