//! Parts of policies and critics.

pub mod block;
pub mod parameters;
