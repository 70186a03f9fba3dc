//! The weight of a control variate: fixed, or learned.
//!
//! For a control variate `h` with a known mean, the estimate contains the term `−β B`, where `B = h s − ∇E[h]` has mean
//! zero. The total variance is smallest at `β* = E[⟨A, B⟩]/E[‖B‖²]`, where `A` is the estimate at `β = 0`. This
//! regression coefficient is computed online.
//!
//! Source: S. Mohamed, M. Rosca, M. Figurnov and A. Mnih, *Monte Carlo gradient estimation in machine learning*, JMLR
//! 21, 2020, §7.4.1.

use crate::{
    arithmetic::{lane::Lane, reduce},
    error::Error,
    estimators::baselines::weighted_mean::WeightedMean,
    settings::learning::Decay,
};

/// A weight `β` from −1000 to 1000. A learned weight depends on earlier samples only, so the estimate stays unbiased.
///
/// ```
/// use samplegrad_core::{Decay, Error, coefficient::Coefficient};
///
/// let half = Coefficient::<f32>::fixed(0.5)?;
/// assert_eq!(half.get(), 0.5);
/// assert_eq!(Coefficient::<f32>::tuned(1.0, Decay::new(0.99)?)?.get(), 1.0);
/// assert!(Coefficient::<f32>::fixed(f32::NAN).is_err());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Coefficient<L: Lane = f32> {
    weight: WeightedMean<L>,
    decay: Option<f32>,
}

impl<L: Lane> Coefficient<L> {
    const LIMIT: f32 = 1000.0;

    /// Creates a fixed weight.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the weight is from −1000 to 1000.
    pub fn fixed(weight: f32) -> Result<Self, Error> {
        if (-Self::LIMIT..=Self::LIMIT).contains(&weight) {
            return Ok(Self { weight: WeightedMean::starting_at(L::splat(weight)), decay: None });
        }
        Err(Error::OutOfRange {
            what: "weight of the control variate",
            value: weight,
            requirement: "from -1000 to 1000",
        })
    }

    /// Creates a weight that starts at `start` and follows the optimum. Each step keeps the share `decay` of the past;
    /// with a decay of 1 nothing is forgotten.
    ///
    /// # Errors
    /// The errors of [`Coefficient::fixed`].
    pub fn tuned(start: f32, decay: Decay) -> Result<Self, Error> {
        Ok(Self { decay: Some(decay.get()), ..Self::fixed(start)? })
    }

    /// Returns the current weight.
    #[inline]
    pub fn get(&self) -> L {
        self.weight.mean
    }

    /// Returns whether [`Coefficient::learn`] has an effect.
    pub(crate) fn learns(&self) -> bool {
        self.decay.is_some()
    }

    /// Learns from an estimate `g` that was computed with this weight `β`, and from `B`. Since `A = g + β B`, the
    /// optimal weight is `β* = β + E[⟨g, B⟩]/E[‖B‖²]`.
    pub(crate) fn learn(&mut self, gradient: &[L], part: &[L]) {
        let Some(decay) = self.decay else { return };
        let square = reduce::dot(part, part);
        let best = self.weight.mean + reduce::dot(gradient, part) / square;
        let limit = L::splat(Self::LIMIT);
        self.weight.take(best.min(limit).max(-limit), square, decay);
    }
}
