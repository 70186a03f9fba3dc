//! Estimators that are chosen at run time, by name or by number, as bindings to other languages need. They require
//! only values of the cost function, and they are complete in one estimate.
//!
//! Names and numbers are those of the core's [`register`]. Python takes its names from here, C its numbers and the
//! enums of its header.

use core::{error::Error as StdError, fmt, str::FromStr};

use samplegrad_core::{
    Bernoullis, Categoricals,
    cost::Cost,
    estimator::Estimator,
    register::{self, Entry, Identifier, Size, Visitor},
    variables::Variables,
};

use crate::{
    batch::{
        estimator::{self, Rows},
        logits::Logits,
    },
    error::Error,
    lanes::vector::Vector,
    streams::streams::Streams,
};

/// The most bits of a row.
pub const MOST_BITS: usize = 64;
/// The most logits of a row of categorical variables.
pub const MOST_LOGITS: usize = 64;
/// The most values of a row for enumeration.
pub const MOST_VALUES: usize = 1 << 16;

/// The methods that both kinds of estimators have.
macro_rules! chosen_by_name {
    ($type:ident, $lines:expr) => {
        impl $type {
            /// Returns all estimators, in the order of their numbers.
            pub fn all() -> Vec<Self> {
                let mut all = Vec::new();
                $lines(&mut Lines { each: |line| all.push(Self(line)) });
                all.sort_by_key(|kind| kind.number());
                all
            }

            /// Returns the estimator with a number, if there is one.
            pub fn from_number(number: u32) -> Option<Self> {
                Self::find(|identifier| identifier.number == number)
            }

            /// Returns the number, which no version of this crate changes.
            pub const fn number(self) -> u32 {
                self.0.identifier.number
            }

            /// Returns the name, such as `leave_one_out_2`.
            pub const fn name(self) -> &'static str {
                self.0.identifier.word
            }

            /// Returns a description in one or two sentences.
            pub const fn about(self) -> &'static str {
                self.0.identifier.about
            }

            fn find(wanted: impl Fn(Identifier) -> bool) -> Option<Self> {
                let mut found = None;
                $lines(&mut Lines {
                    each: |line: Line| {
                        if wanted(line.identifier) {
                            found = Some(Self(line));
                        }
                    },
                });
                found
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $type {
            type Err = EstimateError;

            fn from_str(name: &str) -> Result<Self, EstimateError> {
                Self::find(|identifier| identifier.word == name).ok_or_else(|| {
                    let names = Self::all().iter().map(|kind| kind.name()).collect();
                    EstimateError::Name { found: name.to_owned(), names }
                })
            }
        }
    };
}

/// A line of the register with an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    identifier: Identifier,
    /// True if all values are evaluated, so that their number is limited.
    all_values: bool,
}

/// A visit of the register that passes each line with an identifier to a function.
struct Lines<G> {
    each: G,
}

impl<V: Variables, F: ?Sized, G: FnMut(Line)> Visitor<V, F> for Lines<G> {
    fn visit<E: Estimator<V, F> + Clone + Send + Sync + 'static>(&mut self, entry: Entry, _: E) {
        if let Some(identifier) = entry.identifier {
            (self.each)(Line { identifier, all_values: entry.size == Size::FewValues });
        }
    }
}

/// An estimator of the gradient of `E[f(b)]` with respect to the logits of independent bits, from values of `f` alone.
/// It is unbiased.
///
/// ```
/// use samplegrad_host::{Native, Streams, batch::{Logits, estimator::Rows, estimator_kind::BitsEstimator}};
///
/// let disarm: BitsEstimator = "disarm".parse()?;
/// let (logits, streams) = (Logits::new(&[0.0, 1.0, -1.0, 0.5], 2)?, &mut Streams::new(2026, 2)?);
/// let (mut mean, mut gradient) = ([0.0; 2], [0.0; 4]);
/// let cost = |_: Rows| |b: &[Native]| b[0] * b[1];
/// disarm.estimate::<Native, _>(&logits, cost, streams, &mut mean, &mut gradient)?;
/// assert!(gradient.iter().all(|g| g.is_finite()));
/// # Ok::<(), samplegrad_host::batch::estimator_kind::EstimateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitsEstimator(Line);

chosen_by_name!(BitsEstimator, |lines: &mut Lines<_>| {
    register::bits_by_values::<1, f32, dyn Cost<[f32]>, _>(0.0, lines);
});

