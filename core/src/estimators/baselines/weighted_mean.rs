use crate::{arithmetic::lane::Lane, limits};

/// A weighted mean of values so far, with older values forgotten at a constant rate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub(crate) struct WeightedMean<L: Lane> {
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::learned"))]
    pub mean: L,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::total"))]
    total: L,
}

impl<L: Lane> WeightedMean<L> {
    /// Creates the state before the first value. The first value with a positive weight replaces `mean`.
    pub(crate) fn starting_at(mean: L) -> Self {
        Self { mean, total: L::ZERO }
    }

    /// Updates `W ← ρ W + w`, `m ← m + (x − m) w/W`; the new `m` is between the old `m` and `x`. A weight
    /// that is NaN counts as 0; a value that is NaN leaves `m` unchanged.
    #[inline]
    pub(crate) fn take(&mut self, value: L, weight: L, decay: f32) {
        let weight = L::select(weight.equals(weight), limits::learned(weight), L::ZERO);
        let value = L::select(value.equals(value), limits::learned(value), self.mean);
        self.total = self.total * decay + weight;
        let share = L::select(L::ZERO.lt(self.total), weight / self.total, L::ZERO);
        self.mean = self.mean + (value - self.mean) * share;
    }
}
