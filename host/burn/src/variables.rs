use samplegrad_host::Error;

/// The kind of the variables whose logits form a row.
///
/// ```
/// use samplegrad_burn::Variables;
///
/// assert_eq!(Variables::Classes(10).count(80)?, 8);
/// assert!(Variables::Classes(10).count(81).is_err());
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variables {
    /// Bernoulli variables, one per column. Each value is 0 or 1.
    Bits,
    /// Categorical variables with the given number of classes. A row contains one one-hot vector per variable, one
    /// after the other.
    Classes(usize),
}

impl Variables {
    /// Returns the number of variables in `columns` columns.
    ///
    /// # Errors
    /// [`Error::Empty`] for no columns or no classes. [`Error::NotRows`] if the number of columns is not a multiple of
    /// the number of classes.
    pub fn count(self, columns: usize) -> Result<usize, Error> {
        let each = self.columns();
        if columns == 0 || each == 0 {
            return Err(Error::Empty { what: if each == 0 { "classes" } else { "columns of logits" } });
        }
        if !columns.is_multiple_of(each) {
            return Err(Error::NotRows { what: "columns of logits", columns: each, found: columns });
        }
        Ok(columns / each)
    }

    /// Returns the number of columns of a variable.
    pub(super) fn columns(self) -> usize {
        match self {
            Variables::Bits => 1,
            Variables::Classes(classes) => classes,
        }
    }
}
