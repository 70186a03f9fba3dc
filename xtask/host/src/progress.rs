//! A bar and a live accuracy on a terminal; a line a step where output is kept.

use indicatif::{ProgressBar, ProgressStyle};

/// How far learning has come.
pub struct Progress {
    bar: ProgressBar,
    name: &'static str,
    length: u64,
}

impl Progress {
    /// So many passes to come.
    pub fn new(name: &'static str, length: u64) -> Self {
        let bar = ProgressBar::new(length);
        // The template is a constant; if it were wrong the plain bar would do.
        if let Ok(style) =
            ProgressStyle::with_template("{prefix:14} {bar:40} {pos:>4}/{len} passes  held out: {msg}  {elapsed}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(name);
        Self { bar, name, length }
    }

    /// Held-out accuracy after so many passes.
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
