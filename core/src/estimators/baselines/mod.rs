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

pub use self::{
    constant::Constant,
    leave_one_out::LeaveOneOut,
    linear_critic::{Critic, LinearCritic},
    moving_average::MovingAverage,
    optimal_baseline::{OptimalBaseline, OptimalBaselines},
    optimal_leave_one_out::OptimalLeaveOneOut,
    self_critical::SelfCritical,
};
