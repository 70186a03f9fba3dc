//! A line of the register, and what visits it.

use crate::{
    distributions::variables::Variables,
    estimators::estimator::Estimator,
    settings::{learning::LearningRate, temperature::Temperature},
};

/// The derivatives of the cost that an estimator needs, besides values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Needs {
    /// Values alone.
    Values,
    /// The gradient, at a sample or at a relaxed sample.
    Gradient,
    /// The gradient and the second derivatives.
    Curvature,
}

/// The problems for which an estimator is practical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Size {
    /// Problems of any size.
    Any,
    /// Problems with few parameters: the work for a sample is the work of many samples.
    FewParameters,
    /// Problems with few values: the cost of each value is evaluated, and the estimate is exact.
    FewValues,
}

/// The name of an estimator in programs of other languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Identifier {
    /// The number, which no version changes, because programs in C contain it.
    pub number: u32,
    /// The name in letters, digits and underscores, such as "leave_one_out_2".
    pub word: &'static str,
    /// A description in one or two sentences.
    pub about: &'static str,
}

/// A line of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Entry {
    /// The name, such as "leave-one-out of 2".
    pub name: &'static str,
    /// The identifier in other languages. They have the estimators that need values of the cost alone and that are
    /// complete in one estimate.
    pub identifier: Option<Identifier>,
    /// The derivatives of the cost that the estimator needs.
    pub needs: Needs,
    /// The problems for which the estimator is practical.
    pub size: Size,
}

impl Entry {
    /// Returns the line of an estimator for problems of any size, without an identifier.
    pub(super) const fn new(name: &'static str, needs: Needs) -> Self {
        Self { name, identifier: None, needs, size: Size::Any }
    }

    /// Returns the line of an estimator that other languages have.
    pub(super) const fn named(name: &'static str, number: u32, word: &'static str, about: &'static str) -> Self {
        Self { identifier: Some(Identifier { number, word, about }), ..Self::new(name, Needs::Values) }
    }

    /// Returns the line with the problems for which the estimator is practical.
    pub(super) const fn of(self, size: Size) -> Self {
        Self { size, ..self }
    }
}

/// The settings of the estimators in the register. Settings that are not here have the values of the lines.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// The temperature of relaxations.
    pub tau: Temperature,
    /// The weight of the control variates of REBAR and RELAX.
    pub eta: f32,
    /// The learning rate of estimators that learn.
    pub rate: LearningRate,
}

/// An operation on every estimator of the register, for variables `V` and a cost `F`.
///
/// ```
/// use samplegrad_core::{
///     Bernoullis, LearningRate, Temperature,
///     estimator::Estimator,
///     register::{self, Entry, Settings, Visitor},
///     stream,
/// };
///
/// type Bits = Bernoullis<2>;
/// type Cost = fn(&[f32]) -> f32;
///
/// /// Counts the estimators whose estimate is finite.
/// struct Count(usize);
///
/// impl Visitor<Bits, Cost> for Count {
///     fn visit<E: Estimator<Bits, Cost> + Clone>(&mut self, _: Entry, mut estimator: E) {
///         let b = Bits::new(&[0.0, 1.0]).unwrap();
///         let mut cost: Cost = |b| b[0] * b[1];
///         let estimate = estimator.estimate(&b, &mut cost, &mut stream::xorshift(2026, 0)).unwrap();
///         self.0 += usize::from(estimate.gradient.iter().all(|g| g.is_finite()));
///     }
/// }
///
/// let settings = Settings { tau: Temperature::ONE, eta: 1.0, rate: LearningRate::new(0.01)? };
/// let mut count = Count(0);
/// register::bits_by_values(0.5, &mut count);
/// register::bits_by_learning(&settings, &mut count)?;
/// assert!(count.0 > 15);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Visitor<V: Variables, F: ?Sized> {
    /// Takes an estimator of the register that has not learned anything.
    fn visit<E: Estimator<V, F> + Clone + Send + Sync + 'static>(&mut self, entry: Entry, estimator: E);
}
