//! The operations of samplegrad on the tensors of [burn](https://burn.dev), with their own backward passes.
//!
//! | file | content |
//! |---|---|
//! | [`gumbel_softmax`](gumbel_softmax()), [`binary_concrete`](binary_concrete()) | relaxed samples of classes and of bits, and hard samples with relaxed gradients |
//! | [`straight_through`](straight_through()) | any straight-through estimator of the core: plain, Gumbel, Gumbel-Rao, gapped, ReinMax ... |
//! | [`Samples`] | losses of the score function: REINFORCE, leave-one-out |
//! | [`AntitheticPair`] | the loss of DisARM |
//! | [`RebarDraw`] | the loss of REBAR |
//! | [`normal`](normal()) | normal variables, reparameterized |
//! | [`log_prob`](log_prob()), [`entropy`](entropy()) | likelihoods; the terms of KL divergences from uniform priors |
//!
//! Values and gradients are computed on the host in `f32`, by the kernels of `samplegrad-host`. Noise comes from
//! [`Streams`](samplegrad_host::Streams). A result has the same bits on every machine and at every width, provided that
//! the input tensors have the same bits. Tensors of any device and checkpointing strategy are accepted; a tensor that
//! is not on burn's CPU backend `flex` is copied there and back. Gradients are of the first order, as in burn.
//!
//! # Losses
//! An expected cost `E_{x ~ q}[f(x)]` of discrete `x` has a gradient with respect to the logits of `q` that no chain
//! rule gives. A loss of this crate takes the samples and the costs `f(x)` that your program computed from them. It
//! returns one number per row, the estimate of the mean cost. Its backward pass gives the estimator's gradient to the
//! logits. It also gives each cost its share of the mean, so that the parameters in `f` learn in the same pass:
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
//! Reasons for burn: it is written in Rust throughout, its automatic differentiation accepts custom backward passes,
//! and it is maintained. This crate needs Rust 1.95, as burn 0.22 does; the other crates do not.

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
