use plotters::prelude::*;

use super::{Area, BLUE, PlotError, RED, centred, check_table, drawing, svg};

/// Draws weights as pictures, one per class, from `weights[pixel][class]`: pixels row by row, as many rows as columns.
/// Blue is positive, red negative, white zero; the strongest colour is the largest magnitude of all classes.
///
/// ```
/// use samplegrad_host::plot;
///
/// let svg = plot::weight_pictures(&[[1.0_f32, -1.0]; 4])?;
/// assert!(svg.contains("<rect"));
/// # Ok::<(), plot::PlotError>(())
/// ```
///
/// # Errors
/// [`PlotError::Empty`] for no weights, [`PlotError::NotFinite`] with the place of one that is not finite,
/// [`PlotError::Ragged`] if the pixels make no square.
pub fn weight_pictures<const K: usize>(weights: &[[f32; K]]) -> Result<String, PlotError> {
    svg((800, 390), |area| draw(area, weights))
}

pub(super) fn draw<const K: usize>(area: &Area<'_>, weights: &[[f32; K]]) -> Result<(), PlotError> {
    let rows: Vec<Vec<f64>> = weights.iter().map(|row| row.iter().map(|&w| f64::from(w)).collect()).collect();
    check_table("weights", rows.iter().map(Vec::as_slice))?;
    let side = rows.len().isqrt();
    if side * side != rows.len() {
        return Err(PlotError::Ragged { what: "weights", row: side, expected: side * side, found: rows.len() });
    }
    let largest = rows.iter().flatten().fold(0.0_f64, |largest, w| largest.max(w.abs()));
    let (width, height) = area.dim_in_pixel();
    let columns = K.div_ceil(2).max(1);
    let (cell_width, cell_height) = (width as i32 / columns as i32, (height as i32 - 16) / 2);
    let pixel = (cell_width - 12).min(cell_height - 40) / side as i32;
    for class in 0..K {
        let (row, column) = ((class / columns) as i32, (class % columns) as i32);
        let left = column * cell_width + (cell_width - pixel * side as i32) / 2;
        let top = 12 + row * cell_height;
        for (place, weights) in rows.iter().enumerate() {
            let (x, y) = (left + (place % side) as i32 * pixel, top + (place / side) as i32 * pixel);
            let share = if largest > 0.0 { weights[class] / largest } else { 0.0 };
            let colour = if share < 0.0 { RED } else { BLUE };
            let square = Rectangle::new([(x, y), (x + pixel, y + pixel)], colour.mix(share.abs().sqrt()).filled());
            area.draw(&square).map_err(drawing)?;
        }
        let label = (left + pixel * side as i32 / 2, top + pixel * side as i32 + 14);
        area.draw(&Text::new(class.to_string(), label, centred(17))).map_err(drawing)?;
    }
    Ok(())
}
