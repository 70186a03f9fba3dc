//! Sampling and learning with integers only, for cores without a floating-point unit.
//!
//! Logits are to base 2, so that a power or a logarithm is a shift and a table look-up. There is no division. In loops
//! over classes or features, only the products of Gumbel noise exceed 32 bits. All code is generic over the lane: a
//! lane of the host computes the same bits as a device.
//!
//! | number | sign | fraction bits | range |
//! |---|---|---|---|
//! | logit, to base 2 ([`FixedLogits`]) | signed | 16 | ±16384, or masked |
//! | [`exp2()`], `2^{−d}` of a distance `d` below the mode | unsigned | 30 | 0 to 1 |
//! | [`log2()`] of a word divided by 2^32, negated | unsigned | 27 | 0 to 32 |
//! | Gumbel noise to base 2 ([`gumbel_max::noise`]) | signed | 24 | −4.2 to 25 |
//! | weight of a policy ([`IntegerPolicy`]) | signed | 16 | between ±32 |
//! | feature ([`ByteFeatures`]) | signed | 7 | −1 to 127/128 |
//! | probability | unsigned | 16 | 0 to 1 |
//! | reward and baseline ([`FixedReward`]) | signed | 16 | ±256 |
//! | rate ([`FixedRate`]), decay | unsigned | 16 | up to 16, up to 1 |
//!
//! Inputs out of range are refused when a number is created. After that, weights and steps are clamped to their ranges,
//! and every sum has room for the largest possible terms. Therefore, nothing wraps around.
//!
//! For ten classes, the distributions of the samplers differ from softmax by at most 1e−6 in total variation, including
//! the effect of quantised logits. This is computed by enumerating all words.
//!
//! Sources: P. T. P. Tang, *Table-lookup algorithms for elementary functions and their error analysis*, 1991 (tables);
//! R. J. Williams, Machine Learning 8, 1992 (REINFORCE).

pub mod exp2;
mod fixed_point;
pub mod gumbel_max;
pub mod inverse_cdf;
pub mod log2;
mod logits;
mod policy;
mod product;
mod reinforce;
#[cfg(feature = "serde")]
mod stored;

pub use exp2::exp2;
pub use fixed_point::{FixedRate, FixedReward};
pub use inverse_cdf::FixedWeights;
pub use log2::log2;
pub use logits::FixedLogits;
pub use policy::{ByteFeatures, IntegerPolicy};
pub use reinforce::{IntegerDecision, IntegerReinforce};
