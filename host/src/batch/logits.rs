//! Checked logits of many distributions.

use samplegrad_core::logits;

use crate::{
    batch::{
        check::{check_length, check_rows},
        engine::split::Table,
    },
    error::Error,
    lanes::dispatch::Lanes,
};

/// A batch of logits, row-major: `rows` distributions over `classes` classes, each checked as
/// [`samplegrad_core::Logits`] is. The batch also holds the number of lanes to compute in.
///
/// ```
/// use samplegrad_host::batch::Logits;
///
/// let logits = Logits::new(&[0.0, 1.0, 2.0, 3.0], 2)?;
/// assert_eq!((logits.rows(), logits.classes()), (2, 2));
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logits<'a> {
    values: &'a [f32],
    classes: usize,
    lanes: Lanes,
}

impl<'a> Logits<'a> {
    /// Checks a batch.
    ///
    /// # Errors
    /// [`Error::Empty`] for no classes or no rows, [`Error::NotRows`] if the slice is not a whole number of rows,
    /// [`Error::Row`] with the first row that is refused.
    pub fn new(values: &'a [f32], classes: usize) -> Result<Self, Error> {
        if classes == 0 {
            return Err(Error::Empty { what: "classes" });
        }
        if values.is_empty() {
            return Err(Error::Empty { what: "rows of logits" });
        }
        if !values.len().is_multiple_of(classes) {
            return Err(Error::NotRows { what: "logits", columns: classes, found: values.len() });
        }
        check_rows(values, classes, logits::check)?;
        Ok(Self { values, classes, lanes: Lanes::Widest })
    }

    /// Sets the number of lanes to compute in. It changes no result.
    pub fn in_lanes(self, lanes: Lanes) -> Self {
        Self { lanes, ..self }
    }

    /// Returns the number of distributions.
    pub fn rows(&self) -> usize {
        self.values.len() / self.classes
    }

    /// Returns the number of classes of each distribution.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Returns the numbers, row-major.
    pub fn as_slice(&self) -> &'a [f32] {
        self.values
    }

    pub(super) fn lanes(&self) -> Lanes {
        self.lanes
    }

    pub(super) fn table(&self) -> Table<'a> {
        Table::new(self.values, self.classes)
    }

    /// Returns a larger batch of logits. `values` must repeat all rows of this batch, in order; it is not checked
    /// again.
    pub(super) fn again<'b>(&self, values: &'b [f32]) -> Logits<'b> {
        Logits { values, classes: self.classes, lanes: self.lanes }
    }

    /// Checks that a slice has one number per row and class.
    pub(super) fn check_values(&self, what: &'static str, found: usize) -> Result<(), Error> {
        check_length(what, self.values.len(), found)
    }

    /// Checks that a slice has one number per row.
    pub(super) fn check_column(&self, what: &'static str, found: usize) -> Result<(), Error> {
        check_length(what, self.rows(), found)
    }

    /// Checks classes, one per row or several.
    pub(super) fn check_classes(&self, classes: &[u32], per_row: usize) -> Result<(), Error> {
        match classes.iter().position(|&class| class as usize >= self.classes) {
            None => Ok(()),
            Some(place) => Err(Error::Row {
                row: place / per_row,
                source: samplegrad_core::Error::NoSuchIndex {
                    what: "class",
                    index: classes[place] as usize,
                    len: self.classes,
                },
            }),
        }
    }
}
