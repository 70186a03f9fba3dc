//! The exponential race, relaxed: Gumbel-softmax at `τ` = 1 and ½ without its second logarithm.
//!
//! ```text
//! e^{(l + G)/τ} = e^{l/τ} E^{−1/τ},   G = −ln E,   E = −ln u
//! ```
//!
//! A Gumbel number is the negative logarithm of an arrival time, and the softmax computes the exponential of this
//! logarithm. If `1/τ` is a small integer, a power of `E` takes the place of this logarithm and this
//! exponential: the weight of class `k` is `e^{(l_k − max l)/τ} / E_k^{1/τ}`. The result is also closer to the exact result, since no rounding error of `l + G`
//! passes through an exponential.
//!
//! Source: C. J. Maddison, A. Mnih and Y. W. Teh, *The Concrete distribution*, ICLR 2017, appendix. For the race, see
//! [`exponential_race`](crate::exponential_race).

use crate::{
    arithmetic::{decay::decay, lane::Lane, reduce},
    settings::temperature::Temperature,
};

/// A temperature at which the race applies.
///
/// ```
/// use samplegrad_core::{Temperature, relaxed_race::RelaxedRace};
///
/// assert!(RelaxedRace::at(Temperature::ONE).is_some());
/// assert!(RelaxedRace::at(Temperature::new(0.7)?).is_none());
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RelaxedRace {
    /// True if `1/τ` is 2, false if it is 1.
    squared: bool,
}

impl RelaxedRace {
    /// Returns the race at this temperature, if it is 1 or ½.
    #[inline(always)]
    pub fn at(tau: Temperature) -> Option<Self> {
        let exponent = tau.recip();
        if exponent == 1.0 || exponent == 2.0 { Some(Self { squared: exponent == 2.0 }) } else { None }
    }

    /// Computes `e^{(l − max l)/τ} / E^{1/τ}` for the difference `l − max l` and the arrival time `E = −ln u`; zero if
    /// the exponential is below `e^{−80}`.
    #[inline(always)]
    pub fn weight<L: Lane>(self, difference: L, arrival: L) -> L {
        if self.squared { decay(difference * 2.0) / (arrival * arrival) } else { decay(difference) / arrival }
    }

    /// Writes `y_k = w_k · (1/Σ w)`, where `w_k` is the [`weight`](Self::weight) of class `k`. The sum is computed by
    /// [`sum_in_strides`](reduce::sum_in_strides). Returns the class of the largest weight, the first on ties. All
    /// slices must have equal length.
    ///
    /// ```
    /// use samplegrad_core::{Temperature, relaxed_race::RelaxedRace};
    ///
    /// let (race, mut y) = (RelaxedRace::at(Temperature::ONE).unwrap(), [0.0_f32; 2]);
    /// let first = race.relax(&[3.0, 3.0], &[1.0, 3.0], &mut y);
    /// assert_eq!((first, y), (0, [0.75, 0.25]));
    /// ```
    #[inline(always)]
    pub fn relax<L: Lane>(self, logits: &[L], arrivals: &[L], y: &mut [L]) -> L::Word {
        let max = reduce::max(logits);
        for ((y, &l), &arrival) in y.iter_mut().zip(logits).zip(arrivals) {
            *y = self.weight(l - max, arrival);
        }
        let (first, _) = reduce::arg_max(y);
        let recip = reduce::sum_in_strides(y).recip();
        for y in y {
            *y = *y * recip;
        }
        first
    }
}
