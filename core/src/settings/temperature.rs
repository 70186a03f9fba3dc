//! The temperature of a relaxation.

use crate::error::Error;

/// A temperature `τ` from 1e−10 to 1e10. It also stores the reciprocal `1/τ`, by which the kernels multiply.
///
/// ```
/// use samplegrad_core::{Error, Temperature};
///
/// let tau = Temperature::new(0.5)?;
/// assert_eq!((tau.get(), tau.recip()), (0.5, 2.0));
/// assert!(matches!(Temperature::new(0.0), Err(Error::OutOfRange { what: "temperature", .. })));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Temperature {
    tau: f32,
    recip: f32,
}

#[cfg(feature = "serde")]
crate::stored::numbers::checked_number!(Temperature);

impl Temperature {
    /// The temperature `τ = 1`.
    pub const ONE: Self = Self { tau: 1.0, recip: 1.0 };
    pub(crate) const MIN: f32 = 1e-10;
    pub(crate) const MAX: f32 = 1e10;

    /// Checks the temperature.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `1e−10 ≤ τ ≤ 1e10`.
    pub const fn new(tau: f32) -> Result<Self, Error> {
        if tau >= Self::MIN && tau <= Self::MAX {
            Ok(Self { tau, recip: 1.0 / tau })
        } else {
            Err(Error::OutOfRange { what: "temperature", value: tau, requirement: "from 1e-10 to 1e10" })
        }
    }

    /// Returns the temperature nearest to `tau`, which must not be NaN.
    pub(crate) fn saturating(tau: f32) -> Self {
        let tau = if tau < Self::MAX { tau } else { Self::MAX };
        let tau = if tau > Self::MIN { tau } else { Self::MIN };
        Self { tau, recip: 1.0 / tau }
    }

    /// Returns `τ`.
    #[inline]
    pub const fn get(self) -> f32 {
        self.tau
    }

    /// Returns `1/τ`, rounded once.
    #[inline]
    pub const fn recip(self) -> f32 {
        self.recip
    }
}
