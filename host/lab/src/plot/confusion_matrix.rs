use plotters::prelude::*;

use crate::plot::{
    error::PlotError,
    style::{BLUE, INK, centred, drawing, svg, text},
};

/// Draws a table of counts, with true classes as rows and predicted classes as columns. The darkness of a cell
/// increases with `√(count / row sum)`. The square root makes rare errors visible.
///
/// ```
/// use samplegrad_lab::plot;
///
/// let svg = plot::confusion_matrix(&[[9, 1], [0, 10]])?;
/// assert!(svg.contains("read as"));
/// # Ok::<(), plot::PlotError>(())
/// ```
///
/// # Errors
/// [`PlotError::Empty`] if there are no classes.
pub fn confusion_matrix<const K: usize>(counts: &[[u32; K]; K]) -> Result<String, PlotError> {
    if K == 0 {
        return Err(PlotError::Empty { what: "counts" });
    }
    let (left, top, width, height) = (90, 56, (640 / K) as i32, (360 / K) as i32);
    let size = (left as u32 + 30 + (width * K as i32) as u32, top as u32 + 16 + (height * K as i32) as u32);
    svg(size, |area| {
        let centre = |column: usize| left + width * column as i32 + width / 2;
        let middle = |row: usize| top + height * row as i32 + height / 2;
        area.draw(&Text::new("read as", (left + width * K as i32 / 2, 14), centred(15))).map_err(drawing)?;
        area.draw(&Text::new("meant", (12, top - 28), text(15))).map_err(drawing)?;
        for k in 0..K {
            area.draw(&Text::new(k.to_string(), (centre(k), top - 16), centred(15))).map_err(drawing)?;
            area.draw(&Text::new(k.to_string(), (left - 20, middle(k)), centred(15))).map_err(drawing)?;
        }
        for (row, counts) in counts.iter().enumerate() {
            let total: u32 = counts.iter().sum();
            for (column, &count) in counts.iter().enumerate() {
                let share = if total == 0 { 0.0 } else { f64::from(count) / f64::from(total) };
                let corner = (left + width * column as i32, top + height * row as i32);
                let cell = [corner, (corner.0 + width - 2, corner.1 + height - 2)];
                let fill = if count == 0 { INK.mix(0.04) } else { BLUE.mix(0.1 + 0.85 * share.sqrt()) };
                area.draw(&Rectangle::new(cell, fill.filled())).map_err(drawing)?;
                if count > 0 {
                    let colour = if share > 0.25 { WHITE } else { INK };
                    let style = centred(14).color(&colour);
                    area.draw(&Text::new(count.to_string(), (centre(column) - 1, middle(row) - 1), style))
                        .map_err(drawing)?;
                }
            }
        }
        Ok(())
    })
}
