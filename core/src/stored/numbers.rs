//! Numbers of learners in stored form, checked on reading as the constructors check them.
//!
//! `serde` has no arrays of arbitrary length, so an array of lanes, or an array of arrays, is one flat tuple of `f32`:
//! the first element's lanes, then the second's. On a device, with one lane, the tuple is the array in memory order. A
//! state field of a new type only has to name the range of its numbers. A large field has a type of
//! `stored::in_place`, which is read in place:
//!
//! ```text
//! #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
//! pub struct Momentum<const D: usize, const K: usize, L: Lane = f32> {
//!     #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::learned"))]
//!     velocity: [[L; K]; D],
//!     rate: LearningRate,
//! }
//! ```

use core::{fmt, marker::PhantomData};

use heapless::Vec;
use serde::{
    Deserialize, Deserializer, Serializer,
    de::{self, SeqAccess},
    ser::SerializeTuple,
};

use crate::{arithmetic::lane::Lane, check, error::Error, stored::flat::Numbers};

/// Writes one flat tuple of `f32`, from first to last, lanes innermost.
pub(crate) fn serialize<N: Numbers, S: Serializer>(numbers: &N, serializer: S) -> Result<S::Ok, S::Error> {
    let mut tuple = serializer.serialize_tuple(N::COUNT * N::Number::LANES)?;
    for number in numbers.numbers() {
        for lane in 0..N::Number::LANES {
            tuple.serialize_element(&number.extract(lane))?;
        }
    }
    tuple.end()
}

/// Reads the numbers. NaN and numbers outside a closed range are errors.
#[inline]
pub(crate) fn deserialize<'de, N: Numbers, D: Deserializer<'de>>(
    deserializer: D,
    range: [f32; 2],
    requirement: &'static str,
) -> Result<N, D::Error> {
    deserializer.deserialize_tuple(N::COUNT * N::Number::LANES, Whole { range, requirement, numbers: PhantomData })
}

struct Whole<N> {
    range: [f32; 2],
    requirement: &'static str,
    numbers: PhantomData<N>,
}

impl<'de, N: Numbers> de::Visitor<'de> for Whole<N> {
    type Value = N;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} numbers", N::COUNT * N::Number::LANES)
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<N, A::Error> {
        let mut numbers = N::zeros();
        InPlace { range: self.range, requirement: self.requirement, numbers: &mut numbers }.visit_seq(elements)?;
        Ok(numbers)
    }
}

/// Reads the numbers in place, so that no number moves over the stack.
#[inline]
pub(crate) fn fill<'de, N: Numbers, D: Deserializer<'de>>(
    deserializer: D,
    numbers: &mut N,
    range: [f32; 2],
    requirement: &'static str,
) -> Result<(), D::Error> {
    deserializer.deserialize_tuple(N::COUNT * N::Number::LANES, InPlace { range, requirement, numbers })
}

struct InPlace<'n, N> {
    range: [f32; 2],
    requirement: &'static str,
    numbers: &'n mut N,
}

impl<'de, N: Numbers> de::Visitor<'de> for InPlace<'_, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} numbers", N::COUNT * N::Number::LANES)
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let Self { range: [low, high], requirement, numbers } = self;
        for (index, number) in numbers.numbers_mut().enumerate() {
            let mut failure = None;
            *number = N::Number::from_fn(|_| match elements.next_element() {
                Ok(Some(x)) => x,
                Ok(None) => {
                    failure = Some(de::Error::invalid_length(index, &"a number for every place"));
                    0.0
                }
                Err(error) => {
                    failure = Some(error);
                    0.0
                }
            });
            if let Some(failure) = failure {
                return Err(failure);
            }
            check::within("stored number", *number, low, high, requirement).map_err(de::Error::custom)?;
        }
        Ok(())
    }
}

/// Defines modules for `serde(with = ...)`.
macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident: $range:expr, $requirement:literal;)*) => {
        $($(#[$doc])* pub(crate) mod $name {
            use serde::Deserializer;

            pub(crate) use super::serialize;
            use crate::stored::flat::Numbers;

            #[inline]
            pub(crate) fn deserialize<'de, N: Numbers, D: Deserializer<'de>>(deserializer: D) -> Result<N, D::Error> {
                super::deserialize(deserializer, $range, $requirement)
            }

            #[allow(dead_code)]
            #[inline]
            pub(crate) fn fill<'de, N: Numbers, D: Deserializer<'de>>(
                deserializer: D,
                numbers: &mut N,
            ) -> Result<(), D::Error> {
                super::fill(deserializer, numbers, $range, $requirement)
            }
        })*
    };
}

numbers! {
    /// Finite numbers: weights, and the traces and sums of an episode, which the next step bounds.
    finite: [f32::MIN, f32::MAX], "finite";
    /// Parameters, and the velocity of an optimizer: at most 10^15.
    kept: [-crate::limits::PARAMETER, crate::limits::PARAMETER], "from -1e15 to 1e15";
    /// Learned numbers of a baseline, a critic or an optimizer: at most 10^30, which none of them reaches.
    learned: [-crate::limits::LEARNED, crate::limits::LEARNED], "from -1e30 to 1e30";
    /// Sums of weights or of squares.
    total: [0.0, f32::MAX], "finite and not negative";
    /// Adam's mean of squares.
    square: [0.0, crate::limits::SQUARE], "from 0 to 1e30";
    /// Products of decays.
    share: [0.0, 1.0], "from 0 to 1";
    /// Returns, and averages of returns.
    returns: [-crate::limits::RETURN, crate::limits::RETURN], "from -1e9 to 1e9";
    /// Rewards or features.
    reward: [-crate::limits::REWARD, crate::limits::REWARD], "from -1e6 to 1e6";
}

/// Reads a number that a constructor checks.
pub(crate) fn number<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    new: impl FnOnce(f32) -> Result<T, Error>,
) -> Result<T, D::Error> {
    new(f32::deserialize(deserializer)?).map_err(de::Error::custom)
}

/// Implements the stored form, a number, of a type with `new(f32) -> Result<Self, Error>` and `get() -> f32`.
macro_rules! checked_number {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_f32(self.get())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::stored::numbers::number(deserializer, Self::new)
            }
        }
    };
}
pub(crate) use checked_number;

/// Reads a sequence of up to `N` numbers, unchecked.
pub(crate) fn sequence<'de, const N: usize, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32, N>, D::Error> {
    struct Sequence<const N: usize>;

    impl<'de, const N: usize> de::Visitor<'de> for Sequence<N> {
        type Value = Vec<f32, N>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "up to {N} numbers")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<f32, N>, A::Error> {
            let mut values = Vec::new();
            while let Some(x) = elements.next_element()? {
                if values.push(x).is_err() {
                    let error = Error::Capacity { what: "stored numbers", len: N + 1, capacity: N };
                    return Err(de::Error::custom(error));
                }
            }
            Ok(values)
        }
    }

    deserializer.deserialize_seq(Sequence)
}
