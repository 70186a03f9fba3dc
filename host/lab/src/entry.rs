//! An estimator in the register: its name and how it is made.

use std::fmt;

use samplegrad_core::{
    LearningRate, Temperature,
    estimator::{Estimated, Estimator},
};
use samplegrad_host::LaneRng;

use crate::{lanes::L, objective::CountedCost, variable_kind::VariableKind};

/// What an estimator may know of a problem before it draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Given {
    /// How many parameters there are.
    pub parameters: usize,
    /// How many values discrete variables have, where they can be gone through.
    pub values: Option<usize>,
    /// The constant baseline with the smallest variance of all coordinates together.
    pub optimal_constant: f32,
    /// Whether the cost's curvature is known.
    pub curved: bool,
    /// The temperature of relaxations.
    pub tau: Temperature,
    /// The weight of control variates.
    pub eta: f32,
    /// How fast estimators that learn do so.
    pub own_rate: LearningRate,
}

/// What one draw makes: an estimate, or the sample whose cost is not finite.
pub(super) type Drawn<const N: usize, K> = Estimated<<K as VariableKind>::Variables<N>>;

/// An estimator of a problem, whichever it is.
pub(super) trait Draw<const N: usize, K: VariableKind> {
    fn draw(&mut self, variables: &K::Variables<N>, cost: &mut CountedCost<K>, rng: &mut LaneRng<L>) -> Drawn<N, K>;
}

impl<const N: usize, K: VariableKind, E: Estimator<K::Variables<N>, CountedCost<K>>> Draw<N, K> for E {
    fn draw(&mut self, variables: &K::Variables<N>, cost: &mut CountedCost<K>, rng: &mut LaneRng<L>) -> Drawn<N, K> {
        self.estimate(variables, cost, rng)
    }
}

type Build<const N: usize, K> = Box<dyn Fn(&Given) -> Box<dyn Draw<N, K>>>;

/// An estimator in the register, for variables of one kind with at most `N` parameters.
///
/// ```
/// use samplegrad_core::arm::Arm;
/// use samplegrad_lab::{Bits, Entry};
///
/// assert_eq!(Entry::<8, Bits>::new("ARM", |_| Arm).name(), "ARM");
/// ```
pub struct Entry<const N: usize, K: VariableKind> {
    name: String,
    build: Build<N, K>,
    applies: fn(&Given) -> bool,
    exact: bool,
}

impl<const N: usize, K: VariableKind> fmt::Debug for Entry<N, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<const N: usize, K: VariableKind> Entry<N, K> {
    /// A name, and a new estimator for what is known of the problem.
    pub fn new<E>(name: impl Into<String>, build: impl Fn(&Given) -> E + 'static) -> Self
    where
        E: Estimator<K::Variables<N>, CountedCost<K>> + 'static,
    {
        let build: Build<N, K> = Box::new(move |given| Box::new(build(given)));
        Self { name: name.into(), build, applies: |_| true, exact: false }
    }

    /// Only for problems of which this holds.
    #[must_use]
    pub fn when(self, applies: fn(&Given) -> bool) -> Self {
        Self { applies, ..self }
    }

    /// One that draws nothing, so that a few estimates say all.
    #[must_use]
    pub fn exact(self) -> Self {
        Self { exact: true, ..self }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_exact(&self) -> bool {
        self.exact
    }

    pub(super) fn applies(&self, given: &Given) -> bool {
        (self.applies)(given)
    }

    pub(super) fn build(&self, given: &Given) -> Box<dyn Draw<N, K>> {
        (self.build)(given)
    }
}
