//! Progress display: a bar and a live accuracy on a terminal, one line per step if the output is redirected.

use indicatif::{ProgressBar, ProgressStyle};

/// Progress of learning.
pub struct Progress {
    bar: ProgressBar,
    name: &'static str,
    length: u64,
}

impl Progress {
    /// Creates a display for `length` passes.
    pub fn new(name: &'static str, length: u64) -> Self {
        let bar = ProgressBar::new(length);
        // The template is a constant. If it were wrong, the default style would be used.
        if let Ok(style) =
            ProgressStyle::with_template("{prefix:14} {bar:40} {pos:>4}/{len} passes  held out: {msg}  {elapsed}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(name);
        Self { bar, name, length }
    }

    /// Shows the held-out accuracy after `passes` passes.
    pub fn at(&self, passes: u64, accuracy: f64) {
        let accuracy = format!("{:.1} %", 100.0 * accuracy);
        if self.bar.is_hidden() {
            println!("{:14} {passes:>4}/{} passes  held out: {accuracy}", self.name, self.length);
        } else {
            self.bar.set_message(accuracy);
            self.bar.set_position(passes);
        }
    }

    /// Leaves the bar as it is.
    pub fn finish(&self) {
        self.bar.finish();
    }
}
