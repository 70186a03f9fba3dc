//! A problem: variables, their parameters, a cost, and the exact gradient.

use std::sync::Arc;

use samplegrad_core::lane::Lane;

use crate::{
    enumeration::{self, Sums},
    error::Error,
    exact::Exact,
    lanes::{CAPACITY, L},
    objective::Objective,
    variable_kind::VariableKind,
};

/// A problem: minimise `E[f(x)]` in the parameters of `x`.
///
/// ```
/// use samplegrad_core::lane::Lane;
/// use samplegrad_lab::{Bits, L, Objective, Problem};
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
/// let problem = Problem::new("both", "E[b₀ b₁]", &[2, 2], &[0.0, 0.0], Both)?;
/// assert_eq!(problem.exact().gradient, [0.125, 0.125]);
/// # Ok::<(), samplegrad_lab::Error>(())
/// ```
pub struct Problem<K: VariableKind> {
    name: String,
    formula: String,
    sizes: Vec<usize>,
    parameters: Vec<f32>,
    objective: Arc<dyn Objective<K>>,
    /// The cost at every value, if the values can be enumerated.
    table: Option<Vec<f64>>,
    rate: f32,
}

impl<K: VariableKind> Clone for Problem<K> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            formula: self.formula.clone(),
            sizes: self.sizes.clone(),
            parameters: self.parameters.clone(),
            objective: Arc::clone(&self.objective),
            table: self.table.clone(),
            rate: self.rate,
        }
    }
}

impl<K: VariableKind> Problem<K> {
    /// Creates a problem from the number of classes of each variable (2 for bits, 1 for normal variables), all
    /// parameters, and the cost.
    ///
    /// # Errors
    /// [`Error::Core`] for parameters that the core refuses, or more than [`CAPACITY`]; [`Error::Cost`] for a cost that
    /// is not finite at a value; [`Error::NoExact`] if there is no exact gradient.
    pub fn new(
        name: impl Into<String>,
        formula: impl Into<String>,
        sizes: &[usize],
        parameters: &[f32],
        objective: impl Objective<K> + 'static,
    ) -> Result<Self, Error> {
        let name = name.into();
        let lanes: Vec<L> = parameters.iter().map(|&p| L::splat(p)).collect();
        if let Err(source) = K::variables::<CAPACITY>(sizes, &lanes) {
            return Err(Error::Core { what: name, source });
        }
        let table = enumeration::tabulate(&name, &objective, sizes)?;
        let problem = Self {
            name,
            formula: formula.into(),
            sizes: sizes.to_vec(),
            parameters: parameters.to_vec(),
            objective: Arc::new(objective),
            table,
            rate: 1.0,
        };
        if problem.objective.closed_form(&problem.parameters()).is_none() && problem.table.is_none() {
            return Err(Error::NoExact { problem: problem.name });
        }
        Ok(problem)
    }

    /// Sets the default learning rate.
    #[must_use]
    pub fn with_rate(self, rate: f32) -> Self {
        Self { rate, ..self }
    }

    /// Returns the problem's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the objective to minimise.
    pub fn formula(&self) -> &str {
        &self.formula
    }

    /// Returns the number of classes of each variable.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Returns the parameters, in double precision.
    pub fn parameters(&self) -> Vec<f64> {
        self.parameters.iter().map(|&p| f64::from(p)).collect()
    }

    /// Returns the parameters, identical in every lane.
    pub fn in_lanes(&self) -> Vec<L> {
        self.parameters.iter().map(|&p| L::splat(p)).collect()
    }

    /// Returns the name of parameter `index`.
    pub fn parameter(&self, index: usize) -> String {
        K::parameter(&self.sizes, index)
    }

    /// Returns the cost.
    pub fn objective(&self) -> Arc<dyn Objective<K>> {
        Arc::clone(&self.objective)
    }

    /// Returns the number of values of discrete variables, if they can be enumerated.
    pub fn values(&self) -> Option<usize> {
        self.table.as_ref().map(Vec::len)
    }

    /// Returns whether the cost's curvature is known.
    pub(super) fn curved(&self) -> bool {
        let point = vec![L::ZERO; self.parameters.len()];
        self.objective.curvature(&point, &mut point.clone())
    }

    /// Returns the default learning rate.
    pub fn rate(&self) -> f32 {
        self.rate
    }

    /// Computes `E[f]` and its gradient.
    pub fn exact(&self) -> Exact {
        self.exact_at(&self.parameters())
    }

    /// Computes `E[f]` and its gradient at other parameters.
    pub fn exact_at(&self, parameters: &[f64]) -> Exact {
        if let Some(exact) = self.objective.closed_form(parameters) {
            return exact;
        }
        let probabilities = K::probabilities(&self.sizes, parameters);
        let Sums { mean, given } = enumeration::sums(self.table.as_deref().unwrap_or_default(), &probabilities);
        // ∂/∂l_k = p_k (E[f | k] − E[f]); a bit's logit is the logit of its second class.
        let all = given
            .iter()
            .zip(&probabilities)
            .flat_map(|(given, p)| given.iter().zip(p).skip(K::FIRST_LOGIT).map(|(given, p)| p * (given - mean)));
        Exact { mean, gradient: all.collect() }
    }

    /// Computes `E[f]` at other parameters.
    pub fn mean_at(&self, parameters: &[f64]) -> f64 {
        match (self.objective.closed_form(parameters), &self.table) {
            (Some(exact), _) => exact.mean,
            (None, Some(table)) => enumeration::mean(table, &K::probabilities(&self.sizes, parameters)),
            (None, None) => f64::NAN,
        }
    }

    /// Returns the smallest cost, if all values can be enumerated; masked classes do not count.
    pub fn best(&self) -> Option<f64> {
        let table = self.table.as_ref()?;
        let p = K::probabilities(&self.sizes, &self.parameters());
        let possible = |index: &usize| {
            enumeration::classes(&self.sizes, *index).iter().zip(&p).all(|(&class, p)| p[class as usize] > 0.0)
        };
        (0..table.len()).filter(possible).map(|index| table[index]).min_by(f64::total_cmp)
    }

    /// Computes the constant baseline that minimises the sum of the variances of all coordinates, `E[f ‖s‖²]/E[‖s‖²]`,
    /// if all values can be enumerated. `‖s‖²` is a sum over the variables: of `(b − p)²` for bits, of `‖D_a − p‖²` for
    /// classes.
    pub(super) fn optimal_constant(&self) -> Option<f64> {
        let table = self.table.as_ref()?;
        let probabilities = K::probabilities(&self.sizes, &self.parameters());
        let Sums { mean, given } = enumeration::sums(table, &probabilities);
        let (mut above, mut below) = (0.0, 0.0);
        for (p, given) in probabilities.iter().zip(&given) {
            let all: f64 = p.iter().map(|p| p * p).sum();
            for (&p, &given) in p.iter().zip(given) {
                // ‖D_a − p‖² = 1 − 2 p_a + Σ p², which for two classes is twice (b − p)².
                let square = (1.0 - 2.0 * p + all) / (1 + K::FIRST_LOGIT) as f64;
                above += p * square * (given - mean);
                below += p * square;
            }
        }
        Some(if below > 0.0 { mean + above / below } else { mean })
    }
}
