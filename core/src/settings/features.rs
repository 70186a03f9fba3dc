//! The input of a policy.

use crate::{arithmetic::lane::Lane, check, error::Error, limits};

/// An input of `D` features, finite and at most 10^6 in magnitude, so that no sum of a learner can overflow.
///
/// ```
/// use samplegrad_core::{Error, Features};
///
/// let x = Features::new([0.5_f32, -2.0])?;
/// assert_eq!(x.as_array(), &[0.5, -2.0]);
/// assert_eq!(Features::new([0.0, f32::NAN]), Err(Error::NotANumber { what: "features", index: 1 }));
///
/// let pixels = Features::<3>::from_fixed_point(&[0, 8, 16], 4);
/// assert_eq!(pixels.as_array(), &[0.0, 0.5, 1.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct Features<const D: usize, L: Lane = f32> {
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::reward"))]
    values: [L; D],
}

impl<const D: usize, L: Lane> Features<D, L> {
    /// The largest magnitude.
    pub const MAX: f32 = limits::REWARD;

    /// Checks the features of every lane.
    ///
    /// # Errors
    /// [`Error::NotANumber`] and [`Error::Infinite`] with the index of the feature; [`Error::OutOfRange`] for a
    /// magnitude above [`Features::MAX`].
    pub fn new(values: [L; D]) -> Result<Self, Error> {
        check::finite("features", &values)?;
        for &x in &values {
            for lane in 0..L::LANES {
                let value = x.extract(lane);
                if !(-Self::MAX..=Self::MAX).contains(&value) {
                    return Err(Error::OutOfRange { what: "features", value, requirement: "from -1e6 to 1e6" });
                }
            }
        }
        Ok(Self { values })
    }

    /// Creates features from numbers that are within the largest magnitude.
    #[inline]
    pub(crate) const fn trusted(values: [L; D]) -> Self {
        Self { values }
    }

    /// Returns the features, to overwrite them with numbers that are within the largest magnitude.
    #[inline]
    pub(crate) fn as_mut_array(&mut self) -> &mut [L; D] {
        &mut self.values
    }

    /// Converts bytes, read as fixed-point numbers, to features `x · 2^−fraction_bits`, equal in every lane. Nothing is
    /// checked or rounded. More than 64 fraction bits count as 64.
    pub fn from_fixed_point(bytes: &[u8; D], fraction_bits: u32) -> Self {
        let scale = 1.0 / (1_u128 << fraction_bits.min(64)) as f32;
        // Multiply in lanes: a compiler that sees one number stored many times would emit a scatter.
        Self { values: bytes.map(|x| L::splat(f32::from(x)) * scale) }
    }

    /// Returns the features.
    #[inline]
    pub fn as_array(&self) -> &[L; D] {
        &self.values
    }
}
