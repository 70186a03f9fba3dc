//! The progress of the measurements.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of so many steps.
pub fn bar(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    // The template is a constant; if it were wrong the plain bar would do.
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos:>3}/{len}  {elapsed} gone, {eta} left  {msg}") {
        bar.set_style(style);
    }
    bar
}
