//! The register of estimators, one line each, by the kind of variables.

use samplegrad_core::{
    Decay, Features, MovingAverage, Rebar, Temperature,
    action_model::PerAction,
    arm::Arm,
    coefficient::Coefficient,
    concrete_relaxation::ConcreteRelaxation,
    coupling::Coupling,
    decoupled_straight_through::DecoupledStraightThrough,
    delta_method::{DeltaMethod, SecondOrder},
    disarm::DisArm,
    enumeration::Enumeration,
    gapped_straight_through::GappedStraightThrough,
    gumbel_rao::GumbelRao,
    gumbel_rao_limit::GumbelRaoLimit,
    lane::Lane,
    leave_one_out::LeaveOneOut,
    measure_valued::MeasureValued,
    muprop::MuProp,
    optimal_baseline::{OptimalBaseline, OptimalBaselines},
    optimal_leave_one_out::OptimalLeaveOneOut,
    pathwise::Pathwise,
    plain_straight_through::PlainStraightThrough,
    rebar_tuned::TunedRebar,
    reinmax::ReinMax,
    relax::{BlackBox, Relax},
    score_function::ScoreFunction,
    self_critical::SelfCritical,
    straight_through_gumbel::StraightThroughGumbel,
    sum_and_sample::SumAndSample,
    surrogate::Linear,
    unordered_set::UnorderedSet,
};

use crate::{
    entry::{Entry, Given},
    lanes::L,
    variable_kind::{Bits, Classes, Normals, VariableKind},
};

/// The name of the plain score function, whose time is the unit of all other times.
pub const PLAIN: &str = "score function";

/// A kind of variables with estimators in the register.
///
/// ```
/// use samplegrad_lab::{Bits, Registered};
///
/// assert!(Bits::estimators::<8>().iter().any(|entry| entry.name() == "DisARM"));
/// ```
pub trait Registered: VariableKind {
    /// Returns the estimators, in the order of the lists.
    fn estimators<const N: usize>() -> Vec<Entry<N, Self>>;
}

impl Registered for Bits {
    fn estimators<const N: usize>() -> Vec<Entry<N, Self>> {
        bits()
    }
}

impl Registered for Classes {
    fn estimators<const N: usize>() -> Vec<Entry<N, Self>> {
        classes()
    }
}

impl Registered for Normals {
    fn estimators<const N: usize>() -> Vec<Entry<N, Self>> {
        normals()
    }
}

/// The largest number of values for which enumeration is included in a comparison.
const MOST_ENUMERATED: usize = 1024;

/// Returns the estimators of Bernoulli variables.
pub fn bits<const N: usize>() -> Vec<Entry<N, Bits>> {
    vec![
        Entry::new(PLAIN, |_| ScoreFunction { baseline: L::ZERO }),
        Entry::new("score function, optimal constant", optimal_constant),
        Entry::new("moving average", |_| ScoreFunction { baseline: MovingAverage::new(decay()) }),
        Entry::new("optimal baseline, learned", |_| ScoreFunction { baseline: OptimalBaseline::new(long()) }),
        Entry::new("optimal baselines, learned", |_| ScoreFunction { baseline: OptimalBaselines::<N, L>::new(long()) }),
        Entry::new("leave-one-out of 2", |_| LeaveOneOut::<2>),
        Entry::new("leave-one-out of 4", |_| LeaveOneOut::<4>),
        Entry::new("optimal leave-one-out of 4", |_| OptimalLeaveOneOut::<4> { per_coordinate: false }),
        Entry::new("self-critical", |_| SelfCritical),
        Entry::new("per-action model", per_action),
        Entry::new("MuProp", |_| MuProp { baseline: MovingAverage::new(decay()) }),
        Entry::new("delta method, tuned", |_| DeltaMethod {
            coefficient: coefficient(),
            baseline: MovingAverage::new(decay()),
        }),
        Entry::new("delta method, second order", second_order).when(|given| given.curved),
        Entry::new("ARM", |_| Arm),
        Entry::new("DisARM", |_| DisArm),
        Entry::new("REBAR", rebar),
        Entry::new("REBAR, tied", |given| rebar(given).coupled(Coupling::Tied)),
        Entry::new("REBAR, antithetic", |given| rebar(given).coupled(Coupling::Antithetic)),
        Entry::new("REBAR, tuned", |given| tuned(given, Coupling::Independent)),
        Entry::new("REBAR, tied and tuned", |given| tuned(given, Coupling::Tied)),
        Entry::new("RELAX", |given| Relax {
            rebar: tuned(given, Coupling::Tied),
            surrogate: Linear::<N, L>::tanh(given.own_rate),
        }),
        Entry::new("RELAX of a black box", |given| BlackBox {
            coupling: Coupling::Tied,
            surrogate: Linear::<N, L>::tanh(given.own_rate),
        }),
        Entry::new("Concrete relaxation", |given| ConcreteRelaxation { tau: given.tau }),
        Entry::new("straight-through", |_| PlainStraightThrough),
        Entry::new("straight-through Gumbel", |given| StraightThroughGumbel { tau: given.tau }),
        Entry::new("decoupled straight-through", decoupled),
        Entry::new("gapped straight-through", gapped),
        Entry::new("Gumbel-Rao of 8", gumbel_rao),
        Entry::new("Gumbel-Rao, limit", |given| GumbelRaoLimit { tau: given.tau }),
        Entry::new("ReinMax", |_| ReinMax { tau: Temperature::ONE }),
        Entry::new("unordered set of 2", |_| UnorderedSet::<2> { baseline: true }).when(few_logits),
        Entry::new("unordered set of 4", |_| UnorderedSet::<4> { baseline: true }).when(few_logits),
        Entry::new("sum and sample, 2", |_| SumAndSample::<2, L> { baseline: None }).when(few_logits),
        Entry::new("enumeration", |_| Enumeration).when(enumerable).exact(),
    ]
}

