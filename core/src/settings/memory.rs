//! The memory of running statistics.

use crate::{error::Error, settings::checked::parameter};

parameter! {
    /// The number of steps that running statistics remember. Up to this number, every step has the same weight; after
    /// it, the statistics forget by a share of `1 / memory` per step. The largest memory never forgets in practice.
    ///
    /// ```
    /// use samplegrad_core::Memory;
    ///
    /// assert_eq!(Memory::new(1000.0)?.get(), 1000.0);
    /// assert!(Memory::new(0.5).is_err());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    Memory, "memory", "from 2 to 2^24", |x| x >= 2.0 && x <= 16_777_216.0
}

impl Memory {
    /// The largest memory, 2^24 steps.
    pub const WHOLE: Self = Self(16_777_216.0);
}
