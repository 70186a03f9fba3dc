//! The straight-through family: relaxed samples, and hard samples with relaxed gradients.

pub mod concrete_relaxation;
pub mod decoupled_straight_through;
pub mod gapped_straight_through;
pub mod gumbel_rao;
pub mod gumbel_rao_limit;
pub mod plain_straight_through;
pub mod reinmax;
pub mod straight_through_gumbel;

pub use self::{
    concrete_relaxation::ConcreteRelaxation, decoupled_straight_through::DecoupledStraightThrough,
    gapped_straight_through::GappedStraightThrough, gumbel_rao::GumbelRao, gumbel_rao_limit::GumbelRaoLimit,
    plain_straight_through::PlainStraightThrough, reinmax::ReinMax, straight_through_gumbel::StraightThroughGumbel,
};
