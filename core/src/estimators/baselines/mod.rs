//! Baselines of the score function, and their components.

pub mod baseline;
pub mod constant;
pub mod leave_one_out;
pub mod linear_critic;
pub mod moving_average;
pub mod optimal_baseline;
pub mod optimal_leave_one_out;
pub mod self_critical;
pub(crate) mod weighted_mean;
