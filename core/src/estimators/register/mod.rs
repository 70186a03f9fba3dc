//! The register of estimators: one line for each estimator and setting, by the kind of variables.
//!
//! A program that treats all estimators alike visits the register. It implements [`Visitor`] and calls the function for
//! its variables and its cost. Functions with `by_values` and `by_learning` in their name need the values of the cost
//! alone; the estimators of the second improve from estimate to estimate. Those with `by_gradients` need the gradient
//! too, and [`by_curvature`] for the second derivatives. The laboratory's comparisons, the estimators of C and Python,
//! and the tests of this crate are such programs.
//!
//! # Unbiased
//!
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
//! | [`LocalExpectation`](crate::local_expectation::LocalExpectation) | discrete | values | `1 + Σ_i K_i` |
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

mod entry;

pub use entry::{Entry, Identifier, Needs, Settings, Size, Visitor};

use crate::{
    arithmetic::lane::Lane,
    distributions::{
        bernoullis::Bernoullis,
        categoricals::Categoricals,
        factorized::Factorized,
        independent::Independent,
        log_std_normal::LogStdNormal,
        variables::{Embedded, Enumerable, Modal, PointMoments, Variables},
    },
    error::Error,
    estimators::{
        antithetic::{arm::Arm, disarm::DisArm},
        baselines::{
            leave_one_out::LeaveOneOut,
            moving_average::MovingAverage,
            optimal_baseline::{OptimalBaseline, OptimalBaselines},
            optimal_leave_one_out::OptimalLeaveOneOut,
            self_critical::SelfCritical,
        },
        continuous::{measure_valued::MeasureValued, pathwise::Pathwise},
        control_variates::{
            action_model::PerAction,
            coefficient::Coefficient,
            delta_method::{DeltaMethod, SecondOrder},
            muprop::MuProp,
        },
        cost::{Cost, DifferentiableCost, TwiceDifferentiableCost},
        enumeration::Enumeration,
        relaxed_control_variates::{
            coupling::Coupling,
            rebar::Rebar,
            rebar_tuned::TunedRebar,
            relax::{BlackBox, Relax},
            surrogate::Linear,
        },
        score_function::ScoreFunction,
        several_samples::{
            local_expectation::LocalExpectation, sum_and_sample::SumAndSample, unordered_set::UnorderedSet,
        },
        straight_through::{
            concrete_relaxation::ConcreteRelaxation, decoupled_straight_through::DecoupledStraightThrough,
            gapped_straight_through::GappedStraightThrough, gumbel_rao::GumbelRao, gumbel_rao_limit::GumbelRaoLimit,
            plain_straight_through::PlainStraightThrough, reinmax::ReinMax,
            straight_through_gumbel::StraightThroughGumbel,
        },
    },
    relaxations::perturbed::Perturbed,
    settings::{features::Features, learning::Decay, temperature::Temperature},
};

/// Visits the estimators of Bernoulli variables that need values of the cost alone and learn nothing. One of them is
/// the score function with the baseline `constant`.
pub fn bits_by_values<const N: usize, L, F, T>(constant: f32, visitor: &mut T)
where
    L: Lane,
    F: Cost<[L], L> + ?Sized,
    T: Visitor<Bernoullis<N, L>, F>,
{
    any_by_values(constant, visitor);
    let about = "Two antithetic samples. (M. Yin and M. Zhou, ICLR 2019.)";
    visitor.visit(Entry::named("ARM", 2, "arm", about), Arm);
    let about = "Two antithetic samples as in ARM, with the randomness that they share averaged out. (Z. Dong, A. Mnih \
                 and G. Tucker, NeurIPS 2020.)";
    visitor.visit(Entry::named("DisARM", 3, "disarm", about), DisArm);
    discrete_by_values(visitor);
}

/// Visits the estimators of Bernoulli variables that need values of the cost alone and learn from them.
///
/// # Errors
/// The error of a setting that an estimator refuses, after the estimators before it.
pub fn bits_by_learning<const N: usize, L, F, T>(settings: &Settings, visitor: &mut T) -> Result<(), Error>
where
    L: Lane,
    F: Cost<[L], L> + ?Sized,
    T: Visitor<Bernoullis<N, L>, F>,
{
    any_by_learning::<N, _, _, _>(visitor)?;
    discrete_by_learning::<N, _, _, _>(settings, Linear::tanh(settings.rate), visitor)
}

