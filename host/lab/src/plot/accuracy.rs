use plotters::prelude::*;

use crate::plot::{
    error::PlotError,
    style::{BLUE, INK, ORANGE, check_table, drawing, svg, text},
};

/// Draws the accuracy of a learning policy, in percent, after each pass over `rows` rows. There may be one or two
/// curves, each with its name.
///
/// # Errors
/// [`PlotError::Empty`], [`PlotError::Ragged`] or [`PlotError::NotFinite`] for curves that cannot be drawn.
///
/// ```
/// use samplegrad_lab::plot;
///
/// let svg = plot::accuracy(1438, &[("while it learned", &[40.0, 80.0]), ("held out", &[75.0, 90.0])])?;
/// assert!(svg.contains("passes over 1438 rows"));
/// # Ok::<(), plot::PlotError>(())
/// ```
pub fn accuracy(rows: u64, curves: &[(&str, &[f64])]) -> Result<String, PlotError> {
    let passes = check_table("curves", curves.iter().map(|(_, curve)| *curve))?;
    svg((800, 420), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .caption("Learned from reward alone", text(19))
            .x_label_area_size(42)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..passes as f64, 0.0..100.0)
            .map_err(drawing)?;
        chart
            .configure_mesh()
            .x_desc(format!("passes over {rows} rows"))
            .y_desc("right, %")
            .x_labels(passes.min(10) + 1)
            .y_labels(11)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| format!("{y:.0}"))
            .axis_desc_style(text(15))
            .label_style(text(13))
            .bold_line_style(INK.mix(0.15))
            .light_line_style(TRANSPARENT)
            .axis_style(INK.mix(0.6))
            .draw()
            .map_err(drawing)?;
        for (&(name, curve), colour) in curves.iter().zip([ORANGE, BLUE]) {
            let points = (1..).zip(curve).map(|(pass, &y)| (f64::from(pass), y));
            chart
                .draw_series(LineSeries::new(points, colour.stroke_width(2)).point_size(2))
                .map_err(drawing)?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .margin(14)
            .label_font(text(14))
            .background_style(WHITE.mix(0.9))
            .border_style(INK.mix(0.3))
            .draw()
            .map_err(drawing)
    })
}
