//! Statistical tests of samplers and estimators. Every test has a quick form, which release builds run. Many have a
//! long form, which runs on demand: `cargo test --release -p samplegrad-tests --test statistics long -- --ignored`.
//!
//! All are in one program, so that shared generic code is compiled once.

#[path = "../common/mod.rs"]
mod common;
#[path = "../exact/mod.rs"]
mod exact;
#[path = "../common/laws.rs"]
mod laws;
mod rebar_exact;
mod set_laws;

mod bounded_heads;
mod conditional;
mod control_variates;
mod documented_figures;
mod estimators;
mod extremes;
mod families;
mod gradients;
mod implicit;
mod implicit_families;
mod integer_law;
mod large_logits;
mod learners;
mod policies;
mod rebar;
mod relaxation;
mod samplers;
mod scores;
mod sets;
mod straight_through;
