//! Logits, which are unnormalised log-probabilities. A constructor checks them once.

use heapless::Vec;

use crate::{
    arithmetic::lane::{Lane, Mask},
    error::Error,
};

/// Logits `l` of up to `N` classes. The probabilities are `p = softmax(l)`. A class with logit −∞ is masked: it has
/// probability zero and is never drawn.
///
/// ```
/// use samplegrad_core::{Error, Logits};
///
/// let logits = Logits::<8>::new(&[0.5, -1.0, f32::NEG_INFINITY])?;
/// assert_eq!(logits.as_slice().len(), 3);
/// assert_eq!(Logits::<8>::new(&[]), Err(Error::Empty { what: "logits" }));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Logits<const N: usize, L: Lane = f32> {
    values: Vec<L, N>,
}

impl<const N: usize, L: Lane> Logits<N, L> {
    /// Checks and copies the logits.
    ///
    /// # Errors
    /// The errors of [`check`], and [`Error::Capacity`] for more than `N` logits.
    pub fn new(logits: &[L]) -> Result<Self, Error> {
        check(logits)?;
        let values =
            Vec::from_slice(logits).map_err(|_| Error::Capacity { what: "logits", len: logits.len(), capacity: N })?;
        Ok(Self { values })
    }

    /// Creates logits from values that another type has already checked.
    pub(crate) fn trusted(values: Vec<L, N>) -> Self {
        Self { values }
    }

    /// Returns the logits in class order.
    #[inline]
    pub fn as_slice(&self) -> &[L] {
        &self.values
    }
}

/// Logits are stored as a sequence with one logit per class. Only logits of one lane can be stored.
#[cfg(feature = "serde")]
impl<const N: usize> serde::Serialize for Logits<N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.as_slice())
    }
}

#[cfg(feature = "serde")]
impl<'de, const N: usize> serde::Deserialize<'de> for Logits<N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = crate::stored::numbers::sequence::<N, D>(deserializer)?;
        Self::new(&values).map_err(serde::de::Error::custom)
    }
}

/// Checks logits in every lane. There must be at least one class, no NaN, no +∞, and at least one unmasked class.
///
/// # Errors
/// [`Error::Empty`] for no classes. [`Error::NotANumber`] or [`Error::PositiveInfinity`] with the index of the class.
/// [`Error::AllMasked`] if every class is masked.
pub fn check<L: Lane>(logits: &[L]) -> Result<(), Error> {
    const WHAT: &str = "logits";
    if logits.is_empty() {
        return Err(Error::Empty { what: WHAT });
    }
    let mut possible = L::Mask::splat(false);
    for (index, &l) in logits.iter().enumerate() {
        if !l.equals(l).all() {
            return Err(Error::NotANumber { what: WHAT, index });
        }
        if l.equals(L::splat(f32::INFINITY)).any() {
            return Err(Error::PositiveInfinity { what: WHAT, index });
        }
        possible = possible.or(L::NEG_INFINITY.lt(l));
    }
    if possible.all() { Ok(()) } else { Err(Error::AllMasked { what: WHAT }) }
}
