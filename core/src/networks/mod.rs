//! Parts of policies and critics.

pub mod parameters;
