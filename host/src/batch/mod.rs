//! The operations of the core over batches: row-major `f32` slices in and out, any number of rows, any number of
//! classes.
//!
//! Each file mirrors the one of the same name in the core and runs its kernels, one row per lane. Row `b` of a result
//! has the bits that a device computes from row `b`, with the stream that [`Streams`](crate::Streams) gives it, at every
//! width. Sizes, and costs, points and noise, are checked once, before anything is written. Cotangents are not: products with them
//! are linear, and one that is not finite makes the gradient of its row not finite; [`check_finite`] finds it.
//!
//! Widths: what draws, relaxes and estimates runs in the widest lanes that the machine has, chosen when the program runs
//! ([`dispatch`](crate::dispatch)), unless another width is asked for with `in_lanes`. The rest runs in [`Native`] lanes.
//!
//! Threads: in a `rayon` pool, as in [`Threads::run`](crate::Threads::run), rows are spread over its threads; elsewhere the
//! caller's thread does all. Long rows, or a few of hundreds of classes, are cut among lanes, each of which is sent ahead in the row's
//! stream. Memory: outputs are the caller's; what else is needed is allocated by the first call on a thread, and kept.

pub mod bernoulli;
pub mod binary_concrete;
pub mod categorical;
pub mod concrete;
pub mod draws;
pub mod estimator;
mod exponential_race;
pub mod gaussian;
pub mod gumbel_max;
pub mod gumbel_softmax;
mod interrupt;
pub mod inverse_cdf;
mod logits;
mod long_row;
pub mod noise;
mod parts;
mod race;
mod row;
pub mod score_function;
mod scratch;
pub mod straight_through;
mod tile;

pub use interrupt::{Stop, interruptible};
pub use logits::Logits;
pub use tile::check_finite;

#[cfg(not(target_feature = "avx"))]
use crate::{F32x4 as Widest, U32x4 as WidestWord};
#[cfg(all(target_feature = "avx", not(target_feature = "avx512f")))]
use crate::{F32x8 as Widest, U32x8 as WidestWord};
#[cfg(target_feature = "avx512f")]
use crate::{F32x16 as Widest, U32x16 as WidestWord};

/// The widest vector that this build's target has in one register.
///
/// ```
/// use samplegrad_core::lane::Lane;
/// use samplegrad_host::batch::Native;
///
/// assert!([4, 8, 16].contains(&Native::LANES));
/// ```
pub type Native = Widest;

/// The words of [`Native`], by a name that a crate can implement a trait of the core for beside `Native`.
///
/// ```
/// use samplegrad_core::lane::Lane;
/// use samplegrad_host::batch::{Native, NativeWord};
///
/// let words: NativeWord = Native::ONE.to_bits();
/// ```
pub type NativeWord = WidestWord;
