//! Gradients of `E_{x ~ p_φ}[f(x)]` with respect to `φ`, through continuous and discrete samples, on microcontrollers.
//!
//! No heap, no `unsafe`, no panic, fixed capacity. Every result has the same bits on every core and in every SIMD lane
//! of the host crate, because each kernel is written once, over [`lane::Lane`].
//!
//! # Estimators
//! [`estimator`] is what they have in common and lists them all; [`which_estimator`] helps to choose, [`device_costs`] says what
//! operations cost on a device.
//!
//! | file | what it holds |
//! |---|---|
//! | [`score_function`] | the score-function estimator (REINFORCE, likelihood ratio) |
//! | [`moving_average`], [`optimal_baseline`], [`leave_one_out`], [`optimal_leave_one_out`], [`self_critical`], [`linear_critic`] | its baselines |
//! | [`action_model`], [`muprop`], [`delta_method`], [`coefficient`] | its control variates with a mean that is added back |
//! | [`arm`], [`disarm`] | antithetic pairs of bits |
//! | [`rebar`], [`rebar_tuned`], [`relax`], [`coupling`], [`surrogate`] | relaxations as control variates |
//! | [`unordered_set`], [`sum_and_sample`], [`vimco`] | several different samples; the multi-sample objective |
//! | [`enumeration`] | the exact sum over all values, and exact variances |
//! | [`pathwise`], [`measure_valued`] | continuous variables: with a gradient of the cost, and without |
//! | [`concrete_relaxation`] | relaxed samples |
//! | [`plain_straight_through`], [`straight_through_gumbel`], [`decoupled_straight_through`], [`gumbel_rao`], [`gumbel_rao_limit`], [`gapped_straight_through`], [`reinmax`] | the straight-through family |
//! | [`cost`] | what they ask of `f` |
//!
//! # Distributions
//!
//! | file | what it holds |
//! |---|---|
//! | [`variables`], [`Bernoullis`], [`Categoricals`], [`independent`], [`factorized`] | products of variables |
//! | [`bernoulli`], [`categorical`] | log-probability, entropy, score, KL |
//! | [`family`]: [`gaussian`], [`normal`], [`logistic`], [`laplace`], [`gumbel`], [`cauchy`], [`uniform_interval`], [`exponential`], [`weibull`], [`pareto`], [`log_normal`], [`kumaraswamy`] | reparameterized by their inverse distribution functions |
//! | [`gumbel_fit`] | extreme values: the Gumbel distribution fitted to block maxima, online |
//! | [`gamma`], [`beta`], [`dirichlet`], [`student_t`] | reparameterized implicitly |
//! | [`multivariate_normal`] | reparameterized by a Cholesky factor |
//!
//! # Samples and relaxations
//!
//! | file | what it holds |
//! |---|---|
//! | [`gumbel_max`], [`gumbel_top_k`], [`stochastic_beam`] | samples by the Gumbel-max trick; without replacement |
//! | [`inverse_cdf`], [`alias_table`], [`exponential_race`] | cheaper exact samples |
//! | [`gumbel_softmax`], [`relaxed_race`], [`straight_through`] | relaxed samples (Concrete) and hard ones with relaxed gradients |
//! | [`concrete`], [`binary_concrete`] | densities of relaxed samples |
//! | [`perturbed`], [`conditional`] | perturbed logits, and given what they led to |
//! | [`schedule`] | temperature schedules |
//!
//! # On the device, and underneath
//!
//! | file | what it holds |
//! |---|---|
//! | [`softmax_policy`], [`reinforce`] | a policy that goes on learning on the device |
//! | [`LinearPolicy`], [`Head`]: [`SoftmaxHead`], [`BernoulliHead`], [`GaussianHead`] | policies of one action of several, of bits, of real numbers |
//! | [`TraceReinforce`], [`EpisodicReinforce`], [`ActorCritic`] | learners of episodes, in constant memory |
//! | [`Optimizer`]: [`Sgd`], [`Momentum`], [`Adam`]; [`discounted_returns`] | how they step; returns of a recording |
//! | [`baseline`] | what it learns against: constant, moving average, linear critic, per-action model |
//! | [`noise`], [`stream`], [`source`] | random numbers and independent streams |
//! | [`lane`], [`elementary`], [`special`], [`reduce`], [`linear`], [`softmax`], [`check`] | the arithmetic everything is made of |
//!
//! # Without a floating-point unit
//!
//! | file | what it holds |
//! |---|---|
//! | [`integer`] | logits to base 2, samplers, a policy that learns, all in integers |
//!
//! # What is checked, and when
//! Numbers are checked where a value is built ([`Logits`], [`Temperature`], [`Reward`], [`Features`] ...), with an
//! [`Error`] that names the thing and the place. After that nothing can fail: no result is checked twice, and finite
//! input gives finite output. Functions on plain slices are for callers that hold checked data, such as the lanes of
//! the host: they never panic, but what is not finite goes through them unchecked.
//!
//! # Features
//! `defmt`: `defmt::Format` on every public type. `serde`: `Serialize` and `Deserialize` on every learner, what it is made
//! of and steered by; what a constructor would refuse is refused there too. The crate `samplegrad-snapshot` keeps it in flash.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// Folders are for whoever reads the source, from the ground up: arithmetic, noise, distributions, samplers, relaxations,
// estimators, policies. The names that users see are flat.
mod arithmetic;
pub mod baseline;
mod bits;
mod distributions;
mod estimators;
pub mod integer;
pub mod noise;
mod optimizers;
mod policies;
mod relaxations;
mod samplers;

pub mod check;
pub mod device_costs;
mod error;
mod fixed_vec;
mod parameter;
pub mod schedule;
#[cfg(feature = "serde")]
mod serde_arrays;
pub mod source;
mod state;
pub mod stream;
mod temperature;
pub mod which_estimator;

pub use arithmetic::{elementary, lane, largest_sum, linear, reduce, softmax};
pub(crate) use arithmetic::{u64_lanes, unit_log};
pub use distributions::*;
pub use estimators::*;
pub use optimizers::*;
pub use policies::*;
pub use relaxations::*;
pub use samplers::*;

/// Vectors of fixed capacity, which results come in.
pub use heapless;

pub use alias_table::AliasTable;
pub use bernoulli::Bernoulli;
pub use binary_concrete::BinaryConcrete;
pub use bits::BITS;
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
