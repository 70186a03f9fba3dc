//! Real handwritten digits, in flash. Origin and licence: `data/README.md`.

use crate::csv::COLUMNS;
pub use crate::csv::ROWS;

/// Pixels of a picture.
pub const PIXELS: usize = 64;
/// The number of digits.
pub const DIGITS: usize = 10;
/// The number of held-out rows.
pub const HELD_OUT: u32 = 359;
/// The number of training rows.
pub const TRAINING: u32 = ROWS as u32 - HELD_OUT;

static TABLE: &[u8; ROWS * COLUMNS] = include_bytes!(concat!(env!("OUT_DIR"), "/optdigits.bin"));

/// A picture, row by row, from 0 (paper) to 16 (ink), and its digit.
///
/// ```
/// use samplegrad_tasks::optdigits;
///
/// let zero = optdigits::training().next().unwrap();
/// assert_eq!(zero.digit, 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// 64 pixels.
    pub pixels: &'static [u8; PIXELS],
    /// The label, 0 to 9.
    pub digit: u8,
}

fn rows() -> impl Iterator<Item = Example> {
    TABLE.as_chunks::<COLUMNS>().0.iter().map(|row| {
        let ([digit], pixels) = (&row.last_chunk::<1>().unwrap_or(&[0]), row.first_chunk().unwrap_or(&[0; PIXELS]));
        Example { pixels, digit: *digit }
    })
}

/// Returns the training rows in order: all but every fifth row.
pub fn training() -> impl Iterator<Item = Example> {
    rows().enumerate().filter(|(row, _)| row % 5 != 4).map(|(_, example)| example)
}

/// Returns the held-out rows in order: every fifth row.
pub fn held_out() -> impl Iterator<Item = Example> {
    rows().skip(4).step_by(5)
}
