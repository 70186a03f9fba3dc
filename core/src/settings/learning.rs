//! Settings of a learner, each checked once.

use crate::{error::Error, settings::checked::parameter};

parameter! {
    /// The length of a gradient step.
    ///
    /// ```
    /// use samplegrad_core::LearningRate;
    ///
    /// assert_eq!(LearningRate::new(0.05)?.get(), 0.05);
    /// assert!(LearningRate::new(0.0).is_err());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    LearningRate, "learning rate", "above 0 and at most 1000", |x| x > 0.0 && x <= 1000.0
}
parameter! {
    /// The weight of the past in a moving average.
    ///
    /// ```
    /// use samplegrad_core::Decay;
    ///
    /// assert_eq!(Decay::new(0.99)?.get(), 0.99);
    /// assert!(Decay::new(1.5).is_err());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    Decay, "decay", "from 0 to 1", |x| x >= 0.0 && x <= 1.0
}
parameter! {
    /// The weight of the entropy in the objective, which rewards exploration.
    ///
    /// ```
    /// use samplegrad_core::EntropyBonus;
    ///
    /// assert_eq!(EntropyBonus::new(0.01)?.get(), 0.01);
    /// assert!(EntropyBonus::new(-1.0).is_err());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    EntropyBonus, "entropy bonus", "from 0 to 1000", |x| x >= 0.0 && x <= 1000.0
}

impl EntropyBonus {
    /// The zero bonus: an objective without entropy.
    pub const NONE: Self = Self(0.0);
}
parameter! {
    /// The largest Euclidean norm of a gradient; a longer gradient is scaled down to it.
    ///
    /// ```
    /// use samplegrad_core::MaxNorm;
    ///
    /// assert_eq!(MaxNorm::new(1.0)?.get(), 1.0);
    /// assert!(MaxNorm::new(0.0).is_err());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    MaxNorm, "largest norm", "from 1e-6 to 1e15", |x| x >= 1e-6 && x <= 1e15
}

parameter! {
    /// The factor `κ` by which the bounded steps of [`ObGd`](crate::ObGd) stay away from overshooting.
    ///
    /// ```
    /// use samplegrad_core::Overshoot;
    ///
    /// assert_eq!(Overshoot::new(2.0)?.get(), 2.0);
    /// assert!(Overshoot::new(0.5).is_err());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    Overshoot, "overshoot factor", "from 1 to 1000", |x| x >= 1.0 && x <= 1000.0
}

/// Reads a decay from its stored form, for a type that stores the decay as a plain number.
#[cfg(feature = "serde")]
pub(crate) fn stored_decay<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    crate::stored::numbers::number(deserializer, |decay| Decay::new(decay).map(Decay::get))
}
