//! A progress bar on the standard error stream, shown only on a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use samplegrad_lab::Progress;

/// A progress bar of one problem.
pub struct Bar(ProgressBar);

impl Bar {
    /// Creates the bar of a problem.
    pub fn new(problem: &str) -> Self {
        let bar = ProgressBar::new(1);
        // The template is a constant; if it were wrong, the plain bar would be shown.
        if let Ok(style) = ProgressStyle::with_template("{prefix}  {bar:40} {pos:>3}/{len}  {elapsed}  {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(problem.to_owned());
        Self(bar)
    }

    /// Shows the progress.
    pub fn at(&self, progress: Progress<'_>) {
        self.0.set_length(progress.total);
        self.0.set_position(progress.done);
        self.0.set_message(progress.doing.to_owned());
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
