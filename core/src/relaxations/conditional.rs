//! Perturbed logits given the sample: the Gumbel noise given the winning class, the logistic noise given the bit.
//!
//! The maps take new uniforms `v`, with `E = −ln v`. For a class, the logits are normalised so that `ln Σ e^l = 0`:
//!
//! ```text
//! class b:  z̃_b = −ln E_b,   z̃_k = −logaddexp(ln E_k − ln p_k, ln E_b)
//! bit:      z̃ = s · softplus(s · logit v + softplus(s · l)),   s = 2b − 1
//! ```
//!
//! These forms keep full precision where `−ln(E_k/p_k + E_b)` and `logit` of a conditional uniform lose precision.
//!
//! Sources: C. J. Maddison, D. Tarlow and T. Minka, *A\* sampling*, NIPS 2014; G. Tucker, A. Mnih, C. J. Maddison, J.
//! Lawson and J. Sohl-Dickstein, *REBAR*, NIPS 2017, appendix C.

use crate::{
    arithmetic::{
        elementary::{log_add_exp, one_less_exp, sigmoid, softplus},
        lane::{Lane, Word},
    },
    noise::uniform::Uniform,
};

/// Computes the perturbed logit `z̃` of a bit, and `∂z̃/∂l` at fixed `v` and `b`. The sign of `z̃` is the sign of the
/// bit.
///
/// ```
/// use samplegrad_core::{conditional, noise::Uniform};
///
/// let (z, slope) = conditional::bit(true, 0.0_f32, Uniform::new(0.5)?);
/// assert!((z - 3_f32.ln()).abs() < 1e-6 && (slope - 1.0 / 3.0).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline]
pub fn bit<L: Lane>(b: L::Mask, logit: L, v: Uniform<L>) -> (L, L) {
    let (l, noise) = (L::select(b, logit, -logit), v.logit());
    let inner = L::select(b, noise, -noise) + softplus(l);
    let size = softplus(inner);
    (L::select(b, size, -size), sigmoid(inner) * sigmoid(l))
}

/// Writes the perturbed logits `z̃` given the winning class `b`, and the weights `w` of their derivatives:
/// `∂z̃_k/∂l_j = w_k ([k = j] − p_j)` at fixed `v`. The weights are `w_k = σ(ln E_k − ln p_k − ln E_b)` and `w_b = 0`.
/// All slices must have equal length.
///
/// ```
/// use samplegrad_core::{conditional, noise::Uniform};
///
/// let log_p = [0.25_f32.ln(), 0.75_f32.ln()];
/// let v = [Uniform::new(0.9)?, Uniform::new(0.2)?];
/// let (mut z, mut jacobian_weight) = ([0.0; 2], [0.0; 2]);
/// conditional::class(0, &log_p, &v, &mut z, &mut jacobian_weight);
/// assert!(z[0] > z[1] && jacobian_weight[0] == 0.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline]
pub fn class<L: Lane>(class: L::Word, log_p: &[L], v: &[Uniform<L>], z: &mut [L], jacobian_weight: &mut [L]) {
    for (z, v) in z.iter_mut().zip(v) {
        *z = v.neg_ln().ln();
    }
    let of_winner = L::gather(z, class);
    for (((k, z), jacobian_weight), &log_p) in (0..).zip(z).zip(jacobian_weight).zip(log_p) {
        let won = class.equals(L::Word::splat(k));
        let own = *z - log_p;
        *z = -L::select(won, of_winner, log_add_exp(own, of_winner));
        *jacobian_weight = L::select(won, L::ZERO, sigmoid(own - of_winner));
    }
}

/// Computes `∂z̃/∂l` of a bit at the noise `v` that gives this `z̃`: `σ(s l)(1 − e^{−|z̃|})`.
///
/// ```
/// use samplegrad_core::{conditional, noise::Uniform};
///
/// let (z, slope) = conditional::bit(true, 0.5_f32, Uniform::new(0.3)?);
/// assert!((conditional::slope_of_bit(true, 0.5, z) - slope).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline]
pub fn slope_of_bit<L: Lane>(b: L::Mask, logit: L, z: L) -> L {
    sigmoid(L::select(b, logit, -logit)) * one_less_exp(z.abs())
}

