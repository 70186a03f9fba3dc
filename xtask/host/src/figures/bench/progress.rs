//! Progress bar of the measurements.

use indicatif::{ProgressBar, ProgressStyle};

/// Creates a bar of `length` steps.
pub fn bar(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    // The template is a constant. If it were wrong, the default style would be used.
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos:>3}/{len}  {elapsed} gone, {eta} left  {msg}") {
        bar.set_style(style);
    }
    bar
}
