//! Surrogates of RELAX: small learned functions of the perturbed logits, subtracted from the cost. The trait, and an
//! implementation that is linear in its weights.
//!
//! An estimate depends on a surrogate `r` through its value and its slopes at `z` and at each `z̃`. The gradient of
//! the square of the estimate in the weights of `r` is therefore a sum over these points. A surrogate needs one
//! [`Influence`] per point to compute it.

use crate::{
    arithmetic::{elementary::sigmoid, lane::Lane},
    estimators::relaxed_control_variates::variance_descent::{Clock, DescentParameter},
    settings::learning::LearningRate,
};

/// A point at which a surrogate was evaluated, and the derivatives of the square of the estimate at this point. The sum
/// of `by_value · ∂r(z) + Σ_k by_slopes_k · ∂(∂r/∂z_k)` over all points is `∂(g·g)`.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Influence<'a, L: Lane = f32> {
    /// The point: one number per logit, −∞ at a masked class.
    pub z: &'a [L],
    /// The derivative with respect to the value.
    pub by_value: L,
    /// The derivatives with respect to the slopes; zero at a masked class.
    pub by_slopes: &'a [L],
}

/// A function of the perturbed logits that learns. A custom surrogate takes these two methods:
///
/// ```
/// use samplegrad_core::surrogate::{Influence, Surrogate};
///
/// /// `r(z) = w Σ_k z_k²/2`, which learns by gradient steps.
/// struct Parabola(f32);
///
/// impl Surrogate for Parabola {
///     fn value_and_gradient(&self, z: &[f32], gradient: &mut [f32]) -> f32 {
///         z.iter().zip(gradient).map(|(z, g)| { *g = self.0 * z; 0.5 * self.0 * z * z }).sum()
///     }
///     fn learn(&mut self, influences: &[Influence<'_>]) {
///         for Influence { z, by_value, by_slopes } in influences {
///             let slope: f32 = z.iter().zip(*by_slopes).map(|(z, by)| by_value * 0.5 * z * z + by * z).sum();
///             self.0 -= 0.01 * slope;
///         }
///     }
/// }
/// ```
pub trait Surrogate<L: Lane = f32> {
    /// Returns `r(z)` and writes `∂r/∂z`. Both must be finite, even though `z` is −∞ at masked classes. The slope at a
    /// masked class is not read.
    fn value_and_gradient(&self, z: &[L], gradient: &mut [L]) -> L;
    /// Updates the weights by one step that reduces the square of the estimate.
    fn learn(&mut self, influences: &[Influence<'_, L>]);
}

/// The feature function of [`Linear`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Feature {
    Tanh,
    Sigmoid,
}

/// The surrogate `r(z) = w_0 + Σ_k w_k ψ(z_k)` with `ψ(z) = tanh(z/2)`, usual for bits, or `σ(z)`, usual for classes.
/// It has one weight per logit, learned by Adam and kept within ±10^6. The bias `w_0` is a baseline that learns.
///
/// ```
/// use samplegrad_core::{LearningRate, surrogate::{Linear, Surrogate}};
///
/// let r = Linear::<4>::sigmoid(LearningRate::new(0.01)?).starting_at(0.5, &[2.0]);
/// let mut slope = [0.0];
/// assert_eq!((r.value_and_gradient(&[0.0], &mut slope), slope), (1.5, [0.5]));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Linear<const N: usize, L: Lane = f32> {
    weights: [DescentParameter<L>; N],
    bias: DescentParameter<L>,
    clock: Clock,
    feature: Feature,
}

impl<const N: usize, L: Lane> Linear<N, L> {
    const LIMITS: [f32; 2] = [-1e6, 1e6];

    /// Creates a surrogate that is linear in `tanh(z/2)`, with weights zero.
    pub fn tanh(rate: LearningRate) -> Self {
        Self::new(rate, Feature::Tanh)
    }

    /// Creates a surrogate that is linear in `σ(z)`, with weights zero.
    pub fn sigmoid(rate: LearningRate) -> Self {
        Self::new(rate, Feature::Sigmoid)
    }

    fn new(rate: LearningRate, feature: Feature) -> Self {
        let zero = DescentParameter::new(L::ZERO);
        Self { weights: [zero; N], bias: zero, clock: Clock::new(rate), feature }
    }

    /// Sets the bias and the first weights, as many as are given. A value beyond ±10^6 becomes the limit, and so does
    /// NaN.
    pub fn starting_at(mut self, bias: L, weights: &[L]) -> Self {
        let within = |w: L| DescentParameter::new(L::splat(Self::LIMITS[0]).max(w).min(L::splat(Self::LIMITS[1])));
        self.bias = within(bias);
        for (own, &w) in self.weights.iter_mut().zip(weights) {
            *own = within(w);
        }
        self
    }

    /// Sets the length of the next steps.
    pub fn at_rate(self, rate: LearningRate) -> Self {
        Self { clock: self.clock.at_rate(rate), ..self }
    }

    /// Returns the bias `w_0`.
    pub fn bias(&self) -> L {
        self.bias.get()
    }

    /// Returns the weights, one per logit.
    pub fn weights(&self) -> [L; N] {
        self.weights.map(DescentParameter::get)
    }

    /// Returns `ψ(z)` and its derivative.
    fn feature(&self, z: L) -> (L, L) {
        let (y, rest) = (sigmoid(z), sigmoid(-z));
        match self.feature {
            Feature::Sigmoid => (y, y * rest),
            Feature::Tanh => {
                let e = (-z.abs()).exp();
                let size = (L::ONE - e) / (e + 1.0);
                (L::select(z.lt(L::ZERO), -size, size), (y * rest) * 2.0)
            }
        }
    }
}

impl<const N: usize, L: Lane> Surrogate<L> for Linear<N, L> {
    /// Sums the bias first, then the logits from first to last.
    fn value_and_gradient(&self, z: &[L], gradient: &mut [L]) -> L {
        let mut value = self.bias.get();
        for ((&z, g), w) in z.iter().zip(gradient).zip(&self.weights) {
            let (feature, slope) = self.feature(z);
            value = value + w.get() * feature;
            *g = w.get() * slope;
        }
        value
    }

    fn learn(&mut self, influences: &[Influence<'_, L>]) {
        self.clock.tick();
        let of_bias = influences.iter().fold(L::ZERO, |total, at| total + at.by_value);
        self.bias.descend(self.clock, of_bias, Self::LIMITS);
        let logits = influences.first().map_or(0, |at| at.z.len());
        for k in 0..logits.min(N) {
            let mut slope = L::ZERO;
            for at in influences {
                let (Some(&z), Some(&by_slope)) = (at.z.get(k), at.by_slopes.get(k)) else { continue };
                let (feature, derivative) = self.feature(z);
                let term = at.by_value * feature + by_slope * derivative;
                slope = slope + L::select(z.equals(L::NEG_INFINITY), L::ZERO, term);
            }
            if let Some(w) = self.weights.get_mut(k) {
                w.descend(self.clock, slope, Self::LIMITS);
            }
        }
    }
}
