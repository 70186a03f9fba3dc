use plotters::prelude::*;

use crate::{
    compare::{Comparison, Row},
    plot::{
        error::PlotError,
        scale::Scale,
        style::{Area, BLUE, GREY, INK, ORANGE, beginning, centred, drawing, ending, svg, text},
    },
};

/// Width of the picture, of the names, and room around columns.
const WIDTH: i32 = 1180;
const NAMES: i32 = 268;
const GAP: i32 = 34;
/// Height of a row, of the head above the first row and of the foot below the last row.
const ROW: i32 = 24;
const ABOVE: i32 = 108;
const BELOW: i32 = 58;
/// Room at the left end of a logarithmic axis for zeros.
const ZERO: i32 = 32;
/// Room for the number to the right of a point in the last column.
const NUMBER: i32 = 66;

/// Draws comparisons, one below the other. For each estimator it shows the bias as a share of the exact gradient, the
/// variance, the time of a draw, and variance times time. The best estimators are at the top, biased ones (hollow) at
/// the end.
///
/// ```
/// use samplegrad_lab::{self as lab, Settings, plot, problems};
///
/// let settings = Settings { draws: Some(1 << 12), repeats: 0, ..Settings::default() };
/// let comparison = lab::compare(&problems::toy(0.45, 2.0)?, &settings, &mut |_| ())?;
/// assert!(plot::comparison(&[comparison]).unwrap().contains("DisARM"));
/// # Ok::<(), lab::Error>(())
/// ```
///
/// # Errors
/// [`PlotError::Empty`] without an estimator.
pub fn comparison(comparisons: &[Comparison]) -> Result<String, PlotError> {
    if comparisons.iter().all(|comparison| comparison.rows.is_empty()) {
        return Err(PlotError::Empty { what: "comparison" });
    }
    let height = |comparison: &Comparison| ABOVE + BELOW + ROW * comparison.rows.len() as i32;
    let total: i32 = comparisons.iter().map(height).sum();
    svg((WIDTH as u32, total as u32), |area| {
        let mut top = 0;
        for comparison in comparisons {
            panel(area, top, comparison)?;
            top += height(comparison);
        }
        Ok(())
    })
}

/// The share of the squared exact gradient below which a spread counts as rounding and is shown as zero.
const ROUNDING: f64 = 1e-12;

/// A function that returns a row's number, if it has one.
type Number<'a> = Box<dyn Fn(&Row) -> Option<f64> + 'a>;

/// A column of the plot.
struct Column<'a> {
    title: &'static str,
    unit: &'static str,
    of: Number<'a>,
}

