//! The operations of the core over batches: row-major `f32` slices in and out, any number of rows, any number of
//! classes.
//!
//! Each file mirrors the file of the same name in the core and runs its kernels, one row per lane. Row `b` of a result
//! has the bits that a device computes from row `b` with the row's stream of [`Streams`](crate::Streams), for any
//! number of lanes. Sizes, costs, points and noise are checked once, before anything is written. Cotangents are not
//! checked. Products with cotangents are linear, so a cotangent that is not finite makes the gradient of its row not
//! finite. [`check_finite`] finds such a cotangent.
//!
//! Lanes: every operation runs in the widest lanes of the machine, chosen at run time, unless the caller sets others
//! with `in_lanes` ([`Lanes`](crate::Lanes)). In [`estimator`] and [`estimator_kind`] the caller's cost function sets the
//! lanes.
//!
//! Threads: in a `rayon` pool, as in [`Threads::run`](crate::Threads::run), rows are divided among its threads;
//! elsewhere the caller's thread computes all. Long rows, or a few rows of hundreds of classes, are divided among
//! lanes, and each lane jumps ahead in the row's stream. Memory: the caller allocates the outputs. The first call on a
//! thread allocates all other memory, and the thread keeps this memory for later calls.

pub mod bernoulli;
pub mod binary_concrete;
pub mod categorical;
mod check;
pub mod concrete;
pub mod draws;
mod engine;
pub mod estimator;
pub mod estimator_kind;
pub mod gumbel_max;
pub mod gumbel_softmax;
pub mod inverse_cdf;
pub mod log_std_normal;
mod logits;
pub mod noise;
pub mod score_function;
pub mod straight_through;

pub use check::check_finite;
pub use engine::interrupt::{Stop, interruptible};
pub use logits::Logits;
