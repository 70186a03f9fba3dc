use crate::plot::{error::PlotError, learning_curves, style::svg, weights};

/// Draws one picture with learning curves on the left and the learned weights on the right.
///
/// ```
/// use samplegrad_lab::plot;
///
/// let svg = plot::banner(&[vec![10.0, 90.0]], &[10.0, 90.0], &[[0.5_f32; 10]; 64])?;
/// assert!(svg.starts_with("<svg"));
/// # Ok::<(), plot::PlotError>(())
/// ```
///
/// # Errors
/// The errors of [`learning_curves`](crate::plot::learning_curves) and
/// [`weight_pictures`](crate::plot::weight_pictures).
pub fn banner<const K: usize>(curves: &[Vec<f64>], device: &[f64], weights: &[[f32; K]]) -> Result<String, PlotError> {
    svg((1000, 300), |area| {
        let (left, right) = area.split_horizontally(440);
        learning_curves::draw(&left, curves, device)?;
        weights::draw(&right, weights)
    })
}