fn panel(area: &Area<'_>, top: i32, comparison: &Comparison) -> Result<(), PlotError> {
    let put =
        |text: String, place, style: TextStyle<'static>| area.draw(&Text::new(text, place, style)).map_err(drawing);
    put(format!("{} · {}", comparison.problem, comparison.formula), (16, top + 24), beginning(19))?;
    let draws = comparison.rows.iter().map(|row| row.draws).max().unwrap_or(0);
    let count = comparison.parameters.len();
    let several = if count == 1 { "" } else { ", length" };
    let exact = comparison.exact_along();
    let about = format!("exact gradient{several} {exact:.4e}, {count} parameter{}, {draws} draws each", plural(count));
    put(about, (16, top + 47), beginning(14).color(&GREY))?;

    let mut rows: Vec<&Row> = comparison.rows.iter().collect();
    let none = |row: &Row| row.variance <= ROUNDING * exact * exact;
    let variance = |row: &Row| if none(row) { 0.0 } else { row.variance };
    let price = |row: &Row| row.nanoseconds.map_or(variance(row), |time| variance(row) * time);
    rows.sort_by(|a, b| (a.biased, price(a)).partial_cmp(&(b.biased, price(b))).unwrap_or(core::cmp::Ordering::Equal));
    let first = top + ABOVE;
    let last = first + ROW * rows.len() as i32;
    let middle = |i: usize| first + ROW * i as i32 + ROW / 2;
    for (i, row) in rows.iter().enumerate() {
        if i % 2 == 0 {
            let band = [(8, middle(i) - ROW / 2), (WIDTH - 8, middle(i) + ROW / 2)];
            area.draw(&Rectangle::new(band, INK.mix(0.04).filled())).map_err(drawing)?;
        }
        let style = ending(15).color(if row.biased { &ORANGE } else { &INK });
        put(row.name.clone(), (NAMES - 12, middle(i)), style)?;
    }

    let timed = rows.iter().any(|row| row.nanoseconds.is_some());
    let mut columns =
        vec![Column { title: "variance", unit: "of all coordinates", of: Box::new(move |row| Some(variance(row))) }];
    if timed {
        columns.push(Column { title: "cost", unit: "ns per draw", of: Box::new(|row| row.nanoseconds) });
        columns.push(Column { title: "variance × cost", unit: "ns", of: Box::new(move |row| Some(price(row))) });
    }
    let width = (WIDTH - NAMES - NUMBER - GAP * columns.len() as i32 - 8) / (columns.len() as i32 + 1);
    let frame = Frame { area, first, last, width };
    frame.bias(NAMES, comparison, &rows, middle)?;
    for (place, column) in columns.iter().enumerate() {
        let left = NAMES + (width + GAP) * (place as i32 + 1);
        frame.logarithmic(left, column, &rows, middle, place + 1 == columns.len())?;
    }
    Ok(())
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// The position of a panel's columns.
struct Frame<'a, 'b> {
    area: &'a Area<'b>,
    first: i32,
    last: i32,
    width: i32,
}

impl Frame<'_, '_> {
    fn put(&self, words: impl Into<String>, place: (i32, i32), style: TextStyle<'static>) -> Result<(), PlotError> {
        self.area.draw(&Text::new(words.into(), place, style)).map_err(drawing)
    }

    fn line(&self, from: (i32, i32), to: (i32, i32), style: impl Into<ShapeStyle>) -> Result<(), PlotError> {
        self.area.draw(&PathElement::new(vec![from, to], style)).map_err(drawing)
    }

    fn point(&self, place: (i32, i32), hollow: bool) -> Result<(), PlotError> {
        if hollow {
            self.area.draw(&Circle::new(place, 5, WHITE.filled())).map_err(drawing)?;
            return self.area.draw(&Circle::new(place, 5, ORANGE.stroke_width(2))).map_err(drawing);
        }
        self.area.draw(&Circle::new(place, 5, BLUE.filled())).map_err(drawing)
    }

    /// Draws title, unit, and the lines of ticks.
    fn axis(&self, left: i32, title: &str, unit: &str, scale: &Scale) -> Result<(), PlotError> {
        let middle = left + self.width / 2;
        self.put(title, (middle, self.first - 32), centred(16))?;
        self.put(unit, (middle, self.first - 14), centred(12).color(&GREY))?;
        for (x, label) in scale.ticks(3) {
            let x = scale.pixel(x);
            self.line((x, self.first), (x, self.last), INK.mix(0.16))?;
            self.put(label, (x, self.last + 14), centred(12))?;
        }
        self.line((left, self.last), (left + self.width, self.last), INK.mix(0.6))
    }

    fn logarithmic(
        &self,
        left: i32,
        column: &Column<'_>,
        rows: &[&Row],
        middle: impl Fn(usize) -> i32,
        numbers: bool,
    ) -> Result<(), PlotError> {
        let of = |row: &&Row| (column.of)(row);
        let zeros = rows.iter().filter_map(of).any(|x| x <= 0.0);
        let room = if zeros { ZERO } else { 0 };
        let scale = Scale::decades(rows.iter().filter_map(of), left + room, self.width - room);
        self.axis(left, column.title, column.unit, &scale)?;
        if zeros {
            self.put("0", (left + 5, self.last + 14), centred(12))?;
            // A gap in the axis: zero has no place on a logarithmic axis.
            self.line((left + 10, self.last), (left + room - 5, self.last), WHITE.stroke_width(3))?;
        }
        for (i, row) in rows.iter().enumerate() {
            let Some(x) = (column.of)(row) else { continue };
            let place = if x > 0.0 { scale.pixel(x) } else { left + 5 };
            self.point((place, middle(i)), row.biased)?;
            if numbers {
                let number = if x > 0.0 { format!("{x:.2e}") } else { "0".to_owned() };
                self.put(number, (left + self.width + 10, middle(i)), beginning(13).color(&GREY))?;
            }
        }
        Ok(())
    }

    /// Draws the bias with a bar of five standard errors to either side. A bar that extends beyond the column ends in
    /// an arrow.
    fn bias(
        &self,
        left: i32,
        comparison: &Comparison,
        rows: &[&Row],
        middle: impl Fn(usize) -> i32,
    ) -> Result<(), PlotError> {
        let exact = comparison.exact_along().abs();
        let (unit, title) =
            if exact > 0.0 { (exact / 100.0, "bias ± 5 s.e.") } else { (1.0, "bias ± 5 s.e., absolute") };
        let reach = |row: &&Row| (row.bias.abs() + 5.0 * row.bias_error) / unit;
        // Wide enough for all biased estimators, and for two thirds of all estimators.
        let mut all: Vec<f64> = rows.iter().map(reach).filter(|x| *x > 0.0).collect();
        all.sort_by(f64::total_cmp);
        let most = all.get(all.len() * 2 / 3).or(all.last()).copied().unwrap_or(1.0);
        let range = rows.iter().filter(|row| row.biased).map(reach).fold(most, f64::max) * 1.1;
        let scale = Scale::linear(-range, range, left, self.width);
        let below = if exact > 0.0 { "% of the exact gradient" } else { "the exact gradient is zero" };
        self.axis(left, title, below, &scale)?;
        self.line((scale.pixel(0.0), self.first), (scale.pixel(0.0), self.last), INK.mix(0.7))?;
        for (i, row) in rows.iter().enumerate() {
            let colour = if row.biased { ORANGE } else { BLUE };
            let (low, high) = ((row.bias - 5.0 * row.bias_error) / unit, (row.bias + 5.0 * row.bias_error) / unit);
            let y = middle(i);
            self.line((scale.pixel(low), y), (scale.pixel(high), y), colour.mix(0.55).stroke_width(2))?;
            for (end, back) in [(low, 5), (high, -5)] {
                if !scale.holds(end) {
                    let x = scale.pixel(end);
                    let arrow = vec![(x + back, y - 4), (x, y), (x + back, y + 4)];
                    self.area.draw(&PathElement::new(arrow, colour.stroke_width(2))).map_err(drawing)?;
                }
            }
            if scale.holds(row.bias / unit) {
                self.point((scale.pixel(row.bias / unit), y), row.biased)?;
            }
        }
        let legend = "hollow: biased, beyond 5 standard errors";
        if rows.iter().any(|row| row.biased) {
            self.put(legend, (left, self.last + 36), text(13).color(&ORANGE))?;
        }
        Ok(())
    }
}