/// Visits the estimators of Bernoulli variables that need the gradient of the cost.
///
/// # Errors
/// The error of a setting that an estimator refuses, after the estimators before it.
pub fn bits_by_gradients<const N: usize, L, F, T>(settings: &Settings, visitor: &mut T) -> Result<(), Error>
where
    L: Lane,
    F: Cost<[L], L> + DifferentiableCost<L> + ?Sized,
    T: Visitor<Bernoullis<N, L>, F>,
{
    any_by_gradients(visitor)?;
    discrete_by_gradients::<N, _, _, _>(settings, Linear::tanh(settings.rate), visitor)?;
    visitor.visit(Entry::new("Gumbel-Rao, limit", Needs::Gradient), GumbelRaoLimit { tau: settings.tau });
    visitor.visit(Entry::new("ReinMax", Needs::Gradient), ReinMax { tau: Temperature::ONE });
    Ok(())
}

/// Visits the estimators of categorical variables that need values of the cost alone and learn nothing. One of them is
/// the score function with the baseline `constant`.
pub fn classes_by_values<const N: usize, L, F, T>(constant: f32, visitor: &mut T)
where
    L: Lane,
    F: Cost<[L::Word], L> + ?Sized,
    T: Visitor<Categoricals<N, L>, F>,
{
    any_by_values(constant, visitor);
    let about = "Two antithetic samples, drawn by stick-breaking. (Z. Dong, A. Mnih and G. Tucker, NeurIPS 2021.)";
    visitor.visit(Entry::named("DisARM", 3, "disarm", about), DisArm);
    discrete_by_values(visitor);
}

/// Visits the estimators of categorical variables that need values of the cost alone and learn from them.
///
/// # Errors
/// The error of a setting that an estimator refuses, after the estimators before it.
pub fn classes_by_learning<const N: usize, L, F, T>(settings: &Settings, visitor: &mut T) -> Result<(), Error>
where
    L: Lane,
    F: Cost<[L::Word], L> + ?Sized,
    T: Visitor<Categoricals<N, L>, F>,
{
    any_by_learning::<N, _, _, _>(visitor)?;
    discrete_by_learning::<N, _, _, _>(settings, Linear::sigmoid(settings.rate), visitor)
}

/// Visits the estimators of categorical variables that need the gradient of the cost.
///
/// # Errors
/// The error of a setting that an estimator refuses, after the estimators before it.
pub fn classes_by_gradients<const N: usize, L, F, T>(settings: &Settings, visitor: &mut T) -> Result<(), Error>
where
    L: Lane,
    F: Cost<[L::Word], L> + DifferentiableCost<L> + ?Sized,
    T: Visitor<Categoricals<N, L>, F>,
{
    any_by_gradients(visitor)?;
    discrete_by_gradients::<N, _, _, _>(settings, Linear::sigmoid(settings.rate), visitor)?;
    visitor.visit(Entry::new("ReinMax", Needs::Gradient), ReinMax { tau: Temperature::ONE });
    Ok(())
}

/// Visits the estimators of normal variables that need values of the cost alone and learn nothing. One of them is
/// the score function with the baseline `constant`.
pub fn normals_by_values<const N: usize, L, F, T>(constant: f32, visitor: &mut T)
where
    L: Lane,
    F: Cost<[L], L> + ?Sized,
    T: Visitor<Independent<LogStdNormal<L>, N>, F>,
{
    any_by_values(constant, visitor);
    visitor.visit(Entry::new("measure-valued", Needs::Values), MeasureValued);
}

/// Visits the estimators of normal variables that need values of the cost alone and learn from them.
///
/// # Errors
/// None with the settings of the lines.
pub fn normals_by_learning<const N: usize, L, F, T>(visitor: &mut T) -> Result<(), Error>
where
    L: Lane,
    F: Cost<[L], L> + ?Sized,
    T: Visitor<Independent<LogStdNormal<L>, N>, F>,
{
    any_by_learning::<N, _, _, _>(visitor)
}

/// Visits the estimators of normal variables that need the gradient of the cost.
///
/// # Errors
/// The error of a setting that an estimator refuses, after the estimators before it.
pub fn normals_by_gradients<const N: usize, L, F, T>(visitor: &mut T) -> Result<(), Error>
where
    L: Lane,
    F: Cost<[L], L> + DifferentiableCost<L> + ?Sized,
    T: Visitor<Independent<LogStdNormal<L>, N>, F>,
{
    any_by_gradients(visitor)?;
    visitor.visit(Entry::new("pathwise", Needs::Gradient), Pathwise);
    Ok(())
}

