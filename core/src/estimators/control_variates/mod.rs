//! Control variates of the score function, with their means added back.

pub mod action_model;
pub mod coefficient;
pub mod delta_method;
pub mod muprop;

pub use self::{
    action_model::{ActionModel, PerAction},
    delta_method::{DeltaMethod, SecondOrder},
    muprop::MuProp,
};
