//! The laboratory: compares all estimators of a problem with each other and with the exact gradient.
//!
//! ```
//! use samplegrad_lab::{self as lab, Settings, problems};
//!
//! let problem = problems::toy(0.45, 0.0)?;
//! let settings = Settings { draws: Some(1 << 14), ..Settings::default() };
//! let comparison = lab::compare(&problem, &settings, &mut |_| ())?;
//! let arm = comparison.rows.iter().find(|row| row.name == "ARM").unwrap();
//! assert!((arm.variance - 2.083333e-4).abs() < 5.0 * arm.variance_error);
//! println!("{}", lab::text::comparison(&comparison));
//! # Ok::<(), lab::Error>(())
//! ```
//!
//! | file | content |
//! |---|---|
//! | `objective` | the interface of a problem's cost |
//! | `variable_kind` | the kinds of variables of a problem: [`Bits`], [`Classes`], [`Normals`] |
//! | `problem` | a [`Problem`]: variables, parameters, a cost |
//! | [`problems`] | the laboratory's own problems, a file each |
//! | `exact` | expectation and gradient, in closed form or by the sum over all values, in double precision |
//! | [`estimators`] | the register of estimators, one line each |
//! | `bench` | a problem with the estimators that apply, ready for drawing |
//! | `moments` | mean and variance of estimates, with their standard errors |
//! | `compare` | [`compare()`]: a [`Comparison`], a row per estimator |
//! | `learn` | [`learn()`]: objective over steps of gradient descent |
//! | [`text`], [`csv`], [`json`] | printed and written output |
//! | [`control`] | learners of control tasks: how well many devices do at the end |
//! | [`plot`] | comparisons, learning curves, confusion matrix, weights as SVG |
//!
//! # An estimator of your own
//! An implementation of the core's [`Estimator`](samplegrad_core::estimator::Estimator) is added to the estimators of a
//! comparison by one line:
//!
//! ```
//! use samplegrad_core::{
//!     Source,
//!     cost::Cost,
//!     estimator::{Estimate, Estimated, Estimator},
//!     variables::Variables,
//! };
//! use samplegrad_lab::{self as lab, Bits, Entry, Registered, Settings, problems};
//!
//! /// Twice the score function, by mistake.
//! struct Twice;
//!
//! impl<V: Variables, F: Cost<[V::Value], V::Lane>> Estimator<V, F> for Twice {
//!     fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
//!         let (x, mut gradient) = variables.sample_score(source);
//!         let mean = cost.value(&x);
//!         gradient.iter_mut().for_each(|s| *s = (mean + mean) * *s);
//!         Ok(Estimate { mean, gradient })
//!     }
//! }
//!
//! let mut entries = Bits::estimators::<8>();
//! entries.push(Entry::new("twice", |_| Twice));
//! let settings = Settings { draws: Some(1 << 14), ..Settings::default() };
//! let comparison = lab::compare_with::<8, Bits>(&problems::toy(0.45, 2.0)?, &entries, &settings, &mut |_| ())?;
//! assert!(comparison.rows.last().unwrap().biased);
//! # Ok::<(), lab::Error>(())
//! ```
//!
//! # Determinism
//! A draw belongs to one of [`STREAMS`] streams. Each stream is the generator of the device with the stream's number,
//! and sums are computed stream by stream. With one seed, all figures except times are therefore the same at every
//! width of lanes.

#![deny(unsafe_code)]

pub mod ablations;
mod bench;
mod compare;
pub mod control;
pub mod csv;
mod entry;
mod enumeration;
mod error;
pub mod estimators;
mod exact;
pub mod json;
mod lanes;
mod learn;
mod moments;
mod multilinear;
pub mod normalized;
mod objective;
pub mod plot;
mod problem;
pub mod problems;
pub mod rollouts;
mod settings;
pub mod text;
mod timing;
mod variable_kind;

pub use compare::{ALARM, Comparison, Coordinate, Row, compare, compare_rows, compare_with, rows};
pub use entry::{Entry, Given};
pub use error::{Error, TableError};
pub use estimators::Registered;
pub use exact::Exact;
pub use lanes::{CAPACITY, L, SMALL, STREAMS, Words};
pub use learn::{Curve, Learning, learn, learn_curves, learn_with};
pub use objective::{CountedCost, Objective};
pub use problem::Problem;
pub use settings::{LearnSettings, Progress, Settings};
pub use variable_kind::{Bits, Classes, Normals, VariableKind};