/// An estimator of the gradient of `E[f(x)]` with respect to the logits of independent categorical variables, from
/// values of `f` alone. It is unbiased. An estimator of bits and of classes has the same number and name in both types.
///
/// ```
/// use samplegrad_core::lane::Lane;
/// use samplegrad_host::{
///     Native, NativeWord, Streams,
///     batch::{Logits, estimator::Rows, estimator_kind::ClassesEstimator},
/// };
///
/// // A row of one variable of three classes, and one of two.
/// let (logits, streams) = (Logits::new(&[0.0, 1.0, -1.0, 0.5, 0.0], 5)?, &mut Streams::new(2026, 1)?);
/// let (mut mean, mut gradient) = ([0.0], [0.0; 5]);
/// let cost = |_: Rows| |x: &[NativeWord]| Native::from_word(x[0]) * Native::from_word(x[1]);
/// let exact: ClassesEstimator = "enumeration".parse()?;
/// exact.estimate::<Native, _>(&logits, &[3, 2], cost, streams, &mut mean, &mut gradient)?;
/// assert!(mean[0] > 0.0 && gradient[4] > 0.0);
/// # Ok::<(), samplegrad_host::batch::estimator_kind::EstimateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassesEstimator(Line);

chosen_by_name!(ClassesEstimator, |lines: &mut Lines<_>| {
    register::classes_by_values::<1, f32, dyn Cost<[u32]>, _>(0.0, lines);
});

/// A visit of the register that runs the estimator with the number `wanted` on a batch.
struct Run<'a, C> {
    wanted: u32,
    logits: &'a Logits<'a>,
    /// The number of classes of each variable; empty for bits.
    sizes: &'a [usize],
    cost: C,
    streams: &'a mut Streams,
    mean: &'a mut [f32],
    gradient: &'a mut [f32],
    done: Result<(), Error>,
}

impl<C> Run<'_, C> {
    fn is_wanted(&self, entry: Entry) -> bool {
        entry.identifier.is_some_and(|identifier| identifier.number == self.wanted)
    }
}

impl<L: Vector, F, C: Fn(Rows) -> F + Sync> Visitor<Bernoullis<MOST_BITS, L>, F> for Run<'_, C> {
    fn visit<E>(&mut self, entry: Entry, estimator: E)
    where
        E: Estimator<Bernoullis<MOST_BITS, L>, F> + Clone + Send + Sync + 'static,
    {
        if self.is_wanted(entry) {
            let Self { logits, cost, streams, mean, gradient, .. } = self;
            self.done = estimator::bernoullis(logits, &estimator, &*cost, streams, mean, gradient);
        }
    }
}

impl<L: Vector, F, C: Fn(Rows) -> F + Sync> Visitor<Categoricals<MOST_LOGITS, L>, F> for Run<'_, C> {
    fn visit<E>(&mut self, entry: Entry, estimator: E)
    where
        E: Estimator<Categoricals<MOST_LOGITS, L>, F> + Clone + Send + Sync + 'static,
    {
        if self.is_wanted(entry) {
            let Self { logits, sizes, cost, streams, mean, gradient, .. } = self;
            self.done = estimator::categoricals(logits, sizes, &estimator, &*cost, streams, mean, gradient);
        }
    }
}

impl BitsEstimator {
    /// Returns the largest number of bits in a row.
    pub const fn most_bits(self) -> usize {
        if self.0.all_values { MOST_VALUES.ilog2() as usize } else { MOST_BITS }
    }

    /// Checks the number of bits in a row.
    ///
    /// # Errors
    /// [`EstimateError::Bits`] for more than [`most_bits`](Self::most_bits).
    pub fn check(self, bits: usize) -> Result<(), EstimateError> {
        let most = self.most_bits();
        if bits > most { Err(EstimateError::Bits { found: bits, most }) } else { Ok(()) }
    }

    /// Estimates `E[f]` and its gradient with respect to the logits, for each row, as [`estimator::bernoullis`] does.
    ///
    /// # Errors
    /// The errors of [`check`](Self::check); [`EstimateError::Host`] for the errors of that function. If an error is
    /// returned, outputs and streams are unchanged.
    pub fn estimate<L: Vector, F: Cost<[L], L>>(
        self,
        logits: &Logits<'_>,
        cost: impl Fn(Rows) -> F + Sync,
        streams: &mut Streams,
        mean: &mut [f32],
        gradient: &mut [f32],
    ) -> Result<(), EstimateError> {
        self.check(logits.classes())?;
        let wanted = self.number();
        let mut run = Run { wanted, logits, sizes: &[], cost, streams, mean, gradient, done: Ok(()) };
        register::bits_by_values::<MOST_BITS, L, F, _>(0.0, &mut run);
        Ok(run.done?)
    }
}