/// Writes the weights `w` of [`class`], given the winning class `b`, at the noise `v` that gives these perturbed
/// logits: `w_k = 1 − e^{z_k − z_b}`. All slices must have equal length.
///
/// ```
/// let mut jacobian_weight = [0.0_f32; 2];
/// samplegrad_core::conditional::slopes_of_class(0, &[1.0, 1.0 - core::f32::consts::LN_2], &mut jacobian_weight);
/// assert!(jacobian_weight[0] == 0.0 && (jacobian_weight[1] - 0.5).abs() < 1e-6);
/// ```
#[inline]
pub fn slopes_of_class<L: Lane>(class: L::Word, z: &[L], jacobian_weight: &mut [L]) {
    let of_winner = L::gather(z, class);
    for (jacobian_weight, &z) in jacobian_weight.iter_mut().zip(z) {
        *jacobian_weight = one_less_exp(of_winner - z);
    }
}

/// Computes the uniform `v` from which [`bit`] computes this `z`. The sign of `z` determines the bit. The noise `v` is
/// tied to the noise of `z`.
///
/// Let `z = l + logit u` and `θ = σ(l)`. Then `v` is `(u − (1 − θ))/θ` for the bit 1 and `u/(1 − θ)` for the bit 0. It
/// is computed as `logit v = s (ln(e^{|z|} − 1) − softplus(s l))`, which is precise at both ends.
///
/// ```
/// use samplegrad_core::{conditional, noise::Uniform};
///
/// let z = -0.5 + Uniform::new(0.8_f32)?.logit();
/// let (same, _) = conditional::bit(true, -0.5, conditional::noise_of_bit(-0.5, z));
/// assert!((same - z).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline]
pub fn noise_of_bit<L: Lane>(logit: L, z: L) -> Uniform<L> {
    let (b, size) = (L::ZERO.lt(z), z.abs());
    let outer = size + one_less_exp(size).ln();
    let noise = outer - softplus(L::select(b, logit, -logit));
    Uniform::from_tail(sigmoid(-noise.abs()), L::ZERO.lt(L::select(b, noise, -noise)))
}

/// Writes the uniforms `v` from which [`class`] computes these `z = ln p + G` for the winning class. The noise `v` is
/// tied to the noise of `z`. All slices must have equal length.
///
/// For the winner, `−ln v_b = e^{−z_b}`. For the other classes, `−ln v_k = p_k (e^{−z_k} − e^{−z_b})`, computed as
/// `e^{ln p_k − z_k}(1 − e^{z_k − z_b})`. The value at a masked class does not matter and is ½.
///
/// ```
/// use samplegrad_core::{conditional, noise::Uniform};
///
/// let (log_p, z) = ([0.25_f32.ln(), 0.75_f32.ln()], [1.0, -0.5]);
/// let mut v = [Uniform::new(0.5)?; 2];
/// conditional::noise_of_class(0, &log_p, &z, &mut v);
/// let (mut same, mut jacobian_weight) = ([0.0; 2], [0.0; 2]);
/// conditional::class(0, &log_p, &v, &mut same, &mut jacobian_weight);
/// assert!(same.iter().zip(&z).all(|(same, z)| (same - z).abs() < 1e-6));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline]
pub fn noise_of_class<L: Lane>(class: L::Word, log_p: &[L], z: &[L], v: &mut [Uniform<L>]) {
    let of_winner = L::gather(z, class);
    for (((k, v), &log_p), &z) in (0..).zip(v).zip(log_p).zip(z) {
        let won = class.equals(L::Word::splat(k));
        let other = (log_p - z).exp() * one_less_exp(of_winner - z);
        let exponential = L::select(won, (-of_winner).exp(), other);
        *v = Uniform::from_neg_ln(L::select(
            log_p.equals(L::NEG_INFINITY),
            L::splat(core::f32::consts::LN_2),
            exponential,
        ));
    }
}
