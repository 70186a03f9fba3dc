use plotters::prelude::*;

use crate::{
    learn::{Curve, Learning},
    plot::{
        error::PlotError,
        scale::Scale,
        style::{Area, BLUE, GREY, INK, ORANGE, beginning, centred, drawing, ending, svg},
    },
};

/// The largest number of panels in a row, and the size of each with the room around it.
const ACROSS: usize = 4;
const PANEL: (i32, i32) = (286, 200);
/// Room for the numbers on the left, the title above, the steps below.
const LEFT: i32 = 92;
const ABOVE: i32 = 66;
const BELOW: i32 = 40;
/// Room within a panel for the title above it, and the gap to the next panel.
const TITLE: i32 = 30;
const GAP: i32 = 28;

/// Draws learning runs, one below the other. Each estimator has a panel with its learners' mean and the band from the
/// 10th to the 90th percentile in blue; the other estimators' means are grey in the background.
///
/// ```
/// use samplegrad_lab::{self as lab, LearnSettings, Settings, plot, problems};
///
/// let steps = LearnSettings { steps: 50, ..LearnSettings::default() };
/// let learning = lab::learn(&problems::toy(0.45, 0.0)?, &Settings::default(), &steps, &mut |_| ())?;
/// assert!(plot::learning(&[learning]).unwrap().contains("DisARM"));
/// # Ok::<(), lab::Error>(())
/// ```
///
/// # Errors
/// [`PlotError::Empty`] without an estimator.
pub fn learning(learnings: &[Learning]) -> Result<String, PlotError> {
    if learnings.iter().all(|learning| learning.curves.is_empty()) {
        return Err(PlotError::Empty { what: "learning" });
    }
    let height = |learning: &Learning| ABOVE + BELOW + PANEL.1 * arrangement(learning).1;
    // The head line takes the width of three panels.
    let across = learnings.iter().map(|learning| arrangement(learning).0).max().unwrap_or(1).max(3);
    let size = (LEFT + PANEL.0 * across + 10, learnings.iter().map(height).sum::<i32>());
    svg((size.0 as u32, size.1 as u32), |area| {
        let mut top = 0;
        for learning in learnings {
            draw(area, top, learning)?;
            top += height(learning);
        }
        Ok(())
    })
}

/// Returns the number of panels per row and the number of rows. All rows have about the same number of panels.
fn arrangement(learning: &Learning) -> (i32, i32) {
    let count = learning.curves.len().max(1);
    let rows = count.div_ceil(ACROSS);
    (count.div_ceil(rows) as i32, rows as i32)
}

fn draw(area: &Area<'_>, top: i32, learning: &Learning) -> Result<(), PlotError> {
    let put =
        |words: String, place, style: TextStyle<'static>| area.draw(&Text::new(words, place, style)).map_err(drawing);
    put(format!("{} · {}", learning.problem, learning.formula), (16, top + 22), beginning(19))?;
    let about = format!(
        "{} learners each, steps of {}: mean of the exact objective, 10th to 90th percentile; grey: the other estimators",
        learning.learners, learning.rate
    );
    put(about, (16, top + 44), beginning(14).color(&GREY))?;

    let (across, lines) = arrangement(learning);
    for (i, curve) in (0..).zip(&learning.curves) {
        let (row, column) = (i / across, i % across);
        let left = LEFT + column * PANEL.0;
        let first = top + ABOVE + row * PANEL.1 + TITLE;
        let height = PANEL.1 - TITLE - GAP;
        let steps = learning.steps.last().copied().unwrap_or(1).max(1);
        let panel = Panel {
            area,
            x: Scale::linear(0.0, steps as f64, left, PANEL.0 - GAP),
            y: heights(learning, first + height, -height),
            above: learning.best.unwrap_or(0.0),
            left,
            right: left + PANEL.0 - GAP,
            first,
            last: first + height,
        };
        panel.frame(column == 0, i + across >= learning.curves.len() as i32)?;
        panel.curves(learning, curve)?;
    }
    let bottom = top + ABOVE + PANEL.1 * lines;
    put("steps".to_owned(), (LEFT + (PANEL.0 - GAP) / 2, bottom + 10), centred(14))?;
    let style = centred(14).transform(FontTransform::Rotate270);
    let of = if learning.best.is_some() { "E[f] above the smallest cost" } else { "E[f]" };
    put(of.to_owned(), (18, top + ABOVE + (TITLE - GAP + PANEL.1 * lines) / 2), style)
}

