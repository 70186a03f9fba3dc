//! The operations of samplegrad on the tensors of [burn](https://burn.dev), with backward passes of their own.
//!
//! | file | what it holds |
//! |---|---|
//! | [`gumbel_softmax`](gumbel_softmax()), [`binary_concrete`](binary_concrete()) | relaxed samples of classes and of bits, and hard ones with relaxed gradients |
//! | [`straight_through`](straight_through()) | any straight-through estimator of the core: plain, Gumbel, Gumbel-Rao, gapped, ReinMax ... |
//! | [`Samples`] | losses of the score function: REINFORCE, leave-one-out |
//! | [`AntitheticPair`] | the loss of DisARM |
//! | [`RebarDraw`] | the loss of REBAR |
//! | [`normal`](normal()) | normal variables, reparameterized |
//! | [`log_prob`](log_prob()), [`entropy`](entropy()) | likelihoods; what KL divergences from uniform priors are made of |
//!
//! Values and gradients are computed on the host in `f32`, by the same kernels as everything here, and noise comes from
//! [`Streams`](samplegrad_host::Streams): a result has the same bits on every machine and in every width, as far as the
//! tensors that go in have. A tensor of any device and checkpointing strategy is taken; one that is not on burn's CPU backend
//! `flex` is copied there and back. Gradients are of the first order, as burn's are.
//!
//! # Losses
//! An expected cost `E_{x ~ q}[f(x)]` of discrete `x` has a gradient in the logits of `q` that no chain rule gives. A loss
//! here takes what was drawn and the costs `f(x)` that your program made of it, and returns one number a row, the estimate
//! of the mean cost. Backwards it hands the logits the estimator's gradient, and each cost its share in the mean, so that the
//! parameters within `f` learn by the same pass:
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use samplegrad_burn::{Samples, Variables};
//! use samplegrad_host::Streams;
//!
//! let device = Device::flex().autodiff();
//! let logits = Tensor::<2>::from_data([[0.0, 1.0], [2.0, -1.0]], &device).require_grad();
//! let mut streams = Streams::new(2026, 4)?;
//! let samples = Samples::draw(&logits, Variables::Bits, 4, &mut streams)?;      // four of each row
//! let costs = samples.values().sum_dim(1).squeeze_dim::<1>(1);                  // f: how many bits are set
//! let loss = samples.leave_one_out(costs)?.mean();
//! let gradient = logits.grad(&loss.backward()).expect("it requires one");
//! assert_eq!(gradient.dims(), [2, 2]);
//! # Ok::<(), samplegrad_host::Error>(())
//! ```
//!
//! Why burn: it is Rust throughout, has an automatic differentiation that takes backward passes of others, and is kept. Needs
//! Rust 1.95, as burn 0.22 does; the other crates do not.

#![deny(unsafe_code)]

mod binary_concrete;
mod disarm;
mod entropy;
mod gumbel_softmax;
mod log_prob;
mod node;
mod normal;
mod rebar;
mod replay;
mod samples;
mod straight_through;
mod variables;

pub use binary_concrete::binary_concrete;
pub use disarm::AntitheticPair;
pub use entropy::entropy;
pub use gumbel_softmax::{gumbel_softmax, gumbel_softmax_with_noise};
pub use log_prob::log_prob;
pub use normal::normal;
pub use rebar::RebarDraw;
pub use replay::{Linear, MOST_CLASSES, OfBits, OfClasses};
pub use samples::Samples;
pub use straight_through::{straight_through, straight_through_bits};
pub use variables::Variables;
