//! The kinds of variables of a problem.

use core::fmt::Debug;

use samplegrad_core::{
    Bernoullis, Categoricals, Error as CoreError, LogStdNormal,
    independent::Independent,
    lane::{Lane, Word},
    variables::Variables,
};

use crate::lanes::{L, Words};

/// A kind of variables. It creates the core's variables from parameters. Kinds with registered estimators are
/// [`Registered`](crate::Registered).
pub trait VariableKind: Sized + Send + Sync + 'static {
    /// The value of one variable.
    type Value: Copy + Debug + PartialEq + Send + Sync + 'static;
    /// The core's variables with at most `N` parameters.
    type Variables<const N: usize>: Variables<Lane = L, Value = Self::Value>;

    /// The name of the kind.
    const NAME: &'static str;
    /// The first class of a discrete variable that has a logit of its own.
    const FIRST_LOGIT: usize = 0;

    /// Creates variables from the number of classes of each (one for continuous variables) and their parameters.
    ///
    /// # Errors
    /// The core's error for invalid parameters.
    fn variables<const N: usize>(sizes: &[usize], parameters: &[L]) -> Result<Self::Variables<N>, CoreError>;
    /// Returns the value of a class; `None` for continuous variables.
    fn class(class: u32) -> Option<Self::Value>;
    /// Returns the probability of each class of each variable; empty for continuous variables.
    fn probabilities(sizes: &[usize], parameters: &[f64]) -> Vec<Vec<f64>>;
    /// Returns the name of one parameter.
    fn parameter(sizes: &[usize], index: usize) -> String;
    /// Converts one lane's value to a number.
    fn number(value: Self::Value, lane: usize) -> f32;
}

/// Bernoulli variables, with their logits as parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bits {}

/// Categorical variables. Their parameters are the logits of all classes of the first variable, then of the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Classes {}

/// Normal variables. Their parameters are the mean and `ln σ` of the first variable, then of the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Normals {}

impl VariableKind for Bits {
    type Value = L;
    type Variables<const N: usize> = Bernoullis<N, L>;

    const NAME: &'static str = "Bernoulli";
    const FIRST_LOGIT: usize = 1;

    fn variables<const N: usize>(_: &[usize], parameters: &[L]) -> Result<Bernoullis<N, L>, CoreError> {
        Bernoullis::new(parameters)
    }
    fn class(class: u32) -> Option<L> {
        Some(L::splat(class as f32))
    }
    fn probabilities(_: &[usize], parameters: &[f64]) -> Vec<Vec<f64>> {
        parameters.iter().map(|&l| vec![sigmoid(-l), sigmoid(l)]).collect()
    }
    fn parameter(_: &[usize], index: usize) -> String {
        format!("logit {index}")
    }
    fn number(value: L, lane: usize) -> f32 {
        value.extract(lane)
    }
}

impl VariableKind for Classes {
    type Value = Words;
    type Variables<const N: usize> = Categoricals<N, L>;

    const NAME: &'static str = "categorical";

    fn variables<const N: usize>(sizes: &[usize], parameters: &[L]) -> Result<Categoricals<N, L>, CoreError> {
        Categoricals::new(sizes, parameters)
    }
    fn class(class: u32) -> Option<Words> {
        Some(Words::splat(class))
    }
    fn probabilities(sizes: &[usize], parameters: &[f64]) -> Vec<Vec<f64>> {
        let mut rest = parameters;
        let of = |&size: &usize| {
            let (own, others) = rest.split_at(size.min(rest.len()));
            rest = others;
            softmax(own)
        };
        sizes.iter().map(of).collect()
    }
    fn parameter(sizes: &[usize], index: usize) -> String {
        let mut class = index;
        for (variable, &size) in sizes.iter().enumerate() {
            if class < size {
                return if sizes.len() == 1 {
                    format!("logit {class}")
                } else {
                    format!("variable {variable} logit {class}")
                };
            }
            class -= size;
        }
        format!("logit {index}")
    }
    fn number(value: Words, lane: usize) -> f32 {
        value.extract(lane) as f32
    }
}

impl VariableKind for Normals {
    type Value = L;
    type Variables<const N: usize> = Independent<LogStdNormal<L>, N>;

    const NAME: &'static str = "normal";

    fn variables<const N: usize>(_: &[usize], parameters: &[L]) -> Result<Self::Variables<N>, CoreError> {
        let pairs = parameters.chunks_exact(2).map(|pair| LogStdNormal::new(pair[0], pair[1]));
        Independent::new(&pairs.collect::<Result<Vec<_>, _>>()?)
    }
    fn class(_: u32) -> Option<L> {
        None
    }
    fn probabilities(_: &[usize], _: &[f64]) -> Vec<Vec<f64>> {
        Vec::new()
    }
    fn parameter(_: &[usize], index: usize) -> String {
        format!("{} {}", ["mean", "ln sigma"][index % 2], index / 2)
    }
    fn number(value: L, lane: usize) -> f32 {
        value.extract(lane)
    }
}

/// Computes `1/(1 + e^{−l})`.
fn sigmoid(l: f64) -> f64 {
    1.0 / (1.0 + (-l).exp())
}

/// Computes softmax in double precision.
fn softmax(logits: &[f64]) -> Vec<f64> {
    let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let e: Vec<f64> = logits.iter().map(|&l| (l - max).exp()).collect();
    let sum: f64 = e.iter().sum();
    e.iter().map(|e| e / sum).collect()
}
