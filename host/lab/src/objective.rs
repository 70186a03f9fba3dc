//! The interface of a problem's cost, and a wrapper that counts its evaluations.

use std::sync::Arc;

use samplegrad_core::cost::{Cost, DifferentiableCost, TwiceDifferentiableCost};

use crate::{exact::Exact, lanes::L, variable_kind::VariableKind};

/// The cost of a problem, in lanes.
///
/// ```
/// use samplegrad_core::lane::Lane;
/// use samplegrad_lab::{Bits, L, Objective};
///
/// /// `b_0 b_1`.
/// struct Both;
///
/// impl Objective<Bits> for Both {
///     fn value(&self, b: &[L]) -> L {
///         b[0] * b[1]
///     }
///     fn value_and_gradient(&self, y: &[L], gradient: &mut [L]) -> L {
///         gradient.copy_from_slice(&[y[1], y[0]]);
///         y[0] * y[1]
///     }
/// }
/// assert_eq!(Both.value(&[L::ONE, L::ZERO]), L::ZERO);
/// ```
pub trait Objective<K: VariableKind>: Send + Sync {
    /// Returns `f(x)` of a sample, which has a value per variable.
    fn value(&self, x: &[K::Value]) -> L;
    /// Returns `f(y)` and writes `∂f/∂y` at a point. A point has a number per variable; for classes, it has a number
    /// per class of every variable.
    fn value_and_gradient(&self, y: &[L], gradient: &mut [L]) -> L;
    /// Writes `∂²f/∂y_k²` at a point; returns false if it is not known.
    fn curvature(&self, y: &[L], curvature: &mut [L]) -> bool {
        let _ = (y, curvature);
        false
    }
    /// Returns `E[f]` and its gradient at these parameters in closed form. `None` selects the sum over all values.
    fn closed_form(&self, parameters: &[f64]) -> Option<Exact> {
        let _ = parameters;
        None
    }
}

/// A problem's cost, as passed to estimators, with counters of calls.
pub struct CountedCost<K: VariableKind> {
    objective: Arc<dyn Objective<K>>,
    /// Calls for the value.
    pub values: u64,
    /// Calls for value and gradient, or for value, gradient and curvature.
    pub gradients: u64,
}

impl<K: VariableKind> CountedCost<K> {
    /// Wraps a cost, with counters at zero.
    pub fn new(objective: Arc<dyn Objective<K>>) -> Self {
        Self { objective, values: 0, gradients: 0 }
    }
}

impl<K: VariableKind> Cost<[K::Value], L> for CountedCost<K> {
    #[inline]
    fn value(&mut self, x: &[K::Value]) -> L {
        self.values += 1;
        self.objective.value(x)
    }
}

impl<K: VariableKind> DifferentiableCost<L> for CountedCost<K> {
    #[inline]
    fn value_and_gradient(&mut self, y: &[L], gradient: &mut [L]) -> L {
        self.gradients += 1;
        self.objective.value_and_gradient(y, gradient)
    }
}

/// The implementation applies only to problems whose curvature is known.
impl<K: VariableKind> TwiceDifferentiableCost<L> for CountedCost<K> {
    #[inline]
    fn expand(&mut self, y: &[L], slope: &mut [L], curvature: &mut [L]) -> L {
        self.objective.curvature(y, curvature);
        self.value_and_gradient(y, slope)
    }
}
