//! Noise: random numbers that do not depend on any parameter.
//!
//! Each kind has a function `quantile`, which maps a [`Uniform`] to the number, and a function `sample`, which draws a
//! number from a [`Source`]. A sample is the quantile of a uniform number; samples of Gumbel and exponential numbers
//! have one rounding less. One 32-bit word makes one number. All 32 bits are used, and the uniform number is precise at
//! both ends, so the tails extend to 2^−33 on either side.
//!
//! | noise | number | range from 32-bit words |
//! |---|---|---|
//! | [`uniform`] | `u = (k + ½)/2^32` | `2^−33 … 1 − 2^−33` |
//! | [`exponential`] | `−ln(1 − u)` | `1.2e−10 … 22.9` |
//! | [`gumbel`] | `−ln(−ln u)` | `−3.13 … 22.9` |
//! | [`logistic`] | `ln u − ln(1 − u)` | `−22.9 … 22.9` |
//! | [`normal`] | `Φ^{−1}(u)` | `−6.3 … 6.3` |
//! | [`laplace`] | `± ln(2 min(u, 1 − u))` | `−22.2 … 22.2` |
//! | [`cauchy`] | `tan(π (u − ½))` | `−2.7e9 … 2.7e9` |

pub mod cauchy;
pub mod exponential;
pub(crate) mod fine_normal;
pub mod gumbel;
pub mod laplace;
pub mod logistic;
pub mod normal;
pub mod source;
pub mod stream;
pub mod uniform;

pub use uniform::Uniform;

use crate::{arithmetic::lane::Lane, noise::source::Source};

/// Fills `out` from first to last with numbers drawn by the `sample` of one kind of noise.
///
/// ```
/// use samplegrad_core::{noise, stream};
///
/// let mut g = [0.0_f32; 3];
/// noise::fill(noise::gumbel::sample, &mut stream::xorshift(1, 0), &mut g);
/// assert!(g.iter().all(|g| g.is_finite()));
/// ```
#[inline]
pub fn fill<L: Lane, S: Source<L> + ?Sized>(sample: impl Fn(&mut S) -> L, source: &mut S, out: &mut [L]) {
    for x in out {
        *x = sample(source);
    }
}
