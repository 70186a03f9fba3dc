use plotters::prelude::*;

use crate::plot::{
    error::PlotError,
    style::{Area, BLUE, ORANGE, centred, check_table, drawing, svg},
};

/// Draws one picture of weights per class from `weights[pixel][class]`. The pixels form a square and are in row order.
/// Blue is positive, orange is negative, white is zero. The strongest colour stands for the largest magnitude over all
/// classes.
///
/// ```
/// use samplegrad_lab::plot;
///
/// let svg = plot::weight_pictures(&[[1.0_f32, -1.0]; 4])?;
/// assert!(svg.contains("<rect"));
/// # Ok::<(), plot::PlotError>(())
/// ```
///
/// # Errors
/// [`PlotError::Empty`] without weights, [`PlotError::NotFinite`] with the place of a weight that is not finite,
/// [`PlotError::Ragged`] if the pixels do not form a square.
pub fn weight_pictures<const K: usize>(weights: &[[f32; K]]) -> Result<String, PlotError> {
    svg((800, 390), |area| draw(area, weights))
}

/// Room below a picture, for its class.
const LABEL: i32 = 26;

/// Returns width and height of one cell of a grid.
fn cell(area: &Area<'_>, columns: usize, rows: usize) -> (i32, i32) {
    let (width, height) = area.dim_in_pixel();
    (width as i32 / columns as i32, height as i32 / rows as i32)
}

pub(super) fn draw<const K: usize>(area: &Area<'_>, weights: &[[f32; K]]) -> Result<(), PlotError> {
    let rows: Vec<Vec<f64>> = weights.iter().map(|row| row.iter().map(|&w| f64::from(w)).collect()).collect();
    check_table("weights", rows.iter().map(Vec::as_slice))?;
    let side = rows.len().isqrt();
    if side * side != rows.len() {
        return Err(PlotError::Ragged { what: "weights", row: side, expected: side * side, found: rows.len() });
    }
    let largest = rows.iter().flatten().fold(0.0_f64, |largest, w| largest.max(w.abs()));
    // The number of columns that makes the pixels largest.
    let pixels = |columns: usize| {
        let (cell_width, cell_height) = cell(area, columns, K.div_ceil(columns));
        ((cell_width - 8).min(cell_height - LABEL) / side as i32).max(1)
    };
    let columns = (1..=K).max_by_key(|&columns| pixels(columns)).unwrap_or(1);
    let pixel = pixels(columns);
    let (cell_width, cell_height) = cell(area, columns, K.div_ceil(columns));
    for class in 0..K {
        let (row, column) = ((class / columns) as i32, (class % columns) as i32);
        let left = column * cell_width + (cell_width - pixel * side as i32) / 2;
        let top = row * cell_height + (cell_height - LABEL - pixel * side as i32) / 2;
        for (place, weights) in rows.iter().enumerate() {
            let (x, y) = (left + (place % side) as i32 * pixel, top + (place / side) as i32 * pixel);
            let share = if largest > 0.0 { weights[class] / largest } else { 0.0 };
            let colour = if share < 0.0 { ORANGE } else { BLUE };
            let square = Rectangle::new([(x, y), (x + pixel, y + pixel)], colour.mix(share.abs().sqrt()).filled());
            area.draw(&square).map_err(drawing)?;
        }
        let label = (left + pixel * side as i32 / 2, top + pixel * side as i32 + LABEL / 2 + 2);
        area.draw(&Text::new(class.to_string(), label, centred(17))).map_err(drawing)?;
    }
    Ok(())
}