/// Visits the estimators, of variables of any kind, that need the second derivatives of the cost.
///
/// # Errors
/// None with the settings of the lines.
pub fn by_curvature<V, F, T>(visitor: &mut T) -> Result<(), Error>
where
    V: PointMoments,
    F: Cost<[V::Value], V::Lane> + TwiceDifferentiableCost<V::Lane> + ?Sized,
    T: Visitor<V, F>,
{
    let (coefficient, baseline) = (Coefficient::fixed(1.0)?, MovingAverage::<V::Lane>::new(decay()?));
    visitor.visit(Entry::new("delta method, second order", Needs::Curvature), SecondOrder { coefficient, baseline });
    Ok(())
}

fn any_by_values<V, F, T>(constant: f32, visitor: &mut T)
where
    V: Modal,
    F: Cost<[V::Value], V::Lane> + ?Sized,
    T: Visitor<V, F>,
{
    let about = "The score function of 1 sample, without a baseline.";
    let baseline = V::Lane::ZERO;
    visitor.visit(Entry::named("score function", 5, "score_function", about), ScoreFunction { baseline });
    let baseline = V::Lane::splat(constant);
    visitor.visit(Entry::new("score function, optimal constant", Needs::Values), ScoreFunction { baseline });
    let about = "The score function of 2 samples; the baseline of each sample is the cost of the other.";
    visitor.visit(Entry::named("leave-one-out of 2", 0, "leave_one_out_2", about), LeaveOneOut::<2>);
    let about = "The score function of 4 samples; the baseline of each sample is the mean cost of the others.";
    visitor.visit(Entry::named("leave-one-out of 4", 1, "leave_one_out_4", about), LeaveOneOut::<4>);
    let about = "The score function of 4 samples; the baseline of each sample is the mean cost of the others, weighted by \
                 the squared norms of their scores.";
    let line = Entry::named("optimal leave-one-out of 4", 6, "optimal_leave_one_out_4", about);
    visitor.visit(line, OptimalLeaveOneOut::<4> { per_coordinate: false });
    let about = "The score function of 1 sample; the baseline is the cost of the most probable value. (S. J. Rennie et \
                 al., CVPR 2017.)";
    visitor.visit(Entry::named("self-critical", 7, "self_critical", about), SelfCritical);
}

fn any_by_learning<const N: usize, V, F, T>(visitor: &mut T) -> Result<(), Error>
where
    V: Variables<Numbers = heapless::Vec<<V as Variables>::Lane, N>>,
    F: Cost<[V::Value], V::Lane> + ?Sized,
    T: Visitor<V, F>,
{
    let line = |name| Entry::new(name, Needs::Values);
    let long = Decay::new(0.999)?;
    let baseline = MovingAverage::<V::Lane>::new(decay()?);
    visitor.visit(line("moving average"), ScoreFunction { baseline });
    let baseline = OptimalBaseline::<V::Lane>::new(long);
    visitor.visit(line("optimal baseline, learned"), ScoreFunction { baseline });
    let baseline = OptimalBaselines::<N, V::Lane>::new(long);
    visitor.visit(line("optimal baselines, learned"), ScoreFunction { baseline });
    Ok(())
}

fn any_by_gradients<V, F, T>(visitor: &mut T) -> Result<(), Error>
where
    V: PointMoments,
    F: Cost<[V::Value], V::Lane> + DifferentiableCost<V::Lane> + ?Sized,
    T: Visitor<V, F>,
{
    let baseline = MovingAverage::<V::Lane>::new(decay()?);
    visitor.visit(Entry::new("MuProp", Needs::Gradient), MuProp { baseline });
    let coefficient = Coefficient::<V::Lane>::tuned(1.0, decay()?)?;
    visitor.visit(Entry::new("delta method, tuned", Needs::Gradient), DeltaMethod { coefficient, baseline });
    Ok(())
}

