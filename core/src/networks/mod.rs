//! Networks: parts of policies and critics whose parameters a learner moves.

pub mod activation;
pub mod block;
pub mod dense;
pub mod hidden;
pub mod layer_norm;
pub mod network;
