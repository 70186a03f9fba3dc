//! What policies and critics are made of.

pub mod parameters;
