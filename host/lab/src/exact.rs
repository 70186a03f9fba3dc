//! Exact expectation and gradient, in double precision.

/// The exact `E[f]` and its gradient, a number per parameter.
///
/// ```
/// use samplegrad_lab::problems;
///
/// let exact = problems::toy(0.45, 0.0)?.exact();
/// assert!((exact.mean - 0.2525).abs() < 1e-7 && (exact.gradient[0] - 0.025).abs() < 1e-7);
/// # Ok::<(), samplegrad_lab::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Exact {
    /// `E[f]`.
    pub mean: f64,
    /// `∇_φ E[f]`.
    pub gradient: Vec<f64>,
}
