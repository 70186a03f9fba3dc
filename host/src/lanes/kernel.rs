//! Computations in vectors of any width.

use crate::lanes::vector::Vector;

/// A computation that is written once and runs in vectors of any width. [`Lanes::run`](crate::Lanes::run) chooses the
/// width.
///
/// A kernel may not contain a closure. A closure is compiled separately, and not for the instructions of the vectors.
///
/// ```
/// use samplegrad_core::{Source, lane::Lane, noise::{self, Uniform}};
/// use samplegrad_host::{Kernel, LaneRng, Lanes, Vector};
///
/// /// The sum of the first Gumbel number of stream 0, and its square.
/// struct Moments;
///
/// impl Kernel for Moments {
///     type Output = f32;
///     // Inlined, it is compiled for the instructions of the caller.
///     #[inline(always)]
///     fn run<V: Vector>(self) -> f32 {
///         let g = noise::gumbel::quantile(Uniform::<V>::sample(&mut LaneRng::new(2026, 0)));
///         (g + g * g).extract(0)
///     }
/// }
/// assert_eq!(Lanes::Widest.run(Moments), Lanes::Four.run(Moments));
/// ```
pub trait Kernel {
    /// The result.
    type Output;
    /// Computes in vectors of `V`. Implementations are `#[inline(always)]`: a function that is not inlined is not
    /// compiled for the instructions of `V`.
    fn run<V: Vector>(self) -> Self::Output;
}
