//! An estimator in the register: its name and its constructor.

use std::fmt;

use samplegrad_core::{
    LearningRate, Temperature,
    estimator::{Estimated, Estimator},
};
use samplegrad_host::LaneRng;

use crate::{lanes::L, objective::CountedCost, variable_kind::VariableKind};

/// The information about a problem that is available to an estimator's constructor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Given {
    /// The number of parameters.
    pub parameters: usize,
    /// The number of values of discrete variables, if they can be enumerated.
    pub values: Option<usize>,
    /// The constant baseline that minimises the sum of the variances of all coordinates.
    pub optimal_constant: f32,
    /// True if the cost's curvature is known.
    pub curved: bool,
    /// The temperature of relaxations.
    pub tau: Temperature,
    /// The weight of control variates.
    pub eta: f32,
    /// The learning rate of estimators that learn.
    pub own_rate: LearningRate,
}

/// The result of one draw: an estimate, or the sample whose cost is not finite.
pub(super) type Drawn<const N: usize, K> = Estimated<<K as VariableKind>::Variables<N>>;

/// An object-safe estimator of a problem.
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
    /// Creates an entry from a name and a constructor of the estimator.
    pub fn new<E>(name: impl Into<String>, build: impl Fn(&Given) -> E + 'static) -> Self
    where
        E: Estimator<K::Variables<N>, CountedCost<K>> + 'static,
    {
        Self::boxed(name, move |given| Box::new(build(given)))
    }

    /// Creates an entry from a name and a constructor of the boxed estimator.
    pub(super) fn boxed(name: impl Into<String>, build: impl Fn(&Given) -> Box<dyn Draw<N, K>> + 'static) -> Self {
        Self { name: name.into(), build: Box::new(build), applies: |_| true, exact: false }
    }

    /// Restricts the entry to problems that satisfy `applies`.
    #[must_use]
    pub fn when(self, applies: fn(&Given) -> bool) -> Self {
        Self { applies, ..self }
    }

    /// Marks the estimator as deterministic, so that a few estimates suffice.
    #[must_use]
    pub fn exact(self) -> Self {
        Self { exact: true, ..self }
    }

    /// Returns the estimator's name.
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
