//! Logits to base 2.

use crate::{
    arithmetic::lane::{Lane, Mask, Word},
    check,
    error::Error,
    integer::{
        fixed_point::{fixed_within, to_fixed},
        product,
    },
};

/// `K` logits to base 2, signed with 16 fraction bits: class `k` has probability `2^{l_k} / Σ_j 2^{l_j}`.
///
/// At least one class is not masked. `K = 0` is a compile error.
///
/// ```
/// use samplegrad_core::{Error, integer::FixedLogits};
///
/// let logits = FixedLogits::from_nats(&[core::f32::consts::LN_2, 0.0, f32::NEG_INFINITY])?;
/// assert_eq!(logits, FixedLogits::new([1 << 16, 0, FixedLogits::<3>::MASKED])?);
/// assert_eq!(FixedLogits::from_nats(&[0.0, f32::NAN]), Err(Error::NotANumber { what: "logits", index: 1 }));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FixedLogits<const K: usize, L: Lane = f32> {
    values: [L::Word; K],
}

impl<const K: usize, L: Lane> FixedLogits<K, L> {
    /// The largest magnitude: 16384, which is 11356 nats.
    pub const MAX: i32 = 1 << 30;
    /// The logit of a masked class.
    pub const MASKED: i32 = i32::MIN;

    /// Checks logits that are the same in every lane.
    ///
    /// # Errors
    /// The errors of [`FixedLogits::from_words`].
    pub fn new(values: [i32; K]) -> Result<Self, Error> {
        Self::from_words(values.map(|l| L::Word::splat(l as u32)))
    }

    /// Checks logits given as signed words.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] with the first logit in any lane that is beyond [`FixedLogits::MAX`] and not
    /// [`FixedLogits::MASKED`]; [`Error::AllMasked`] if all classes of a lane are masked.
    pub fn from_words(values: [L::Word; K]) -> Result<Self, Error> {
        const { assert!(K > 0, "a choice needs at least one class") };
        let mut any = L::Mask::splat(false);
        for &l in &values {
            let masked = l.equals(L::Word::splat(Self::MASKED as u32));
            let what = ("logits", "from -16384 to 16384 to base 2, or masked");
            fixed_within(what, L::Word::select(masked, L::Word::splat(0), l), Self::MAX)?;
            any = any.or(masked.not());
        }
        if any.all() { Ok(Self { values }) } else { Err(Error::AllMasked { what: "logits" }) }
    }

    /// Converts natural logits to base 2, rounded to the nearest 2^−16; −∞ masks a class.
    ///
    /// # Errors
    /// [`Error::NotANumber`], [`Error::PositiveInfinity`] or [`Error::OutOfRange`] (beyond ±11356) for the first such
    /// logit in any lane; [`Error::AllMasked`] if all classes of a lane are masked.
    pub fn from_nats(logits: &[L; K]) -> Result<Self, Error> {
        const { assert!(K > 0, "a choice needs at least one class") };
        let mut any = L::Mask::splat(false);
        for (index, &l) in logits.iter().enumerate() {
            if !l.equals(l).all() {
                return Err(Error::NotANumber { what: "logits", index });
            }
            if l.equals(L::splat(f32::INFINITY)).any() {
                return Err(Error::PositiveInfinity { what: "logits", index });
            }
            let masked = l.equals(L::NEG_INFINITY);
            check::within("logits", L::select(masked, L::ZERO, l), -11356.0, 11356.0, "from -11356 to 11356, or -inf")?;
            any = any.or(masked.not());
        }
        if !any.all() {
            return Err(Error::AllMasked { what: "logits" });
        }
        Ok(Self {
            values: logits.map(|l| {
                let value = to_fixed(l, core::f32::consts::LOG2_E * 65536.0);
                L::Word::select(l.equals(L::NEG_INFINITY), L::Word::splat(Self::MASKED as u32), value)
            }),
        })
    }

    /// Creates logits that are known to be in range.
    #[inline]
    pub(super) fn trusted(values: [L::Word; K]) -> Self {
        const { assert!(K > 0, "a choice needs at least one class") };
        Self { values }
    }

    /// Returns the logits as signed words.
    #[inline]
    pub fn as_array(&self) -> &[L::Word; K] {
        &self.values
    }

    /// Returns the class of the largest logit, the first on ties.
    #[inline]
    pub fn arg_max(&self) -> L::Word {
        let (mut class, mut largest) = (L::Word::splat(0), L::Word::splat(Self::MASKED as u32));
        for (k, &l) in (0..).zip(&self.values) {
            let above;
            (above, largest) = product::larger(largest, l);
            class = L::Word::select(above, L::Word::splat(k), class);
        }
        class
    }

    /// Returns the largest logit.
    #[inline]
    pub(super) fn max(&self) -> L::Word {
        let masked = L::Word::splat(Self::MASKED as u32);
        self.values.iter().fold(masked, |largest, &l| product::larger(largest, l).1)
    }
}
