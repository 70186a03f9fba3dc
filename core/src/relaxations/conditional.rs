//! Perturbed logits given what they led to: the Gumbel noise of a class that is known to have won, the logistic noise of a
//! bit that is known.
//!
//! Maps of fresh uniforms `v`, with `E = −ln v` and, for a class, logits normalised so that `ln Σ e^l = 0`:
//!
//! ```text
//! class b:  z̃_b = −ln E_b,   z̃_k = −logaddexp(ln E_k − ln p_k, ln E_b)
//! bit:      z̃ = s · softplus(s · logit v + softplus(s · l)),   s = 2b − 1
//! ```
//!
//! These forms keep full precision where `−ln(E_k/p_k + E_b)` and `logit` of a conditional uniform lose it.
//!
//! Sources: C. J. Maddison, D. Tarlow and T. Minka, *A\* sampling*, NIPS 2014; G. Tucker, A. Mnih, C. J. Maddison, J. Lawson
//! and J. Sohl-Dickstein, *REBAR*, NIPS 2017, appendix C.

use crate::{
    elementary::{log_add_exp, sigmoid, softplus},
    lane::{Lane, Word},
    noise::Uniform,
};

/// The perturbed logit `z̃` of a bit, and `∂z̃/∂l` at fixed `v` and `b`. Its sign is that of the bit.
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

/// Writes the perturbed logits `z̃` of a class that won, over the shortest length, and how much each follows its own
/// `ln p_k`: `∂z̃_k/∂l_j = w_k ([k = j] − p_j)` at fixed `v`, with `w_k = σ(ln E_k − ln p_k − ln E_b)` and `w_b = 0`.
///
/// ```
/// use samplegrad_core::{conditional, noise::Uniform};
///
/// let log_p = [0.25_f32.ln(), 0.75_f32.ln()];
/// let v = [Uniform::new(0.9)?, Uniform::new(0.2)?];
/// let (mut z, mut follows) = ([0.0; 2], [0.0; 2]);
/// conditional::class(0, &log_p, &v, &mut z, &mut follows);
/// assert!(z[0] > z[1] && follows[0] == 0.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[inline]
pub fn class<L: Lane>(class: L::Word, log_p: &[L], v: &[Uniform<L>], z: &mut [L], follows: &mut [L]) {
    for (z, v) in z.iter_mut().zip(v) {
        *z = v.neg_ln().ln();
    }
    let of_winner = L::gather(z, class);
    for (((k, z), follows), &log_p) in (0..).zip(z).zip(follows).zip(log_p) {
        let won = class.equals(L::Word::splat(k));
        let own = *z - log_p;
        *z = -L::select(won, of_winner, log_add_exp(own, of_winner));
        *follows = L::select(won, L::ZERO, sigmoid(own - of_winner));
    }
}
