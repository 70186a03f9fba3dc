//! Plots as SVG text: data in, a picture out, nothing read or written.

mod accuracy;
mod comparison;
mod confusion_matrix;
mod learning;
mod learning_curves;
mod scale;
mod weights;

use core::fmt;

use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

pub use accuracy::accuracy;
pub use comparison::comparison;
pub use confusion_matrix::confusion_matrix;
pub use learning::learning;
pub use learning_curves::learning_curves;
pub use weights::weight_pictures;

/// Why a plot could not be drawn.
///
/// ```
/// use samplegrad_lab::plot;
///
/// assert!(matches!(plot::learning_curves(&[], &[]), Err(plot::PlotError::Empty { what: "curves" })));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PlotError {
    /// There is nothing to draw.
    Empty {
        /// What is missing.
        what: &'static str,
    },
    /// Rows of different lengths.
    Ragged {
        /// What is ragged.
        what: &'static str,
        /// The row.
        row: usize,
        /// The length it must have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// A number is NaN or infinite.
    NotFinite {
        /// What holds it.
        what: &'static str,
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
    },
    /// The drawing library gave up.
    Drawing(String),
}

impl fmt::Display for PlotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlotError::Empty { what } => write!(f, "{what}: there is nothing to draw"),
            PlotError::Ragged { what, row, expected, found } => {
                write!(f, "{what}: row {row} has length {found}, it must have {expected}")
            }
            PlotError::NotFinite { what, row, column } => write!(f, "{what}: row {row}, column {column} is not finite"),
            PlotError::Drawing(reason) => write!(f, "drawing: {reason}"),
        }
    }
}

impl std::error::Error for PlotError {}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Okabe and Ito's blue and vermilion, which every reader can tell apart.
const BLUE: RGBColor = RGBColor(0, 114, 178);
const RED: RGBColor = RGBColor(213, 94, 0);
const INK: RGBColor = RGBColor(40, 40, 40);
/// For what is said beside.
const GREY: RGBColor = RGBColor(95, 95, 95);

/// One picture: learning curves on the left, the learned weights on the right.
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
/// As [`learning_curves`] and [`weight_pictures`].
pub fn banner<const K: usize>(curves: &[Vec<f64>], device: &[f64], weights: &[[f32; K]]) -> Result<String, PlotError> {
    svg((1000, 300), |area| {
        let (left, right) = area.split_horizontally(440);
        learning_curves::draw(&left, curves, device)?;
        weights::draw(&right, weights)
    })
}

/// Draws on a white page of some size.
fn svg(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Result<(), PlotError>) -> Result<String, PlotError> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        area.fill(&WHITE).map_err(drawing)?;
        draw(&area)?;
        area.present().map_err(drawing)?;
    }
    Ok(text)
}

fn drawing(error: impl fmt::Display) -> PlotError {
    PlotError::Drawing(error.to_string())
}

/// Text in the middle of a point.
fn centred(size: u32) -> TextStyle<'static> {
    text(size).pos(Pos::new(HPos::Center, VPos::Center))
}

/// Text that begins at a point.
fn beginning(size: u32) -> TextStyle<'static> {
    text(size).pos(Pos::new(HPos::Left, VPos::Center))
}

/// Text that ends at a point.
fn ending(size: u32) -> TextStyle<'static> {
    text(size).pos(Pos::new(HPos::Right, VPos::Center))
}

fn text(size: u32) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", size).into_font()).color(&INK)
}

/// Checks that all rows are as long as the first and hold finite numbers.
fn check_table<'a>(what: &'static str, rows: impl Iterator<Item = &'a [f64]>) -> Result<usize, PlotError> {
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
