//! The common trait of estimators of `∇_φ E[f(x)]`. An estimator takes variables, a cost function and a source of
//! random words, and returns a gradient.
//!
//! The trait bound of an implementation states the requirement on the cost. The bound [`Cost`](crate::cost::Cost) means
//! that the estimator needs values at samples. The bound [`DifferentiableCost`](crate::cost::DifferentiableCost) means
//! that it needs a value and a gradient, at a sample or at a relaxed sample. The documentation of each module says when
//! to use its estimator. [`which_estimator`](crate::which_estimator) compares the estimators.
//!
//! # Unbiased
//! "Any" means bits, classes and continuous variables. "Discrete" means bits, classes, and products of bits or classes.
//!
//! | estimator | variables | needs from `f` | calls of `f` |
//! |---|---|---|---|
//! | [`Enumeration`](crate::enumeration::Enumeration) | discrete | values | `∏ K_i`, no variance |
//! | [`ScoreFunction`](crate::score_function::ScoreFunction) with a constant, a [moving average](crate::moving_average), an [optimal baseline](crate::optimal_baseline) or a [linear critic](crate::linear_critic) | any | values | 1 |
//! | [`SelfCritical`](crate::self_critical::SelfCritical) | any | values | 2 |
//! | [`LeaveOneOut`](crate::leave_one_out::LeaveOneOut), [`OptimalLeaveOneOut`](crate::optimal_leave_one_out::OptimalLeaveOneOut) | any | values | `S` |
//! | [`PerAction`](crate::action_model::PerAction) | discrete | values | 1 |
//! | [`MuProp`](crate::muprop::MuProp) | any | a value at a sample; value and gradient at the mean | 2 |
//! | [`DeltaMethod`](crate::delta_method::DeltaMethod), [`SecondOrder`](crate::delta_method::SecondOrder) | any | a value at a sample; value and gradient at the mean; second order also needs the curvature at the mean | 2 |
//! | [`Arm`](crate::arm::Arm), [`DisArm`](crate::disarm::DisArm) | bits; for DisARM, [classes](crate::disarm_categorical) too | values | 2 |
//! | [`Rebar`](crate::Rebar) | discrete | a value at a sample; value and gradient at relaxed samples | 3; with tied noise 2; with antithetic noise 4 |
//! | [`TunedRebar`](crate::rebar_tuned::TunedRebar), [`Relax`](crate::relax::Relax) | discrete | a value at a sample; value and gradient at relaxed samples | 5; with tied noise 3; with antithetic noise 7 |
//! | [`BlackBox`](crate::relax::BlackBox) | discrete | values | 1 |
//! | [`UnorderedSet`](crate::unordered_set::UnorderedSet) | discrete | values | `K` |
//! | [`SumAndSample`](crate::sum_and_sample::SumAndSample) | discrete | values | `C + 1` |
//! | [`Vimco`](crate::vimco::Vimco), for the multi-sample objective | discrete | values | `S` |
//! | [`Pathwise`](crate::pathwise::Pathwise) | continuous | value and gradient | 1 |
//! | [`MeasureValued`](crate::measure_valued::MeasureValued) | normal | values | `1 + 3 n` |
//!
//! # Biased
//!
//! | estimator | variables | needs from `f` | exact for |
//! |---|---|---|---|
//! | [`ConcreteRelaxation`](crate::concrete_relaxation::ConcreteRelaxation) | discrete | value and gradient at a relaxed sample | the relaxed variables |
//! | [`PlainStraightThrough`](crate::plain_straight_through::PlainStraightThrough) | discrete | value and gradient at a sample | linear `f` |
//! | [`StraightThroughGumbel`](crate::straight_through_gumbel::StraightThroughGumbel) | discrete | value and gradient at a sample | |
//! | [`DecoupledStraightThrough`](crate::decoupled_straight_through::DecoupledStraightThrough) | discrete | value and gradient at a sample or a relaxed sample | |
//! | [`GumbelRao`](crate::gumbel_rao::GumbelRao), [`GumbelRaoLimit`](crate::gumbel_rao_limit::GumbelRaoLimit) | discrete; bits | value and gradient at a sample | |
//! | [`GappedStraightThrough`](crate::gapped_straight_through::GappedStraightThrough) | discrete | value and gradient at a sample | |
//! | [`ReinMax`](crate::reinmax::ReinMax) | discrete | value and gradient at a sample | linear and quadratic `f`, at `τ = 1` |

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
