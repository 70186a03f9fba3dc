//! What every estimator of `∇_l E[f(x)]` is: variables, a cost and a source in, a gradient out.
//!
//! What an estimator asks of the cost is the bound of its implementation: [`Cost`](crate::cost::Cost) where a value at a
//! sample is enough, [`DifferentiableCost`](crate::cost::DifferentiableCost) where its value and gradient are wanted, at relaxed samples of discrete
//! variables.
//!
//! | estimator | variables | asks of `f` | calls of `f` | unbiased |
//! |---|---|---|---|---|
//! | [`Enumeration`](crate::enumeration::Enumeration) | any | values | `∏ K_i` | exact |
//! | [`ScoreFunction`](crate::score_function::ScoreFunction) | any | values | 1 | yes |
//! | [`LeaveOneOut`](crate::score_function::LeaveOneOut) | any | values | `S` | yes |
//! | [`Arm`](crate::arm::Arm) | Bernoulli | values | 2 | yes |
//! | [`Pathwise`](crate::pathwise::Pathwise) | continuous | value and gradient | 1 | yes |
//! | [`Rebar`](crate::Rebar) | any | values; value and gradient, relaxed | 3 | yes |
//! | [`DisArm`](crate::disarm::DisArm) | Bernoulli | values | 2 | yes |

use heapless::Vec;

use crate::{Source, cost::CostError, lane::Lane, variables::Variables};

/// An estimate: of `E[f]`, the mean cost of the samples that were drawn, and of its gradient in the logits.
///
/// ```
/// use samplegrad_core::{Bernoullis, enumeration::Enumeration, estimator::Estimator, stream};
///
/// let b = Bernoullis::<2>::new(&[0.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let estimate = Enumeration.estimate(&b, &mut |b: &[f32]| 2.0 * b[0], rng).unwrap();
/// assert_eq!((estimate.mean, estimate.gradient.as_slice()), (1.0, &[0.5][..]));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Estimate<const N: usize, L: Lane = f32> {
    /// Of `E[f]`.
    pub mean: L,
    /// Of `∇_l E[f]`, a number per logit.
    pub gradient: Vec<L, N>,
}

/// An estimator of `∇_l E[f(x)]` for variables `V` and a cost `F`. One that is yours takes one implementation:
///
/// ```
/// use samplegrad_core::{
///     Source,
///     cost::{Cost, CostError},
///     estimator::{Estimate, Estimator},
///     heapless::Vec,
///     variables::Variables,
/// };
///
/// /// The score function times the cost, without a baseline.
/// struct Plain;
///
/// impl<const N: usize, V: Variables<N>, F: Cost<[V::Value]>> Estimator<N, V, F> for Plain {
///     fn estimate<S: Source<f32> + ?Sized>(
///         &mut self,
///         variables: &V,
///         cost: &mut F,
///         source: &mut S,
///     ) -> Result<Estimate<N>, CostError<Vec<V::Value, N>>> {
///         let x = variables.sample(source);
///         let mean = cost.value(&x);
///         Ok(Estimate { mean, gradient: variables.score(&x).iter().map(|s| mean * s).collect() })
///     }
/// }
/// ```
pub trait Estimator<const N: usize, V: Variables<N, L>, F: ?Sized, L: Lane = f32> {
    /// Draws what it needs, asks the cost, and estimates.
    ///
    /// # Errors
    /// [`CostError`] with the first sample whose cost is not finite; what the estimator has learned is left as it was.
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &V,
        cost: &mut F,
        source: &mut S,
    ) -> Result<Estimate<N, L>, CostError<Vec<V::Value, N>>>;
}
