//! samplegrad in SIMD lanes: every lane returns, bit for bit, what a device returns.
//!
//! This example draws relaxed samples of two rows of three classes, and computes the gradient of a cost of these
//! samples:
//!
//! ```
//! use samplegrad_core::Temperature;
//! use samplegrad_host::{Streams, batch::{Logits, gumbel_softmax}};
//!
//! let (logits, mut y, mut gradient) = ([0.0, 1.0, -1.0, 2.0, 0.0, 0.5], [0.0; 6], [0.0; 6]);
//! let mut streams = Streams::new(2026, 2)?;                                    // row b draws what device b draws
//! gumbel_softmax::sample(&Logits::new(&logits, 3)?, Temperature::ONE, &mut streams, &mut y)?;
//! let cotangent = y.map(|y| 2.0 * y - 1.0);                                    // of Σ (y − ½)²
//! gumbel_softmax::vjp(&y, &cotangent, 3, Temperature::ONE, &mut gradient)?;    // in the logits
//! # Ok::<(), samplegrad_host::Error>(())
//! ```
//!
//! | module | content |
//! |---|---|
//! | [`batch`] | the operations of the core over row-major slices, any number of rows and classes |
//! | [`fleet`] | many devices that learn online, on any number of threads |
//! | [`performance`] | measured speed of batches, compared with PyTorch, NumPy and JAX |
//! | [`Streams`], [`LaneRng`] | independent generators, one per row or lane, equal to the generators of devices |
//! | [`F32x4`], [`F32x8`], [`F32x16`] | the lanes: [`samplegrad_core`]'s kernels and learners run in any of them |
//! | [`Lanes`], [`Kernel`] | the number of lanes, chosen at run time; no choice changes a result |
//!
//! Related crates: `samplegrad-lab` (comparison of estimators with each other and with the exact gradient, plots),
//! `samplegrad-cli` (the program `samplegrad`), `samplegrad-device-log` (comparison of a device's log with its host),
//! `samplegrad-burn` (tensors of burn), `samplegrad-mpi` (several machines), `samplegrad-learners` (learners whose
//! numbers of features and actions are chosen at run time).
//!
//! # A fleet in lanes
//! Every type of the core takes a lane as its last parameter. This learner is eight devices at once, each with its own
//! random numbers, actions, rewards and weights:
//!
//! ```
//! use samplegrad_core::{
//!     ActionMask, Decay, EntropyBonus, Features, LearningRate, Reinforce, Reward,
//!     MovingAverage,
//!     lane::{Lane, Word},
//! };
//! use samplegrad_host::{F32x8, LaneRng, U32x8};
//!
//! let mut rng = LaneRng::<F32x8>::new(2026, 0);
//! let mut devices = Reinforce::<1, 2, _, F32x8>::new(
//!     MovingAverage::new(Decay::new(0.9)?),
//!     LearningRate::new(0.5)?,
//!     EntropyBonus::new(0.0)?,
//! );
//! let (x, mask) = (Features::new([F32x8::ONE])?, ActionMask::all());
//! for _ in 0..200 {
//!     let decision = devices.act(&x, &mask, &mut rng);
//!     let reward = F32x8::select(decision.action().equals(U32x8::splat(1)), F32x8::ONE, F32x8::ZERO);
//!     devices.learn(&x, &decision, Reward::new(reward)?);
//! }
//! # Ok::<(), samplegrad_core::Error>(())
//! ```

#![deny(unsafe_code)]

pub mod batch;
mod error;
pub mod fleet;
mod lanes;
pub mod performance;
mod streams;
mod threads;

pub use error::Error;
pub use lanes::{
    dispatch::{Lanes, NoSuchLanes},
    kernel::Kernel,
    native::{Native, NativeWord},
    portable::{F32x4, F32x8, F32x16, Mask32x4, Mask32x8, Mask32x16, U32x4, U32x8, U32x16},
    vector::{Block, MOST_LANES, Vector},
};
pub use streams::{lane_rng::LaneRng, streams::Streams};
pub use threads::Threads;
