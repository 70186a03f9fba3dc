use plotters::prelude::*;

use crate::plot::{
    error::PlotError,
    style::{Area, BLUE, INK, ORANGE, check_table, drawing, svg, text},
};

/// Draws learning curves from each device's accuracy in percent, before learning and after every pass. The plot shows
/// their mean and the band from the 10th to the 90th percentile. `device` is one device's own curve, drawn as points.
///
/// # Errors
/// [`PlotError::Empty`], [`PlotError::Ragged`] or [`PlotError::NotFinite`] for curves that cannot be drawn.
///
/// ```
/// use samplegrad_lab::plot;
///
/// let svg = plot::learning_curves(&[vec![10.0, 80.0], vec![12.0, 90.0]], &[12.0, 90.0])?;
/// assert!(svg.contains("devices in lanes"));
/// # Ok::<(), plot::PlotError>(())
/// ```
pub fn learning_curves(curves: &[Vec<f64>], device: &[f64]) -> Result<String, PlotError> {
    svg((800, 420), |area| draw(area, curves, device))
}

pub(super) fn draw(area: &Area<'_>, curves: &[Vec<f64>], device: &[f64]) -> Result<(), PlotError> {
    let points = check_table("curves", curves.iter().map(Vec::as_slice))?;
    check_table("device", core::iter::once(device))?;
    if device.len() != points {
        return Err(PlotError::Ragged { what: "device", row: 0, expected: points, found: device.len() });
    }
    let quantile = |pass: usize, share: f64| {
        let mut column: Vec<f64> = curves.iter().map(|curve| curve[pass]).collect();
        column.sort_by(f64::total_cmp);
        column[((column.len() - 1) as f64 * share).round() as usize]
    };
    let last = (points - 1).max(1);
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .caption("Digits read right, learned from reward alone", text(19))
        .x_label_area_size(42)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..last as f64, 0.0..100.0)
        .map_err(drawing)?;
    chart
        .configure_mesh()
        .x_desc("passes over 1438 digits")
        .y_desc("held-out accuracy, %")
        .x_labels(last.min(10) + 1)
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

    let band = (0..points).map(|pass| (pass as f64, quantile(pass, 0.9)));
    let band = band.chain((0..points).rev().map(|pass| (pass as f64, quantile(pass, 0.1))));
    chart
        .draw_series(core::iter::once(Polygon::new(band.collect::<Vec<_>>(), BLUE.mix(0.22))))
        .map_err(drawing)?
        .label("10th to 90th percentile")
        .legend(|(x, y)| Rectangle::new([(x, y - 5), (x + 18, y + 5)], BLUE.mix(0.22).filled()));
    let mean = |pass: usize| curves.iter().map(|curve| curve[pass]).sum::<f64>() / curves.len() as f64;
    chart
        .draw_series(LineSeries::new((0..points).map(|pass| (pass as f64, mean(pass))), BLUE.stroke_width(2)))
        .map_err(drawing)?
        .label(format!("mean of {} devices in lanes", curves.len()))
        .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], BLUE.stroke_width(2)));
    chart
        .draw_series(device.iter().enumerate().map(|(pass, &y)| Circle::new((pass as f64, y), 3, ORANGE.filled())))
        .map_err(drawing)?
        .label("the emulated device")
        .legend(|(x, y)| Circle::new((x + 9, y), 3, ORANGE.filled()));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .margin(14)
        .label_font(text(14))
        .background_style(WHITE.mix(0.9))
        .border_style(INK.mix(0.3))
        .draw()
        .map_err(drawing)
}
