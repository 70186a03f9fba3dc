//! Finite in, finite out; what cannot be is refused and leaves all as it was. Cases are the same in every run.

#[path = "../common/mod.rs"]
mod common;
#[path = "../exact/mod.rs"]
mod exact;
mod inputs;
#[path = "../common/laws.rs"]
mod laws;

mod control_variates;
mod estimators;
mod families;
mod generator;
mod integer_numbers;
mod learners;
mod operations;
mod rebar;
mod refusals;
mod sets;
mod special;
mod unrounded;