impl ClassesEstimator {
    /// Checks the number of classes of each variable, for rows of `columns` logits.
    ///
    /// # Errors
    /// [`EstimateError::NoClass`] for no variable, or a variable without a class; [`EstimateError::Sum`] unless the
    /// sizes add up to `columns`; [`EstimateError::Logits`] for more than [`MOST_LOGITS`]; for enumeration,
    /// [`EstimateError::Values`] for more than [`MOST_VALUES`].
    pub fn check(self, sizes: &[usize], columns: usize) -> Result<(), EstimateError> {
        if sizes.is_empty() || sizes.contains(&0) {
            return Err(EstimateError::NoClass);
        }
        let sum = sizes.iter().fold(0_usize, |sum, &size| sum.saturating_add(size));
        if sum != columns {
            return Err(EstimateError::Sum { found: sum, columns });
        }
        if columns > MOST_LOGITS {
            return Err(EstimateError::Logits { found: columns, most: MOST_LOGITS });
        }
        let values = sizes.iter().fold(1_usize, |values, &size| values.saturating_mul(size));
        if self.0.all_values && values > MOST_VALUES {
            return Err(EstimateError::Values { found: values, most: MOST_VALUES });
        }
        Ok(())
    }

    /// Estimates `E[f]` and its gradient with respect to the logits, for each row, as [`estimator::categoricals`] does.
    ///
    /// # Errors
    /// The errors of [`check`](Self::check); [`EstimateError::Host`] for the errors of that function. If an error is
    /// returned, outputs and streams are unchanged.
    pub fn estimate<L: Vector, F: Cost<[L::Word], L>>(
        self,
        logits: &Logits<'_>,
        sizes: &[usize],
        cost: impl Fn(Rows) -> F + Sync,
        streams: &mut Streams,
        mean: &mut [f32],
        gradient: &mut [f32],
    ) -> Result<(), EstimateError> {
        self.check(sizes, logits.classes())?;
        let wanted = self.number();
        let mut run = Run { wanted, logits, sizes, cost, streams, mean, gradient, done: Ok(()) };
        register::classes_by_values::<MOST_LOGITS, L, F, _>(0.0, &mut run);
        Ok(run.done?)
    }
}

/// The error of an estimator that was chosen at run time. Nothing has been written when it is returned.
///
/// ```
/// use samplegrad_host::batch::estimator_kind::ClassesEstimator;
///
/// let disarm: ClassesEstimator = "disarm".parse().unwrap();
/// let error = disarm.check(&[2, 2], 5).unwrap_err();
/// assert_eq!(error.to_string(), "sizes: they add up to 4, but a row of logits has 5");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EstimateError {
    /// A name of no estimator.
    Name {
        /// The name.
        found: String,
        /// The names of all estimators.
        names: Vec<&'static str>,
    },
    /// A number of bits above the limit of the estimator.
    Bits {
        /// The number of bits in a row.
        found: usize,
        /// The largest number allowed.
        most: usize,
    },
    /// Sizes without a variable, or with a variable that has no class.
    NoClass,
    /// Sizes whose sum is not the number of logits in a row.
    Sum {
        /// The sum.
        found: usize,
        /// The number of logits in a row.
        columns: usize,
    },
    /// A number of logits above the limit.
    Logits {
        /// The number of logits in a row.
        found: usize,
        /// The largest number allowed.
        most: usize,
    },
    /// A number of values above the limit of the estimator.
    Values {
        /// The number of values of a row.
        found: usize,
        /// The largest number allowed.
        most: usize,
    },
    /// An error of the batch: a length, a number of a row, or a cost.
    Host(Error),
}

impl From<Error> for EstimateError {
    fn from(error: Error) -> Self {
        Self::Host(error)
    }
}

impl fmt::Display for EstimateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { found, names } => {
                write!(f, "estimator: there is no `{found}`; there are {}", names.join(", "))
            }
            Self::Bits { found, most } => {
                write!(f, "logits: {found} bits in a row, at most {most} are possible with this estimator")
            }
            Self::NoClass => {
                f.write_str("sizes: each variable must have at least one class, and there must be a variable")
            }
            Self::Sum { found, columns } => {
                write!(f, "sizes: they add up to {found}, but a row of logits has {columns}")
            }
            Self::Logits { found, most } => write!(f, "logits: {found} in a row, at most {most} are possible"),
            Self::Values { found, most } => {
                write!(f, "sizes: {found} values, at most {most} are possible with this estimator")
            }
            Self::Host(error) => error.fmt(f),
        }
    }
}

impl StdError for EstimateError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Host(error) => error.source(),
            _ => None,
        }
    }
}
