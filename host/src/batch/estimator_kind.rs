//! Estimators that are chosen at run time, by name or by number, as bindings to other languages need. They require
//! only values of the cost function.
//!
//! The two lists of this file are the only ones: Python takes its names from them, C its numbers and the enums of its
//! header. A new estimator is a new line. Its number is not yet in the list; the numbers of the other lines stay as
//! they are, because programs in C contain them. An estimator of bits and of classes has the same number in both lists.

use core::{error::Error as StdError, fmt, str::FromStr};

use samplegrad_core::{
    Bernoullis, Categoricals, arm::Arm, cost::Cost, disarm::DisArm, enumeration::Enumeration, estimator::Estimator,
    leave_one_out::LeaveOneOut,
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

macro_rules! kinds {
    (
        $(#[$about:meta])*
        $type:ident of $value:ty, by $function:ident($($sizes:ident: $sizes_type:ty)?) {
            $($(#[doc = $doc:literal])+ $kind:ident = $number:literal, $name:literal: $estimator:expr;)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[doc = $doc])+ $kind = $number,)+
        }

        impl $type {
            /// All estimators, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The estimators of the lines, as they are written.
            #[cfg(test)]
            const WRITTEN: &'static [&'static str] = &[$(stringify!($estimator)),+];

            /// Returns the estimator with a number, if there is one.
            pub const fn from_number(number: u32) -> Option<Self> {
                match number {
                    $($number => Some(Self::$kind),)+
                    _ => None,
                }
            }

            /// Returns the number, which no version of this crate changes.
            pub const fn number(self) -> u32 {
                self as u32
            }

            /// Returns the name, such as `leave_one_out_2`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }

            /// Returns the lines of the documentation.
            pub const fn documentation(self) -> &'static [&'static str] {
                match self {
                    $(Self::$kind => &[$($doc),+],)+
                }
            }

            /// Estimates `E[f]` and its gradient with respect to the logits, for each row, as the function of
            /// [`estimator`] for these variables does.
            ///
            /// # Errors
            /// The errors of `check`; [`EstimateError::Host`] for the errors of that function. If an error is returned,
            /// outputs and streams are unchanged.
            pub fn estimate<L: Vector, F: Cost<[$value], L>>(
                self,
                logits: &Logits<'_>,
                $($sizes: $sizes_type,)?
                cost: impl Fn(Rows) -> F + Sync,
                streams: &mut Streams,
                mean: &mut [f32],
                gradient: &mut [f32],
            ) -> Result<(), EstimateError> {
                self.check($($sizes,)? logits.classes())?;
                let shape = ($($sizes)?);
                let done = match self {
                    $(Self::$kind => $function::<L, F>(logits, shape, &$estimator, cost, streams, mean, gradient),)+
                };
                Ok(done?)
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
                Self::ALL.iter().copied().find(|kind| kind.name() == name).ok_or_else(|| {
                    let names = Self::ALL.iter().map(|kind| kind.name()).collect();
                    EstimateError::Name { found: name.to_owned(), names }
                })
            }
        }
    };
}

kinds! {
    /// An estimator of the gradient of `E[f(b)]` with respect to the logits of independent bits, from values of `f`
    /// alone. It is unbiased.
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
    BitsEstimator of L, by bernoullis() {
        /// The score function of 2 samples; the baseline of each sample is the cost of the other.
        LeaveOneOut2 = 0, "leave_one_out_2": LeaveOneOut::<2>;
        /// The score function of 4 samples; the baseline of each sample is the mean cost of the others.
        LeaveOneOut4 = 1, "leave_one_out_4": LeaveOneOut::<4>;
        /// Two antithetic samples. (M. Yin and M. Zhou, ICLR 2019.)
        Arm = 2, "arm": Arm;
        /// Two antithetic samples as in ARM, with the randomness that they share averaged out. (Z. Dong, A. Mnih and G.
        /// Tucker, NeurIPS 2020.)
        Disarm = 3, "disarm": DisArm;
        /// The exact sum over all values of at most 16 bits: no variance.
        Enumeration = 4, "enumeration": Enumeration;
    }
}

kinds! {
    /// An estimator of the gradient of `E[f(x)]` with respect to the logits of independent categorical variables, from
    /// values of `f` alone. It is unbiased.
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
    /// let exact = ClassesEstimator::Enumeration;
    /// exact.estimate::<Native, _>(&logits, &[3, 2], cost, streams, &mut mean, &mut gradient)?;
    /// assert!(mean[0] > 0.0 && gradient[4] > 0.0);
    /// # Ok::<(), samplegrad_host::batch::estimator_kind::EstimateError>(())
    /// ```
    ClassesEstimator of L::Word, by categoricals(sizes: &[usize]) {
        /// The score function of 2 samples; the baseline of each sample is the cost of the other.
        LeaveOneOut2 = 0, "leave_one_out_2": LeaveOneOut::<2>;
        /// The score function of 4 samples; the baseline of each sample is the mean cost of the others.
        LeaveOneOut4 = 1, "leave_one_out_4": LeaveOneOut::<4>;
        /// Two antithetic samples, drawn by stick-breaking. (Z. Dong, A. Mnih and G. Tucker, NeurIPS 2021.)
        Disarm = 3, "disarm": DisArm;
        /// The exact sum over all values (at most 65536): no variance.
        Enumeration = 4, "enumeration": Enumeration;
    }
}

/// Runs an estimator of bits. The empty argument takes the place of the sizes of categorical variables.
fn bernoullis<L: Vector, F>(
    logits: &Logits<'_>,
    (): (),
    estimator: &(impl Estimator<Bernoullis<MOST_BITS, L>, F> + Clone + Sync),
    cost: impl Fn(Rows) -> F + Sync,
    streams: &mut Streams,
    mean: &mut [f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    estimator::bernoullis::<MOST_BITS, L, F>(logits, estimator, cost, streams, mean, gradient)
}

/// Runs an estimator of categorical variables.
fn categoricals<L: Vector, F>(
    logits: &Logits<'_>,
    sizes: &[usize],
    estimator: &(impl Estimator<Categoricals<MOST_LOGITS, L>, F> + Clone + Sync),
    cost: impl Fn(Rows) -> F + Sync,
    streams: &mut Streams,
    mean: &mut [f32],
    gradient: &mut [f32],
) -> Result<(), Error> {
    estimator::categoricals::<MOST_LOGITS, L, F>(logits, sizes, estimator, cost, streams, mean, gradient)
}

impl BitsEstimator {
    /// Returns the largest number of bits in a row.
    pub const fn most_bits(self) -> usize {
        match self {
            Self::Enumeration => MOST_VALUES.ilog2() as usize,
            _ => MOST_BITS,
        }
    }

    /// Checks the number of bits in a row.
    ///
    /// # Errors
    /// [`EstimateError::Bits`] for more than [`most_bits`](Self::most_bits).
    pub fn check(self, bits: usize) -> Result<(), EstimateError> {
        let most = self.most_bits();
        if bits > most { Err(EstimateError::Bits { found: bits, most }) } else { Ok(()) }
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
        if self == Self::Enumeration && values > MOST_VALUES {
            return Err(EstimateError::Values { found: values, most: MOST_VALUES });
        }
        Ok(())
    }
}

/// The error of an estimator that was chosen at run time. Nothing has been written when it is returned.
///
/// ```
/// use samplegrad_host::batch::estimator_kind::ClassesEstimator;
///
/// let error = ClassesEstimator::Disarm.check(&[2, 2], 5).unwrap_err();
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that each line has one estimator: its name is the name of its type.
    #[test]
    fn a_line_has_the_name_of_its_estimator() {
        let letters = |text: &str| text.replace(|c: char| !c.is_ascii_alphanumeric(), "").to_lowercase();
        let check = |name: &str, kind: String, written: &str| {
            assert_eq!(letters(name), letters(&kind));
            assert!(letters(written).starts_with(&letters(name)), "{name} is {written}");
        };
        for (kind, written) in BitsEstimator::ALL.iter().zip(BitsEstimator::WRITTEN) {
            check(kind.name(), format!("{kind:?}"), written);
        }
        for (kind, written) in ClassesEstimator::ALL.iter().zip(ClassesEstimator::WRITTEN) {
            check(kind.name(), format!("{kind:?}"), written);
        }
    }
}