fn discrete_by_values<V, F, T>(visitor: &mut T)
where
    V: Embedded + Enumerable + Factorized,
    F: Cost<[V::Value], V::Lane> + ?Sized,
    T: Visitor<V, F>,
{
    let about = "2 different samples, drawn without replacement. (W. Kool, H. van Hoof and M. Welling, ICLR 2020.)";
    let line = Entry::named("unordered set of 2", 8, "unordered_set_2", about).of(Size::FewParameters);
    visitor.visit(line, UnorderedSet::<2> { baseline: true });
    let about = "4 different samples, drawn without replacement. (W. Kool, H. van Hoof and M. Welling, ICLR 2020.)";
    let line = Entry::named("unordered set of 4", 9, "unordered_set_4", about).of(Size::FewParameters);
    visitor.visit(line, UnorderedSet::<4> { baseline: true });
    let about = "The sum over the 2 most probable values, and 1 sample of the others. (C. Liang et al., NeurIPS 2018.)";
    let line = Entry::named("sum and sample, 2", 10, "sum_and_sample_2", about).of(Size::FewParameters);
    visitor.visit(line, SumAndSample::<2, V::Lane> { baseline: None });
    let about = "One sample, and the sum over the values of each variable in turn. (M. K. Titsias and M. Lázaro-Gredilla, \
                 NeurIPS 2015.)";
    let line = Entry::named("local expectation", 11, "local_expectation", about).of(Size::FewParameters);
    visitor.visit(line, LocalExpectation);
    let about = "The exact sum over all values: no variance.";
    visitor.visit(Entry::named("enumeration", 4, "enumeration", about).of(Size::FewValues), Enumeration);
}

fn discrete_by_learning<const N: usize, V, F, T>(
    settings: &Settings,
    surrogate: Linear<N, V::Lane>,
    visitor: &mut T,
) -> Result<(), Error>
where
    V: Perturbed + Variables<Numbers = heapless::Vec<<V as Variables>::Lane, N>>,
    F: Cost<[V::Value], V::Lane> + ?Sized,
    T: Visitor<V, F>,
{
    let per_action = PerAction::<0, N, V::Lane>::new(settings.rate, Features::new([])?);
    visitor.visit(Entry::new("per-action model", Needs::Values), per_action);
    let relax = BlackBox { coupling: Coupling::Tied, surrogate };
    visitor.visit(Entry::new("RELAX of a black box", Needs::Values), relax);
    Ok(())
}

fn discrete_by_gradients<const N: usize, V, F, T>(
    settings: &Settings,
    surrogate: Linear<N, V::Lane>,
    visitor: &mut T,
) -> Result<(), Error>
where
    V: Perturbed,
    F: Cost<[V::Value], V::Lane> + DifferentiableCost<V::Lane> + ?Sized,
    T: Visitor<V, F>,
{
    let &Settings { tau, eta, rate, .. } = settings;
    let rebar = Rebar::new(tau, eta)?;
    let tuned = |coupling| TunedRebar::<V::Lane>::new(tau, eta, coupling, rate);
    visitor.visit(Entry::new("REBAR", Needs::Gradient), rebar);
    visitor.visit(Entry::new("REBAR, tied", Needs::Gradient), rebar.coupled(Coupling::Tied));
    visitor.visit(Entry::new("REBAR, antithetic", Needs::Gradient), rebar.coupled(Coupling::Antithetic));
    visitor.visit(Entry::new("REBAR, tuned", Needs::Gradient), tuned(Coupling::Independent)?);
    visitor.visit(Entry::new("REBAR, tied and tuned", Needs::Gradient), tuned(Coupling::Tied)?);
    visitor.visit(Entry::new("RELAX", Needs::Gradient), Relax { rebar: tuned(Coupling::Tied)?, surrogate });
    visitor.visit(Entry::new("Concrete relaxation", Needs::Gradient), ConcreteRelaxation { tau });
    visitor.visit(Entry::new("straight-through", Needs::Gradient), PlainStraightThrough);
    visitor.visit(Entry::new("straight-through Gumbel", Needs::Gradient), StraightThroughGumbel { tau });
    // The cost is evaluated at the sample itself, its gradient is passed back at temperature 1.
    let decoupled = DecoupledStraightThrough { forward: None, backward: Temperature::ONE };
    visitor.visit(Entry::new("decoupled straight-through", Needs::Gradient), decoupled);
    visitor.visit(Entry::new("gapped straight-through", Needs::Gradient), GappedStraightThrough::new(tau, 1.0)?);
    visitor.visit(Entry::new("Gumbel-Rao of 8", Needs::Gradient), GumbelRao::new(tau, 8)?);
    Ok(())
}

/// Returns the decay of moving averages.
fn decay() -> Result<Decay, Error> {
    Decay::new(0.99)
}
