//! The estimators of a comparison: the core's [`register`], built for a problem.

use samplegrad_core::{
    Error as CoreError, LearningRate, Temperature,
    estimator::Estimator,
    register::{self, Entry as Line, Needs, Settings, Size, Visitor},
};

use crate::{
    entry::{Draw, Entry, Given},
    objective::CountedCost,
    variable_kind::{Bits, Classes, Normals, VariableKind},
};

/// The name of the plain score function, whose time is the unit of all other times.
pub const PLAIN: &str = "score function";

/// The largest number of parameters for estimators that evaluate sets of samples.
const FEW_PARAMETERS: usize = 32;
/// The largest number of values for which enumeration is included in a comparison.
const FEW_VALUES: usize = 1024;

/// A kind of variables with estimators in the register.
///
/// ```
/// use samplegrad_lab::{Bits, Registered};
///
/// assert!(Bits::estimators::<8>().iter().any(|entry| entry.name() == "DisARM"));
/// ```
pub trait Registered: VariableKind {
    /// Returns the estimators, in the order of the register: those that need values of the cost alone, then those that
    /// need its gradient, then those that need its second derivatives.
    fn estimators<const N: usize>() -> Vec<Entry<N, Self>>;
}

impl Registered for Bits {
    fn estimators<const N: usize>() -> Vec<Entry<N, Self>> {
        entries(|settings, constant, lines| {
            register::bits_by_values(constant, lines);
            register::bits_by_learning(settings, lines)?;
            register::bits_by_gradients(settings, lines)?;
            register::by_curvature(lines)
        })
    }
}

impl Registered for Classes {
    fn estimators<const N: usize>() -> Vec<Entry<N, Self>> {
        entries(|settings, constant, lines| {
            register::classes_by_values(constant, lines);
            register::classes_by_learning(settings, lines)?;
            register::classes_by_gradients(settings, lines)?;
            register::by_curvature(lines)
        })
    }
}

impl Registered for Normals {
    fn estimators<const N: usize>() -> Vec<Entry<N, Self>> {
        entries(|_, constant, lines| {
            register::normals_by_values(constant, lines);
            register::normals_by_learning(lines)?;
            register::normals_by_gradients(lines)?;
            register::by_curvature(lines)
        })
    }
}

/// A visit of the register: its lines, and the estimator of the line with the index `wanted`.
struct Lines<const N: usize, K: VariableKind> {
    lines: Vec<Line>,
    wanted: usize,
    found: Option<Box<dyn Draw<N, K>>>,
}

impl<const N: usize, K: VariableKind> Lines<N, K> {
    /// Visits the register. Settings of a problem have been checked when the problem was prepared.
    fn visit(visit: Visit<N, K>, settings: &Settings, constant: f32, wanted: usize) -> Self {
        let mut lines = Self { lines: Vec::new(), wanted, found: None };
        visit(settings, constant, &mut lines).expect("settings that were checked");
        lines
    }
}

impl<const N: usize, K: VariableKind> Visitor<K::Variables<N>, CountedCost<K>> for Lines<N, K> {
    fn visit<E: Estimator<K::Variables<N>, CountedCost<K>> + Clone + Send + Sync + 'static>(
        &mut self,
        line: Line,
        estimator: E,
    ) {
        if self.lines.len() == self.wanted {
            self.found = Some(Box::new(estimator));
        }
        self.lines.push(line);
    }
}

/// A function that visits all lines of a kind of variables.
type Visit<const N: usize, K> = fn(&Settings, f32, &mut Lines<N, K>) -> Result<(), CoreError>;

/// Returns an entry for each line.
fn entries<const N: usize, K: VariableKind>(visit: Visit<N, K>) -> Vec<Entry<N, K>> {
    let rate = LearningRate::new(0.01).expect("a rate");
    let settings = Settings { tau: Temperature::ONE, eta: 1.0, rate };
    let lines = Lines::visit(visit, &settings, 0.0, 0).lines;
    let entry = |(index, line): (usize, Line)| {
        let build = move |given: &Given| {
            let &Given { tau, eta, own_rate, optimal_constant, .. } = given;
            let settings = Settings { tau, eta, rate: own_rate };
            Lines::visit(visit, &settings, optimal_constant, index).found.expect("a line of the register")
        };
        let entry = Entry::boxed(line.name, build).when(applies(line));
        if line.size == Size::FewValues { entry.exact() } else { entry }
    };
    lines.into_iter().enumerate().map(entry).collect()
}

/// Returns the condition of a line on the problem.
fn applies(line: Line) -> fn(&Given) -> bool {
    match (line.needs, line.size) {
        (Needs::Curvature, _) => |given| given.curved,
        (_, Size::FewParameters) => |given| given.parameters <= FEW_PARAMETERS,
        (_, Size::FewValues) => |given| given.values.is_some_and(|values| values <= FEW_VALUES),
        (_, Size::Any) => |_| true,
    }
}
