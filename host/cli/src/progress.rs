//! A bar on the standard error stream while it is a terminal; nothing where it is kept.

use indicatif::{ProgressBar, ProgressStyle};
use samplegrad_lab::Progress;

/// How far one problem has come.
pub struct Bar(ProgressBar);

impl Bar {
    /// Of this problem.
    pub fn new(problem: &str) -> Self {
        let bar = ProgressBar::new(1);
        // The template is a constant; if it were wrong the plain bar would do.
        if let Ok(style) = ProgressStyle::with_template("{prefix}  {bar:40} {pos:>3}/{len}  {elapsed}  {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(problem.to_owned());
        Self(bar)
    }

    /// Shows it.
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
