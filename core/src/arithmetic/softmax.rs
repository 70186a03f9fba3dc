//! Softmax and its logarithm, on slices.
//!
//! Let `m = max_k l_k`, attained first at class `a`. Every form here uses `e_k = exp((l_k − m)·s)` and the sum of the
//! other exponentials, `r = Σ_{k≠a} e_k`. The terms of `r` are added from first to last. The sum of all exponentials is
//! `1 + r`. Its logarithm is computed as `ln_1p(r)`, so the probability of a dominating class is correct to the last
//! digit.

use crate::arithmetic::{
    lane::{Lane, Word},
    reduce,
};

/// The normalizer of a vector of exponentials.
///
/// ```
/// use samplegrad_core::softmax;
///
/// let mut e = [0.0_f32; 2];
/// let sum = softmax::exponentials(&[3.0, 3.0], 1.0, &mut e);
/// assert_eq!((e, sum.recip()), ([1.0, 1.0], 0.5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Normalizer<L: Lane = f32> {
    mode: L::Word,
    max: L,
    others: L,
}

impl<L: Lane> Normalizer<L> {
    /// Returns the first class whose logit is largest.
    #[inline(always)]
    pub fn mode(self) -> L::Word {
        self.mode
    }
    /// Returns the largest logit.
    #[inline(always)]
    pub fn max(self) -> L {
        self.max
    }
    /// Returns the sum of the exponentials except the mode's exponential, which is 1.
    #[inline(always)]
    pub(crate) fn others(self) -> L {
        self.others
    }
    /// Returns the reciprocal of the sum of the exponentials.
    #[inline(always)]
    pub fn recip(self) -> L {
        (self.others + 1.0).recip()
    }
    /// Returns the logarithm of the sum of the exponentials.
    #[inline(always)]
    pub fn ln(self) -> L {
        self.others.ln_1p()
    }
}

/// Writes `e_k = exp((l_k − max l) · scale)` and returns their normalizer. Writes as many numbers as the shorter slice
/// has.
#[inline(always)]
pub fn exponentials<L: Lane>(logits: &[L], scale: f32, e: &mut [L]) -> Normalizer<L> {
    exponentials_below(logits, reduce::arg_max(logits), scale, e)
}

/// Computes [`exponentials`] for a known largest logit and its class.
#[inline(always)]
pub(crate) fn exponentials_below<L: Lane>(
    logits: &[L],
    (mode, max): (L::Word, L),
    scale: f32,
    e: &mut [L],
) -> Normalizer<L> {
    Normalizer { mode, max, others: L::exponentials(logits, mode, max, scale, e) }
}

/// Writes `p_k = e_k · (1/Σ_j e_j)`. The slices must have equal lengths.
///
/// ```
/// let mut p = [0.0_f32; 3];
/// samplegrad_core::softmax::softmax(&[1e4, 1e4, f32::NEG_INFINITY], &mut p);
/// assert_eq!(p, [0.5, 0.5, 0.0]);
/// ```
#[inline(always)]
pub fn softmax<L: Lane>(logits: &[L], p: &mut [L]) -> Normalizer<L> {
    let sum = exponentials(logits, 1.0, p);
    let recip = sum.recip();
    for p in p {
        *p = *p * recip;
    }
    sum
}

/// Writes `ln p_k = (l_k − max l) − ln Σ_j e_j` and `p_k`. The slices must have equal lengths.
///
/// ```
/// let (mut p, mut log_p) = ([0.0_f32; 2], [0.0; 2]);
/// samplegrad_core::softmax::log_softmax(&[20.0, 0.0], &mut p, &mut log_p);
/// assert_eq!(log_p[0], -libm::expf(-20.0));
/// ```
#[inline(always)]
pub fn log_softmax<L: Lane>(logits: &[L], p: &mut [L], log_p: &mut [L]) -> Normalizer<L> {
    let sum = softmax(logits, p);
    let ln = sum.ln();
    for (log_p, &l) in log_p.iter_mut().zip(logits) {
        *log_p = (l - sum.max()) - ln;
    }
    sum
}

/// Returns `ln Σ_k e^{l_k}`.
///
/// ```
/// let lse = samplegrad_core::softmax::log_sum_exp(&[0.0_f32, 0.0]);
/// assert!((lse - core::f32::consts::LN_2).abs() < 1e-7);
/// ```
#[inline(always)]
pub fn log_sum_exp<L: Lane>(logits: &[L]) -> L {
    let (mode, max) = reduce::arg_max(logits);
    // This is a loop because a closure would not be compiled for the vector's instruction set. Other loops of this
    // crate have the same reason.
    let mut others = L::ZERO;
    for (k, &l) in logits.iter().enumerate() {
        others = others + L::select(mode.equals(L::Word::splat(k as u32)), L::ZERO, (l - max).exp());
    }
    max + others.ln_1p()
}

/// Computes the vector–Jacobian product. Given `p = softmax(scale · l)` and `c = ∂f/∂p`, it writes the gradient
/// `∂f/∂l_k = (p_k (c_k − ⟨p, c⟩)) · scale`. The inner product is computed in [strides](crate::reduce::dot_in_strides).
/// Writes as many numbers as the shortest slice has.
///
/// ```
/// let mut gradient = [0.0_f32; 2];
/// samplegrad_core::softmax::vjp(&[0.5, 0.5], &[1.0, -1.0], 1.0, &mut gradient);
/// assert_eq!(gradient, [0.5, -0.5]);
/// ```
// Inlined code is smaller than a call where the length is known.
#[inline(always)]
pub fn vjp<L: Lane>(p: &[L], cotangent: &[L], scale: f32, gradient: &mut [L]) {
    let mean = reduce::dot_in_strides(p, cotangent);
    for ((g, &p), &c) in gradient.iter_mut().zip(p).zip(cotangent) {
        *g = (p * (c - mean)) * scale;
    }
}

/// Writes the one-hot vector of a class, the limit of a softmax as its scale grows.
///
/// ```
/// let mut hot = [0.0_f32; 3];
/// samplegrad_core::softmax::one_hot(1, &mut hot);
/// assert_eq!(hot, [0.0, 1.0, 0.0]);
/// ```
#[inline(always)]
pub fn one_hot<L: Lane>(class: L::Word, out: &mut [L]) {
    for (k, out) in out.iter_mut().enumerate() {
        *out = L::select(class.equals(L::Word::splat(k as u32)), L::ONE, L::ZERO);
    }
}