/// Returns the estimators of categorical variables.
pub fn classes<const N: usize>() -> Vec<Entry<N, Classes>> {
    vec![
        Entry::new(PLAIN, |_| ScoreFunction { baseline: L::ZERO }),
        Entry::new("score function, optimal constant", optimal_constant),
        Entry::new("moving average", |_| ScoreFunction { baseline: MovingAverage::new(decay()) }),
        Entry::new("optimal baseline, learned", |_| ScoreFunction { baseline: OptimalBaseline::new(long()) }),
        Entry::new("optimal baselines, learned", |_| ScoreFunction { baseline: OptimalBaselines::<N, L>::new(long()) }),
        Entry::new("leave-one-out of 2", |_| LeaveOneOut::<2>),
        Entry::new("leave-one-out of 4", |_| LeaveOneOut::<4>),
        Entry::new("optimal leave-one-out of 4", |_| OptimalLeaveOneOut::<4> { per_coordinate: false }),
        Entry::new("self-critical", |_| SelfCritical),
        Entry::new("per-action model", per_action),
        Entry::new("DisARM", |_| DisArm),
        Entry::new("MuProp", |_| MuProp { baseline: MovingAverage::new(decay()) }),
        Entry::new("delta method, tuned", |_| DeltaMethod {
            coefficient: coefficient(),
            baseline: MovingAverage::new(decay()),
        }),
        Entry::new("delta method, second order", second_order).when(|given| given.curved),
        Entry::new("REBAR", rebar),
        Entry::new("REBAR, tied", |given| rebar(given).coupled(Coupling::Tied)),
        Entry::new("REBAR, antithetic", |given| rebar(given).coupled(Coupling::Antithetic)),
        Entry::new("REBAR, tuned", |given| tuned(given, Coupling::Independent)),
        Entry::new("REBAR, tied and tuned", |given| tuned(given, Coupling::Tied)),
        Entry::new("RELAX", |given| Relax {
            rebar: tuned(given, Coupling::Tied),
            surrogate: Linear::<N, L>::sigmoid(given.own_rate),
        }),
        Entry::new("RELAX of a black box", |given| BlackBox {
            coupling: Coupling::Tied,
            surrogate: Linear::<N, L>::sigmoid(given.own_rate),
        }),
        Entry::new("Concrete relaxation", |given| ConcreteRelaxation { tau: given.tau }),
        Entry::new("straight-through", |_| PlainStraightThrough),
        Entry::new("straight-through Gumbel", |given| StraightThroughGumbel { tau: given.tau }),
        Entry::new("decoupled straight-through", decoupled),
        Entry::new("gapped straight-through", gapped),
        Entry::new("Gumbel-Rao of 8", gumbel_rao),
        Entry::new("ReinMax", |_| ReinMax { tau: Temperature::ONE }),
        Entry::new("unordered set of 2", |_| UnorderedSet::<2> { baseline: true }).when(few_logits),
        Entry::new("unordered set of 4", |_| UnorderedSet::<4> { baseline: true }).when(few_logits),
        Entry::new("sum and sample, 2", |_| SumAndSample::<2, L> { baseline: None }).when(few_logits),
        Entry::new("enumeration", |_| Enumeration).when(enumerable).exact(),
    ]
}

