//! The operations of samplegrad on tensors of [burn](https://burn.dev). Each operation has a custom backward pass.
//!
//! | file | content |
//! |---|---|
//! | [`gumbel_softmax`](gumbel_softmax()), [`binary_concrete`](binary_concrete()) | relaxed samples of classes and of bits, and hard samples with relaxed gradients |
//! | [`straight_through`](straight_through()) | any straight-through estimator of the core: plain, Gumbel, Gumbel-Rao, gapped, ReinMax ... |
//! | [`Samples`] | losses of the score function: REINFORCE, leave-one-out |
//! | [`AntitheticPair`] | the loss of DisARM |
//! | [`RebarDraw`] | the loss of REBAR |
//! | [`normal`](normal()) | normal variables, reparameterized |
//! | [`log_prob`](log_prob()), [`entropy`](entropy()) | log-probabilities and entropies, from which KL divergences from uniform priors are computed |
//!
//! Values and gradients are computed on the host in `f32`, by the kernels of `samplegrad-host`. Noise comes from
//! [`Streams`](samplegrad_host::Streams). If input tensors are bit-for-bit equal, the results are bit-for-bit equal on
//! every machine and at every vector width. Tensors of any device and checkpointing strategy are accepted. A tensor
//! that is not on burn's CPU backend `flex` is copied to `flex`, and the result is copied back. Only first-order
//! gradients are supported, as in burn.
//!
//! # Losses
//! For discrete `x`, backpropagation cannot compute the gradient of an expected cost `E_{x ~ q}[f(x)]` with respect to
//! the logits of `q`. A loss of this crate takes the samples and the costs `f(x)` that your program computed from them.
//! The loss has one number per row, which is the estimate of the mean cost. The backward pass of the loss passes the
//! estimator's gradient to the logits. It also passes a gradient to each cost, namely the weight of the cost in the
//! mean. The parameters in `f` therefore learn in the same pass:
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
//! This crate uses burn because burn is written in Rust throughout, accepts custom backward passes in its automatic
//! differentiation, and is maintained. This crate needs Rust 1.95, because burn 0.22 needs this version. The other
//! crates accept older versions.

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
