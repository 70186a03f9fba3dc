//! Relaxations as control variates.

pub mod coupling;
pub mod rebar;
pub mod rebar_tuned;
pub mod relax;
pub mod surrogate;
pub(crate) mod variance_descent;

pub use self::{
    rebar::Rebar,
    rebar_tuned::TunedRebar,
    relax::{BlackBox, Relax},
};
