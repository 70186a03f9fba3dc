//! What every estimator of `∇_φ E[f(x)]` is: variables, a cost and a source in, a gradient out.
//!
//! What an estimator asks of the cost is the bound of its implementation: [`Cost`](crate::cost::Cost) where a value at a
//! sample is enough, [`DifferentiableCost`](crate::cost::DifferentiableCost) where its value and gradient are wanted, at a
//! sample or a relaxed one. Each page says when to use it; [`which_estimator`](crate::which_estimator) compares them.
//!
//! # Unbiased
//! "Any" are bits, classes and continuous variables; "discrete" are bits and classes, products of them included.
//!
//! | estimator | variables | asks of `f` | calls of `f` |
//! |---|---|---|---|
//! | [`Enumeration`](crate::enumeration::Enumeration) | discrete | values | `∏ K_i`, no variance |
//! | [`ScoreFunction`](crate::score_function::ScoreFunction) with a constant, a [moving average](crate::moving_average), an [optimal baseline](crate::optimal_baseline) or a [linear critic](crate::linear_critic) | any | values | 1 |
//! | [`SelfCritical`](crate::self_critical::SelfCritical) | any | values | 2 |
//! | [`LeaveOneOut`](crate::leave_one_out::LeaveOneOut), [`OptimalLeaveOneOut`](crate::optimal_leave_one_out::OptimalLeaveOneOut) | any | values | `S` |
//! | [`PerAction`](crate::action_model::PerAction) | discrete | values | 1 |
//! | [`MuProp`](crate::muprop::MuProp) | any | a value; value and gradient at the mean | 2 |
//! | [`DeltaMethod`](crate::delta_method::DeltaMethod), [`SecondOrder`](crate::delta_method::SecondOrder) | any | the same; curvature too | 2 |
//! | [`Arm`](crate::arm::Arm), [`DisArm`](crate::disarm::DisArm) | bits; DisARM of [classes](crate::disarm_categorical) too | values | 2 |
//! | [`Rebar`](crate::Rebar) | discrete | a value; value and gradient, relaxed | 3 (tied 2, antithetic 4) |
//! | [`TunedRebar`](crate::rebar_tuned::TunedRebar), [`Relax`](crate::relax::Relax) | discrete | the same | 5 (tied 3, antithetic 7) |
//! | [`BlackBox`](crate::relax::BlackBox) | discrete | values | 1 |
//! | [`UnorderedSet`](crate::unordered_set::UnorderedSet) | discrete | values | `K` |
//! | [`SumAndSample`](crate::sum_and_sample::SumAndSample) | discrete | values | `C + 1` |
//! | [`Vimco`](crate::vimco::Vimco), of the multi-sample objective | discrete | values | `S` |
//! | [`Pathwise`](crate::pathwise::Pathwise) | continuous | value and gradient | 1 |
//! | [`MeasureValued`](crate::measure_valued::MeasureValued) | normal | values | `1 + 3 n` |
//!
//! # Biased
//!
//! | estimator | variables | asks of `f` | exact for |
//! |---|---|---|---|
//! | [`ConcreteRelaxation`](crate::concrete_relaxation::ConcreteRelaxation) | discrete | value and gradient, relaxed | the relaxed variables |
//! | [`PlainStraightThrough`](crate::plain_straight_through::PlainStraightThrough) | discrete | value and gradient at a sample | linear `f` |
//! | [`StraightThroughGumbel`](crate::straight_through_gumbel::StraightThroughGumbel) | discrete | the same | |
//! | [`DecoupledStraightThrough`](crate::decoupled_straight_through::DecoupledStraightThrough) | discrete | the same, or relaxed | |
//! | [`GumbelRao`](crate::gumbel_rao::GumbelRao), [`GumbelRaoLimit`](crate::gumbel_rao_limit::GumbelRaoLimit) | discrete; bits | at a sample | |
//! | [`GappedStraightThrough`](crate::gapped_straight_through::GappedStraightThrough) | discrete | at a sample | |
//! | [`ReinMax`](crate::reinmax::ReinMax) | discrete | at a sample | linear and quadratic `f`, at `τ = 1` |

use crate::{
    distributions::variables::Variables, estimators::cost::CostError, fixed_vec::by_fields, noise::source::Source,
};

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
pub struct Estimate<V: Variables> {
    /// Of `E[f]`.
    pub mean: V::Lane,
    /// Of `∇_φ E[f]`, a number per parameter.
    pub gradient: V::Numbers,
}

by_fields! { Estimate<V: Variables> { mean: V::Lane, gradient: V::Numbers } }

/// An estimate for variables `V`, or the first sample whose cost is not finite.
pub type Estimated<V> = Result<Estimate<V>, CostError<<V as Variables>::Values>>;

/// An estimator of `∇_l E[f(x)]` for variables `V` and a cost `F`. One that is yours takes one implementation:
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
    /// Draws what it needs, asks the cost, and estimates.
    ///
    /// # Errors
    /// [`CostError`] with the first sample whose cost is not finite; what the estimator has learned is left as it was.
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V>;
}
