//! The common trait of estimators of `∇_φ E[f(x)]`. An estimator takes variables, a cost function and a source of
//! random words, and returns a gradient.
//!
//! The trait bound of an implementation states the requirement on the cost. The bound [`Cost`](crate::cost::Cost) means
//! that the estimator needs values at samples. The bound [`DifferentiableCost`](crate::cost::DifferentiableCost) means
//! that it needs a value and a gradient, at a sample or at a relaxed sample. The documentation of each module says when
//! to use its estimator. [`register`](crate::register) lists the estimators, and
//! [`which_estimator`](crate::which_estimator) compares them.

use crate::{
    distributions::variables::Variables, estimators::cost::CostError, fixed_vec::by_fields, noise::source::Source,
};

/// Estimates of `E[f]` and of the gradient of `E[f]` in the parameters. The estimate of `E[f]` is the mean cost of the
/// samples that were drawn.
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
pub struct Estimate<V: Variables> {
    /// The estimate of `E[f]`.
    pub mean: V::Lane,
    /// The estimate of `∇_φ E[f]`, one number per parameter.
    pub gradient: V::Numbers,
}

by_fields! { Estimate<V: Variables> { mean: V::Lane, gradient: V::Numbers } }

/// The result of an estimator for variables `V`. It is an estimate, or an error with the first sample whose cost is not
/// finite.
pub type Estimated<V> = Result<Estimate<V>, CostError<<V as Variables>::Values>>;

/// An estimator of `∇_φ E[f(x)]` for variables `V` and a cost `F`. Implement this trait for a custom estimator:
///
/// ```
/// use samplegrad_core::{
///     Source,
///     cost::Cost,
///     estimator::{Estimate, Estimated, Estimator},
///     variables::Variables,
/// };
///
/// /// The score function times the cost, without a baseline.
/// struct Plain;
///
/// impl<V: Variables, F: Cost<[V::Value], V::Lane>> Estimator<V, F> for Plain {
///     fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
///         let (x, mut gradient) = variables.sample_score(source);
///         let mean = cost.value(&x);
///         gradient.iter_mut().for_each(|s| *s = mean * *s);
///         Ok(Estimate { mean, gradient })
///     }
/// }
/// ```
pub trait Estimator<V: Variables, F: ?Sized> {
    /// Draws samples, evaluates the cost, and returns the estimate.
    ///
    /// # Errors
    /// [`CostError`] with the first sample whose cost is not finite. In this case, the learned state of the estimator
    /// is unchanged.
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V>;
}
