use crate::{
    arithmetic::lane::{Lane, Mask},
    error::Error,
    fixed_vec::format_where,
    limits,
    networks::block::Block,
    optimizers::optimizer::Optimizer,
    settings::learning::LearningRate,
    stored::in_place::{Learned, Squares},
};

/// Adam, with its correction of the bias towards zero:
///
/// ```text
/// m ← β₁ m + (1 − β₁) g            v ← β₂ v + (1 − β₂) g²
/// θ ← θ + η (m / (1 − β₁^t)) / (√(v / (1 − β₂^t)) + ε)
/// ```
///
/// Each lane counts its own steps `t`. It stores the powers `β₁^t` and `β₂^t`, and each step multiplies them by `β₁`
/// and `β₂`.
///
/// Source: D. P. Kingma and J. Ba, *Adam: a method for stochastic optimization*, ICLR 2015, algorithm 1.
///
/// ```
/// use samplegrad_core::{Adam, Dense, LearningRate, Optimizer};
///
/// let mut adam = Adam::new(LearningRate::new(0.25)?);
/// let mut parameters = Dense::zero();
/// adam.ascend(&mut parameters, &Dense::new([[[1e-3]]], [[-1e3]])?, true);
/// // The first step is as long as the rate, whatever the gradient's scale.
/// assert!((parameters.weights()[0][0][0] - 0.25).abs() < 1e-5);
/// assert!((parameters.bias()[0][0] + 0.25).abs() < 1e-5);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct Adam<B: Block> {
    rate: LearningRate,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "stored_betas"))]
    betas: [f32; 2],
    #[cfg_attr(feature = "serde", serde(deserialize_with = "stored_epsilon"))]
    epsilon: f32,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::share"))]
    powers: [B::Lane; 2],
    mean: Learned<B>,
    square: Squares<B>,
}

format_where!(Adam<B: Block> { rate, betas, epsilon, powers, mean, square } where B, B::Lane);

impl<B: Block> Adam<B> {
    /// Creates the optimizer with the source's constants `β₁ = 0.9`, `β₂ = 0.999`, `ε = 10^−8`.
    pub const fn new(rate: LearningRate) -> Self {
        let zero = B::ZERO;
        Self {
            rate,
            betas: [0.9, 0.999],
            epsilon: 1e-8,
            powers: [B::Lane::ONE; 2],
            mean: Learned(zero),
            square: Squares(zero),
        }
    }

    /// Creates the optimizer with other constants.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `β₁` and `β₂` are from 0 to below 1 and `ε` is from 10^−30 to 1.
    pub fn with_constants(rate: LearningRate, betas: [f32; 2], epsilon: f32) -> Result<Self, Error> {
        Ok(Self { betas: checked_betas(betas)?, epsilon: checked_epsilon(epsilon)?, ..Self::new(rate) })
    }

    /// Sets the learning rate `η` of the next steps.
    pub fn set_rate(&mut self, rate: LearningRate) {
        self.rate = rate;
    }
}

fn checked_betas(betas: [f32; 2]) -> Result<[f32; 2], Error> {
    for (what, value) in ["first decay of Adam", "second decay of Adam"].into_iter().zip(betas) {
        if !(0.0..1.0).contains(&value) {
            return Err(Error::OutOfRange { what, value, requirement: "from 0 to below 1" });
        }
    }
    Ok(betas)
}

fn checked_epsilon(epsilon: f32) -> Result<f32, Error> {
    if !(1e-30..=1.0).contains(&epsilon) {
        return Err(Error::OutOfRange { what: "epsilon of Adam", value: epsilon, requirement: "from 1e-30 to 1" });
    }
    Ok(epsilon)
}

#[cfg(feature = "serde")]
fn stored_betas<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<[f32; 2], D::Error> {
    checked_betas(serde::Deserialize::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

#[cfg(feature = "serde")]
fn stored_epsilon<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    crate::stored::numbers::number(deserializer, checked_epsilon)
}

impl<B: Block> Optimizer<B> for Adam<B> {
    #[inline]
    fn ascend(&mut self, parameters: &mut B, gradient: &B, lanes: <B::Lane as Lane>::Mask) {
        if !lanes.any() {
            return;
        }
        let ([keep_mean, keep_square], [power, power_of_square]) = (self.betas, &mut self.powers);
        *power = B::Lane::select(lanes, *power * keep_mean, *power);
        *power_of_square = B::Lane::select(lanes, *power_of_square * keep_square, *power_of_square);
        // A lane that has taken no step yet divides by zero; its result is not selected.
        let (of_mean, of_square) = (B::Lane::ONE - *power, B::Lane::ONE - *power_of_square);
        let splat = B::Lane::splat;
        let constants = [
            splat(keep_mean),
            splat(1.0 - keep_mean),
            splat(keep_square),
            splat(1.0 - keep_square),
            of_mean,
            of_square,
            splat(self.epsilon),
            splat(self.rate.get()),
        ];
        parameters.each_row_with_three(&mut self.mean, &mut self.square, gradient, |w, m, v, g| {
            // From gradients and squares whose sum is this small, a step leads to no number that is clamped.
            if B::Lane::adam_size(g, v).lt(splat(limits::SQUARE / 4.0)).and(lanes).all() {
                // Parameters whose squares have this sum are in their range.
                if B::Lane::adam_step(w, m, v, g, &constants).lt(splat(limits::SQUARE)).all() {
                    return;
                }
            } else {
                clamped_step((w, m, v, g), &constants, lanes);
            }
            limits::parameters(w);
        });
    }
}

/// Takes the step of [`Lane::adam_step`] in the lanes where the mask holds, with clamped gradients and mean squares.
// On a device, it is not inlined, so that the stack of the usual step stays small.
#[cfg_attr(target_os = "none", cold, inline(never))]
#[cfg_attr(not(target_os = "none"), inline)]
fn clamped_step<L: Lane>(
    (w, m, v, g): (&mut [L], &mut [L], &mut [L], &[L]),
    [keep_mean, take_mean, keep_square, take_square, rest_of_mean, rest_of_square, epsilon, rate]: &[L; 8],
    lanes: L::Mask,
) {
    for (((w, m), v), &g) in w.iter_mut().zip(m).zip(v).zip(g) {
        let g = limits::parameter(g);
        let mean = *m * *keep_mean + g * *take_mean;
        let square = (*v * *keep_square + g * g * *take_square).min(L::splat(limits::SQUARE));
        let step = (mean / *rest_of_mean) / ((square / *rest_of_square).sqrt() + *epsilon);
        *m = L::select(lanes, mean, *m);
        *v = L::select(lanes, square, *v);
        *w = L::select(lanes, *w + step * *rate, *w);
    }
}
