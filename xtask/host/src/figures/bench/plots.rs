//! Pictures of the figures.

use anyhow::{Result, anyhow};
use plotters::{
    coord::Shift,
    element::DashedPathElement,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use super::{
    figures::{Figures, title},
    shapes::{CLASSES, DRAWS, OF_CLASSES, SHAPES, writes_all},
};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const INK: RGBColor = RGBColor(40, 40, 40);
/// Okabe and Ito's colours, which readers with any colour vision can tell apart.
const BLUE: RGBColor = RGBColor(0, 114, 178);
const ORANGE: RGBColor = RGBColor(213, 94, 0);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const PINK: RGBColor = RGBColor(204, 121, 167);
const SKY: RGBColor = RGBColor(86, 180, 233);
const GREY: RGBColor = RGBColor(150, 150, 150);

/// Contestants in the order in which they are drawn.
const SERIES: [(&str, &str, RGBColor); 6] = [
    ("write", "writing alone", GREY),
    ("jax", "JAX", PINK),
    ("numpy", "NumPy", GREEN),
    ("torch", "PyTorch", ORANGE),
    ("stock", "this, stock build", SKY),
    ("ours", "this", BLUE),
];

const PANELS: [&str; 4] = ["gumbel_noise", "gumbel_softmax", "gumbel_softmax_vjp", "gumbel_max"];

/// Plots nanoseconds per element of four operations at the five shapes, all contestants.
pub fn speed(figures: &Figures) -> Result<String> {
    svg((1000, 660), |area| {
        let (legend, area) = area.split_vertically(34);
        let shown: Vec<_> = SERIES.iter().rev().filter(|(contestant, ..)| figures.has(contestant)).collect();
        for (i, (_, name, colour)) in shown.iter().enumerate() {
            let x = 70 + 150 * i as i32;
            legend.draw(&Circle::new((x, 18), 5, colour.filled())).map_err(drawing)?;
            let style = text(14).pos(Pos::new(HPos::Left, VPos::Center));
            legend.draw(&Text::new((*name).to_owned(), (x + 11, 18), style)).map_err(drawing)?;
        }
        for (panel, operation) in area.split_evenly((2, 2)).iter().zip(PANELS) {
            shapes(panel, figures, operation)?;
        }
        Ok(())
    })
}

fn shapes(area: &Area<'_>, figures: &Figures, operation: &str) -> Result<()> {
    let name = |i: f64| {
        let shape = SHAPES.get(i.round() as usize).filter(|_| (i - i.round()).abs() < 1e-9 && i >= 0.0);
        shape.map_or(String::new(), |(rows, classes)| format!("{rows}×{classes}"))
    };
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .caption(title(operation), text(16))
        .x_label_area_size(24)
        .y_label_area_size(52)
        .build_cartesian_2d(-0.4..4.4_f64, (0.03..150.0_f64).log_scale())
        .map_err(drawing)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(5)
        .x_label_formatter(&|x| name(*x))
        .y_desc("ns per element")
        .y_label_formatter(&|y| format!("{y}"))
        .label_style(text(12))
        .axis_desc_style(text(13))
        .bold_line_style(INK.mix(0.18))
        .light_line_style(INK.mix(0.05))
        .axis_style(INK.mix(0.6))
        .draw()
        .map_err(drawing)?;
    let all = writes_all(operation);
    for (contestant, _, colour) in SERIES.into_iter().filter(|(contestant, ..)| all || *contestant != "write") {
        let time = |(i, shape)| figures.median(operation, shape, contestant).map(|time| (i as f64, time));
        let points: Vec<(f64, f64)> = SHAPES.into_iter().enumerate().filter_map(time).collect();
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 5, colour.filled()))).map_err(drawing)?;
    }
    Ok(())
}

/// Plots nanoseconds per element against the number of draws, and of classes.
pub fn scale(figures: &Figures) -> Result<String> {
    svg((1000, 360), |area| {
        let (left, right) = area.split_horizontally(500);
        let of = |operation, shapes: &[(usize, usize)], x: fn((usize, usize)) -> usize| -> Vec<(f64, f64)> {
            let point = |&shape: &_| Some((x(shape) as f64, figures.median(operation, shape, "ours")?));
            shapes.iter().filter_map(point).collect()
        };
        let draws = of("gumbel_draws", &DRAWS.map(|rows| (rows, 10)), |(rows, classes)| rows * classes);
        lines(&left, "Gumbel noise", "draws", (7e2, 1.5e9), &[(title("gumbel_draws"), draws)])?;
        let classes = OF_CLASSES.map(|operation| (title(operation), of(operation, &CLASSES, |(_, classes)| classes)));
        lines(&right, "a million numbers in rows of K", "K", (1.5, 1.5e5), &classes)
    })
}

fn lines(area: &Area<'_>, name: &str, x: &str, ends: (f64, f64), lines: &[(&str, Vec<(f64, f64)>)]) -> Result<()> {
    let most = lines.iter().flat_map(|(_, points)| points).fold(1.0, |most: f64, (_, y)| most.max(*y));
    let mut chart = ChartBuilder::on(area)
        .margin(10)
        .caption(name, text(16))
        .x_label_area_size(40)
        .y_label_area_size(52)
        .build_cartesian_2d((ends.0..ends.1).log_scale(), 0.0..most * 1.5)
        .map_err(drawing)?;
    chart
        .configure_mesh()
        .x_desc(x)
        .y_desc("ns per element")
        .x_label_formatter(&|x| format!("{x:.0e}").replace('e', "·10^").replace("1·", ""))
        // Sums of tenths are rounded in floating point.
        .y_label_formatter(&|y| format!("{}", (y * 100.0).round() / 100.0))
        .label_style(text(12))
        .axis_desc_style(text(13))
        .bold_line_style(INK.mix(0.15))
        .light_line_style(TRANSPARENT)
        .axis_style(INK.mix(0.6))
        .draw()
        .map_err(drawing)?;
    for ((name, points), colour) in lines.iter().zip([BLUE, ORANGE, GREEN]) {
        let dots = points.iter().map(|point| Circle::new(*point, 4, colour.filled()));
        chart.draw_series(dots).map_err(drawing)?;
        let line = LineSeries::new(points.iter().copied(), colour.stroke_width(2));
        let drawn = chart.draw_series(line).map_err(drawing)?;
        drawn.label(*name).legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        // A flat curve stays below this line.
        if let (Some(least), [first, .., last]) = (points.iter().map(|p| p.1).reduce(f64::min), &points[..]) {
            let ends = [(first.0, 1.5 * least), (last.0, 1.5 * least)];
            let dashed = DashedPathElement::new(ends, 5, 5, colour.mix(0.5));
            chart.draw_series(core::iter::once(dashed)).map_err(drawing)?;
        }
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .margin(8)
        .label_font(text(13))
        .background_style(WHITE.mix(0.9))
        .border_style(TRANSPARENT)
        .draw()
        .map_err(drawing)
}

fn svg(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Result<()>) -> Result<String> {
    let mut picture = String::new();
    {
        let area = SVGBackend::with_string(&mut picture, size).into_drawing_area();
        area.fill(&WHITE).map_err(drawing)?;
        draw(&area)?;
        area.present().map_err(drawing)?;
    }
    Ok(picture)
}

fn text(size: u32) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", size).into_font()).color(&INK)
}

fn drawing(error: impl core::fmt::Display) -> anyhow::Error {
    anyhow!("drawing: {error}")
}
