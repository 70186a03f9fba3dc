//! Samplers and estimators are right in distribution: every test has a quick form, which release builds run, and many a long
//! one, which is run on demand: `cargo test --release -p samplegrad-tests --test statistics long -- --ignored`.
//!
//! One program: what all of them instantiate is compiled once.

#[path = "../common/mod.rs"]
mod common;
#[path = "../exact/mod.rs"]
mod exact;
#[path = "../common/laws.rs"]
mod laws;
mod rebar_exact;
mod set_laws;

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