/// Returns the vertical scale. If the smallest cost is known, the scale shows the difference from the smallest cost in
/// decades. It extends to at most six decades below the start. Otherwise, the scale extends from the lowest curve to a
/// little above the start. Curves that rise further leave the panel.
fn heights(learning: &Learning, start: i32, length: i32) -> Scale {
    let all = || learning.curves.iter().flat_map(Curve::means);
    let lowest = all().fold(learning.start, f64::min);
    let highest = all().fold(learning.start, f64::max);
    let Some(best) = learning.best else {
        let span = (learning.start - lowest).max(1e-12);
        let high = highest.min(learning.start + 0.3 * span) + 0.06 * span;
        return Scale::linear(lowest - 0.06 * span, high, start, length);
    };
    let first = learning.start - best;
    let ends = [(lowest - best).max(first * 1e-6), first, (highest - best).min(first * 2.0)];
    Scale::decades(ends.into_iter(), start, length)
}

struct Panel<'a, 'b> {
    area: &'a Area<'b>,
    x: Scale,
    y: Scale,
    /// The objective at height zero.
    above: f64,
    left: i32,
    right: i32,
    first: i32,
    last: i32,
}

impl Panel<'_, '_> {
    fn put(&self, words: impl Into<String>, place: (i32, i32), style: TextStyle<'static>) -> Result<(), PlotError> {
        self.area.draw(&Text::new(words.into(), place, style)).map_err(drawing)
    }

    fn path(&self, points: Vec<(i32, i32)>, style: impl Into<ShapeStyle>) -> Result<(), PlotError> {
        self.area.draw(&PathElement::new(points, style)).map_err(drawing)
    }

    /// Draws the lines of ticks, with numbers at the outer panels only.
    fn frame(&self, leftmost: bool, lowest: bool) -> Result<(), PlotError> {
        for (y, label) in self.y.ticks(3) {
            let y = self.y.pixel(y);
            self.path(vec![(self.left, y), (self.right, y)], INK.mix(0.14))?;
            if leftmost {
                self.put(label, (self.left - 8, y), ending(12))?;
            }
        }
        for (x, label) in self.x.ticks(2) {
            let x = self.x.pixel(x);
            self.path(vec![(x, self.last), (x, self.last + 4)], INK.mix(0.6))?;
            if lowest {
                self.put(label, (x, self.last + 14), centred(12))?;
            }
        }
        self.path(vec![(self.left, self.first), (self.left, self.last), (self.right, self.last)], INK.mix(0.6))
    }

    fn points<'a>(&'a self, steps: &'a [u64], y: &'a [f64]) -> impl DoubleEndedIterator<Item = (i32, i32)> + 'a {
        let count = steps.len().min(y.len());
        (0..count).map(|i| (self.x.pixel(steps[i] as f64), self.y.pixel(y[i] - self.above)))
    }

    fn curves(&self, learning: &Learning, own: &Curve) -> Result<(), PlotError> {
        for curve in &learning.curves {
            self.path(self.points(&learning.steps, &curve.means()).collect(), INK.mix(0.2))?;
        }
        let (low, high) = (own.quantiles(0.1), own.quantiles(0.9));
        let upper = self.points(&learning.steps, &high);
        let band: Vec<_> = upper.chain(self.points(&learning.steps, &low).rev()).collect();
        if band.len() > 2 {
            self.area.draw(&Polygon::new(band, BLUE.mix(0.2))).map_err(drawing)?;
        }
        self.path(self.points(&learning.steps, &own.means()).collect(), BLUE.stroke_width(2))?;
        let (words, colour) = match (own.diverged, own.means().last()) {
            (Some(step), _) => (format!("diverged at {step}"), &ORANGE),
            (None, Some(last)) => (format!("{last:.5}"), &BLUE),
            (None, None) => (String::new(), &BLUE),
        };
        // A long name must leave room for the number.
        let size = if own.name.chars().count() > 22 { 11 } else { 14 };
        self.put(own.name.clone(), (self.left + 4, self.first - 14), beginning(size))?;
        self.put(words, (self.right, self.first - 14), ending(12).color(colour))
    }
}
