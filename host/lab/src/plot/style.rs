//! The common style of all plots: colours, text, the page, and checks of the data.

use core::fmt;

use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use crate::plot::error::PlotError;

/// The surface to draw on.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Blue and vermilion from the palette of Okabe and Ito. Colour-blind readers can distinguish them.
pub(super) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(super) const ORANGE: RGBColor = RGBColor(213, 94, 0);
pub(super) const INK: RGBColor = RGBColor(40, 40, 40);
/// The colour of secondary text.
pub(super) const GREY: RGBColor = RGBColor(95, 95, 95);

/// Creates an SVG image of the given size with a white background, and calls a function that draws on it.
pub(super) fn svg(
    size: (u32, u32),
    draw: impl FnOnce(&Area<'_>) -> Result<(), PlotError>,
) -> Result<String, PlotError> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        area.fill(&WHITE).map_err(drawing)?;
        draw(&area)?;
        area.present().map_err(drawing)?;
    }
    Ok(text)
}

pub(super) fn drawing(error: impl fmt::Display) -> PlotError {
    PlotError::Drawing(error.to_string())
}

/// Returns the style of text centred at a point.
pub(super) fn centred(size: u32) -> TextStyle<'static> {
    text(size).pos(Pos::new(HPos::Center, VPos::Center))
}

/// Returns the style of text that begins at a point.
pub(super) fn beginning(size: u32) -> TextStyle<'static> {
    text(size).pos(Pos::new(HPos::Left, VPos::Center))
}

/// Returns the style of text that ends at a point.
pub(super) fn ending(size: u32) -> TextStyle<'static> {
    text(size).pos(Pos::new(HPos::Right, VPos::Center))
}

pub(super) fn text(size: u32) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", size).into_font()).color(&INK)
}

/// Checks that all rows have the same length as the first row, and that all numbers are finite.
pub(super) fn check_table<'a>(what: &'static str, rows: impl Iterator<Item = &'a [f64]>) -> Result<usize, PlotError> {
    let mut columns = None;
    for (row, values) in rows.enumerate() {
        let expected = *columns.get_or_insert(values.len());
        if values.len() != expected {
            return Err(PlotError::Ragged { what, row, expected, found: values.len() });
        }
        if let Some(column) = values.iter().position(|x| !x.is_finite()) {
            return Err(PlotError::NotFinite { what, row, column });
        }
    }
    columns.filter(|&columns| columns > 0).ok_or(PlotError::Empty { what })
}
