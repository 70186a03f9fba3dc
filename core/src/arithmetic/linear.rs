//! Kernels of linear models: a product with a matrix, and a step along an outer product.
//!
//! Matrices are stored feature-major: `weights[d][k]` is the weight of feature `d` for output `k`. With this layout,
//! both kernels read consecutive memory.

use crate::arithmetic::lane::Lane;

/// Returns `bias + Σ_d x_d weights_d`. The sum starts with the bias and adds the features from first to last. Weights
/// must be finite, because the kernel may skip features that are zero.
///
/// ```
/// let y = samplegrad_core::linear::map(&[[1.0_f32, 2.0], [3.0, 4.0]], &[0.5, 0.0], &[1.0, -1.0]);
/// assert_eq!(y, [-1.5, -2.0]);
/// ```
#[inline]
pub fn map<const D: usize, const K: usize, L: Lane>(weights: &[[L; K]; D], bias: &[L; K], x: &[L; D]) -> [L; K] {
    let mut out = *bias;
    L::add_rows(&mut out, weights, x);
    out
}

/// Returns `bias + Σ_d x_d weights_d` for one output. The features are added from first to last.
///
/// ```
/// assert_eq!(samplegrad_core::linear::combination(&[1.0_f32, 2.0], 0.5, &[3.0, 4.0]), 11.5);
/// ```
#[inline]
pub fn combination<const D: usize, L: Lane>(weights: &[L; D], bias: L, x: &[L; D]) -> L {
    x.iter().zip(weights).fold(bias, |total, (&x, &w)| total + x * w)
}

/// Adds `step` to the bias, and adds the outer product of the features and `step` to the weights: `weights_d ←
/// weights_d + x_d · step`.
///
/// ```
/// let (mut weights, mut bias) = ([[0.0_f32; 1]; 2], [0.0]);
/// samplegrad_core::linear::add_outer(&mut weights, &mut bias, &[1.0, -2.0], &[0.5]);
/// assert_eq!((weights, bias), ([[0.5], [-1.0]], [0.5]));
/// ```
#[inline]
pub fn add_outer<const D: usize, const K: usize, L: Lane>(
    weights: &mut [[L; K]; D],
    bias: &mut [L; K],
    x: &[L; D],
    step: &[L; K],
) {
    for (b, &s) in bias.iter_mut().zip(step) {
        *b = *b + s;
    }
    L::add_outer(weights, x, step);
}
