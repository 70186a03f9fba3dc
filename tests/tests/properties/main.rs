//! Property tests: finite input gives finite output; invalid input is refused and changes nothing. The cases are the
//! same in every run.

#[path = "../common/mod.rs"]
mod common;
#[path = "../exact/mod.rs"]
mod exact;
mod inputs;
#[path = "../common/laws.rs"]
mod laws;

mod control_variates;
mod elementary;
mod estimators;
mod families;
mod generator;
mod integer_numbers;
mod learners;
mod networks;
mod operations;
mod ppo;
mod rebar;
mod refusals;
mod sets;
mod special;
mod unrounded;
mod weighted_sums;
