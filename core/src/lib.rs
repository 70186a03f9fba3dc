//! Gradients of `E_{x ~ p_φ}[f(x)]` with respect to `φ`, through continuous and discrete samples, on microcontrollers.
//!
//! No heap, no `unsafe`, no panic, fixed capacity. Every result has the same bits on every core and in every SIMD lane
//! of the host crate, because each kernel is written once, over [`lane::Lane`].
//!
//! | file | what it holds |
//! |---|---|
//! | [`score_function`] | the score-function estimator (REINFORCE, likelihood ratio) |
//! | [`baseline`] | constant, moving average, leave-one-out, self-critical, linear critic, per-action model |
//! | [`arm`], [`disarm`] | antithetic pairs of Bernoulli variables |
//! | [`rebar`], [`conditional`] | the score function with a relaxation as its control variate |
//! | [`enumeration`] | the exact sum over all values, and exact variances |
//! | [`gaussian`] | reparameterization of the normal distribution |
//! | [`gumbel`] | the Gumbel distribution, the law of extremes |
//! | [`gumbel_max`] | exact samples by the Gumbel-max trick |
//! | [`gumbel_softmax`] | relaxed samples (Concrete) with gradients in logits, noise and temperature |
//! | [`straight_through`] | hard samples with relaxed gradients |
//! | [`concrete`], [`binary_concrete`] | densities of relaxed samples |
//! | [`categorical`], [`bernoulli`] | log-probability, entropy, score, KL |
//! | [`estimator`], [`variables`], [`Bernoullis`], [`Categoricals`], [`cost`] | what estimators have in common |
//! | [`inverse_cdf`], [`alias_table`], [`exponential_race`] | cheaper exact samples |
//! | [`schedule`] | temperature schedules |
//! | [`softmax_policy`], [`reinforce`] | a policy that goes on learning on the device |
//! | [`noise`], [`stream`], [`source`] | random numbers and independent streams |
//! | [`lane`], [`elementary`], [`reduce`], [`softmax`], [`check`] | the arithmetic everything is made of |
//!
//! # What is checked, and when
//! Numbers are checked where a value is built ([`Logits`], [`Temperature`], [`Reward`], [`Features`] ...), with an
//! [`Error`] that names the thing and the place. After that nothing can fail: no result is checked twice, and finite
//! input gives finite output. Functions on plain slices are for callers that hold checked data, such as the lanes of
//! the host: they never panic, but what is not finite goes through them unchecked.
//!
//! # Features
//! `defmt`: `defmt::Format` on every public type.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// Folders are for whoever reads the source, from the ground up: arithmetic, noise, distributions, samplers, relaxations,
// estimators, policies. The names that users see are flat.
mod arithmetic;
pub mod baseline;
mod distributions;
mod estimators;
pub mod noise;
mod policies;
mod relaxations;
mod samplers;

pub mod check;
mod error;
mod fixed_vec;
mod parameter;
pub mod schedule;
pub mod source;
pub mod stream;
mod temperature;

pub(crate) use arithmetic::u64_lanes;
pub use arithmetic::{elementary, lane, reduce, softmax};
pub use distributions::*;
pub use estimators::*;
pub use policies::*;
pub use relaxations::*;
pub use samplers::*;

/// Vectors of fixed capacity, which results come in.
pub use heapless;

pub use alias_table::AliasTable;
pub use bernoulli::Bernoulli;
pub use binary_concrete::BinaryConcrete;
pub use categorical::Categorical;
pub use concrete::Concrete;
pub use error::Error;
pub use exponential_race::ExponentialRace;
pub use gaussian::Gaussian;
pub use gumbel::Gumbel;
pub use gumbel_softmax::GumbelSoftmax;
pub use inverse_cdf::Cdf;
pub use logits::Logits;
pub use parameter::{Decay, EntropyBonus, LearningRate, Reward};
pub use rebar::Rebar;
pub use reinforce::{Decision, Reinforce};
pub use schedule::Schedule;
pub use softmax_policy::{ActionMask, SoftmaxPolicy};
pub use source::Source;
pub use straight_through::StraightThrough;
pub use temperature::Temperature;
