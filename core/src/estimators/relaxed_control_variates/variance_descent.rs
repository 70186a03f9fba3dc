//! Adam in fixed memory, for the few numbers of a control variate that descend along the gradient of the variance.
//!
//! The steps of Adam do not depend on the scale of the gradient, which is proportional to the square of the cost.
//!
//! Source: D. P. Kingma and J. Ba, *Adam: a method for stochastic optimization*, ICLR 2015, algorithm 1, with its β₁ =
//! 0.9 and β₂ = 0.999.

use crate::{arithmetic::lane::Lane, settings::learning::LearningRate};

const KEPT: [f32; 2] = [0.9, 0.999];

/// The step length, and the powers of the decays that correct the bias of the moments. The powers stand for the number
/// of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Clock {
    rate: f32,
    powers: [f32; 2],
}

impl Clock {
    pub(crate) const fn new(rate: LearningRate) -> Self {
        Self { rate: rate.get(), powers: [1.0; 2] }
    }

    /// Returns the clock with another rate.
    pub(crate) const fn at_rate(self, rate: LearningRate) -> Self {
        Self { rate: rate.get(), ..self }
    }

    /// Advances to the next step.
    pub(crate) fn tick(&mut self) {
        for (power, kept) in self.powers.iter_mut().zip(KEPT) {
            *power *= kept;
        }
    }
}

/// A learned number and the moments of its gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct DescentParameter<L: Lane> {
    value: L,
    first: L,
    second: L,
}

impl<L: Lane> DescentParameter<L> {
    /// The largest gradient in magnitude. The square of a larger one would overflow.
    const LARGEST: f32 = 1e18;

    pub(crate) const fn new(value: L) -> Self {
        Self { value, first: L::ZERO, second: L::ZERO }
    }

    #[inline]
    pub(crate) fn get(self) -> L {
        self.value
    }

    /// Takes a step against a gradient, within limits. A gradient that is NaN counts as zero.
    pub(crate) fn descend(&mut self, clock: Clock, gradient: L, [low, high]: [f32; 2]) {
        let g = gradient.min(L::splat(Self::LARGEST)).max(L::splat(-Self::LARGEST));
        let g = L::select(g.equals(g), g, L::ZERO);
        self.first = self.first * KEPT[0] + g * (1.0 - KEPT[0]);
        self.second = self.second * KEPT[1] + (g * g) * (1.0 - KEPT[1]);
        let first = self.first / (1.0 - clock.powers[0]);
        let second = self.second / (1.0 - clock.powers[1]);
        // The quotient is of order 1. The constant suppresses gradients far below 10^−12, which are rounding noise.
        let step = (first / (second.sqrt() + 1e-12)) * clock.rate;
        self.value = (self.value - step).max(L::splat(low)).min(L::splat(high));
    }
}
