//! Estimators of a gradient, one a file; what they have in common; what they ask of a cost.

pub mod arm;
pub mod concrete_relaxation;
pub mod cost;
pub mod decoupled_straight_through;
pub mod disarm;
pub mod enumeration;
pub mod estimator;
pub mod gapped_straight_through;
pub mod gumbel_rao;
pub mod gumbel_rao_limit;
pub mod pathwise;
pub mod plain_straight_through;
pub mod rebar;
pub mod reinmax;
pub mod score_function;
pub mod straight_through_gumbel;
