//! Control variates of the score function, with their means added back.

pub mod action_model;
pub mod coefficient;
pub mod delta_method;
pub mod muprop;
