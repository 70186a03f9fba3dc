//! The register: every estimator that is compared, a line each, by the kind of variables.

use samplegrad_core::{
    Rebar,
    arm::Arm,
    coupling::Coupling,
    disarm::DisArm,
    enumeration::Enumeration,
    lane::Lane,
    pathwise::Pathwise,
    rebar_tuned::TunedRebar,
    relax::{BlackBox, Relax},
    score_function::{LeaveOneOut, ScoreFunction},
    surrogate::Linear,
};

use super::{Bits, Classes, Entry, Given, L, Normals};

/// The name of the plain score function, which the times of all others are compared with.
pub const PLAIN: &str = "score function";

/// Enumeration is compared while there are at most so many values.
const MOST_ENUMERATED: usize = 1024;

/// Estimators of Bernoulli variables.
pub fn bits<const N: usize>() -> Vec<Entry<N, Bits>> {
    vec![
        Entry::new(PLAIN, |_| ScoreFunction { baseline: L::ZERO }),
        Entry::new("score function, optimal constant", optimal_constant),
        Entry::new("leave-one-out of 2", |_| LeaveOneOut::<2>),
        Entry::new("leave-one-out of 4", |_| LeaveOneOut::<4>),
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
        Entry::new("enumeration", |_| Enumeration).when(enumerable).exact(),
    ]
}

/// Estimators of categorical variables.
pub fn classes<const N: usize>() -> Vec<Entry<N, Classes>> {
    vec![
        Entry::new(PLAIN, |_| ScoreFunction { baseline: L::ZERO }),
        Entry::new("score function, optimal constant", optimal_constant),
        Entry::new("leave-one-out of 2", |_| LeaveOneOut::<2>),
        Entry::new("leave-one-out of 4", |_| LeaveOneOut::<4>),
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
        Entry::new("enumeration", |_| Enumeration).when(enumerable).exact(),
    ]
}

/// Estimators of normal variables.
pub fn normals<const N: usize>() -> Vec<Entry<N, Normals>> {
    vec![
        Entry::new(PLAIN, |_| ScoreFunction { baseline: L::ZERO }),
        Entry::new("score function, optimal constant", optimal_constant),
        Entry::new("leave-one-out of 2", |_| LeaveOneOut::<2>),
        Entry::new("leave-one-out of 4", |_| LeaveOneOut::<4>),
        Entry::new("pathwise", |_| Pathwise),
    ]
}

fn optimal_constant(given: &Given) -> ScoreFunction<L> {
    ScoreFunction { baseline: L::splat(given.optimal_constant) }
}

/// The settings are checked before anything is built.
fn rebar(given: &Given) -> Rebar {
    Rebar::new(given.tau, given.eta).expect("a weight that was checked")
}

/// The same, its weight and temperature learned.
fn tuned(given: &Given, coupling: Coupling) -> TunedRebar<L> {
    TunedRebar::new(given.tau, given.eta, coupling, given.own_rate).expect("settings that were checked")
}

fn enumerable(given: &Given) -> bool {
    given.values.is_some_and(|values| values <= MOST_ENUMERATED)
}