/// Returns the estimators of normal variables.
pub fn normals<const N: usize>() -> Vec<Entry<N, Normals>> {
    vec![
        Entry::new(PLAIN, |_| ScoreFunction { baseline: L::ZERO }),
        Entry::new("score function, optimal constant", optimal_constant),
        Entry::new("moving average", |_| ScoreFunction { baseline: MovingAverage::new(decay()) }),
        Entry::new("optimal baseline, learned", |_| ScoreFunction { baseline: OptimalBaseline::new(long()) }),
        Entry::new("optimal baselines, learned", |_| ScoreFunction { baseline: OptimalBaselines::<N, L>::new(long()) }),
        Entry::new("leave-one-out of 2", |_| LeaveOneOut::<2>),
        Entry::new("leave-one-out of 4", |_| LeaveOneOut::<4>),
        Entry::new("optimal leave-one-out of 4", |_| OptimalLeaveOneOut::<4> { per_coordinate: false }),
        Entry::new("self-critical", |_| SelfCritical),
        Entry::new("MuProp", |_| MuProp { baseline: MovingAverage::new(decay()) }),
        Entry::new("delta method, tuned", |_| DeltaMethod {
            coefficient: coefficient(),
            baseline: MovingAverage::new(decay()),
        }),
        Entry::new("delta method, second order", second_order).when(|given| given.curved),
        Entry::new("measure-valued", |_| MeasureValued),
        Entry::new("pathwise", |_| Pathwise),
    ]
}

fn optimal_constant(given: &Given) -> ScoreFunction<L> {
    ScoreFunction { baseline: L::splat(given.optimal_constant) }
}

/// Creates REBAR; the settings were checked before.
fn rebar(given: &Given) -> Rebar {
    Rebar::new(given.tau, given.eta).expect("a weight that was checked")
}

/// Creates REBAR with learned weight and temperature.
fn tuned(given: &Given, coupling: Coupling) -> TunedRebar<L> {
    TunedRebar::new(given.tau, given.eta, coupling, given.own_rate).expect("settings that were checked")
}

fn second_order(_: &Given) -> SecondOrder<MovingAverage<L>, L> {
    SecondOrder { coefficient: Coefficient::fixed(1.0).expect("a weight"), baseline: MovingAverage::new(decay()) }
}

/// Creates the per-action model: a table of each class's cost, without features.
fn per_action<const N: usize>(given: &Given) -> PerAction<0, N, L> {
    PerAction::new(given.own_rate, Features::new([]).expect("no number to be wrong"))
}

/// Creates the decoupled estimator. It evaluates the cost at the sample itself and the gradient at temperature 1.
fn decoupled(_: &Given) -> DecoupledStraightThrough {
    DecoupledStraightThrough { forward: None, backward: Temperature::ONE }
}

fn gapped(given: &Given) -> GappedStraightThrough {
    GappedStraightThrough::new(given.tau, 1.0).expect("a gap")
}

fn gumbel_rao(given: &Given) -> GumbelRao {
    GumbelRao::new(given.tau, 8).expect("a number of draws")
}

/// Returns the decay of moving averages.
fn decay() -> Decay {
    Decay::new(0.99).expect("a decay")
}

/// Returns the decay of baselines that weight past costs.
fn long() -> Decay {
    Decay::new(0.999).expect("a decay")
}

/// Creates the learned weight of an expansion.
fn coefficient() -> Coefficient<L> {
    Coefficient::tuned(1.0, decay()).expect("a weight")
}

/// Returns whether the problem is small enough for estimators that evaluate sets of samples.
fn few_logits(given: &Given) -> bool {
    given.parameters <= 32
}

fn enumerable(given: &Given) -> bool {
    given.values.is_some_and(|values| values <= MOST_ENUMERATED)
}
