//! Axes for small panels that must line up.

/// A scale from numbers to pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    log: bool,
    start: i32,
    length: i32,
}

impl Scale {
    /// Creates a linear scale from `low` at pixel `start` to `high` at pixel `start + length`; a negative length runs
    /// upwards.
    pub fn linear(low: f64, high: f64, start: i32, length: i32) -> Self {
        let pad = if high > low { 0.0 } else { low.abs().max(1.0) * 1e-3 };
        Self { low: low - pad, high: high + pad, log: false, start, length }
    }

    /// Creates a logarithmic scale of whole decades around positive numbers.
    pub fn decades(numbers: impl Iterator<Item = f64>, start: i32, length: i32) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for x in numbers.filter(|x| *x > 0.0 && x.is_finite()) {
            (low, high) = (low.min(x.log10()), high.max(x.log10()));
        }
        if low > high {
            (low, high) = (-1.0, 0.0);
        }
        // Whole decades, and at least two of them, so that there are ticks to read.
        let (low, mut high) = ((low - 0.08).floor(), (high + 0.08).ceil());
        if high - low < 2.0 {
            high = low + 2.0;
        }
        Self { low, high, log: true, start, length }
    }

    /// Returns the pixel of a number; for a number outside, the pixel of the nearer end.
    pub fn pixel(&self, x: f64) -> i32 {
        let x = if self.log { x.log10() } else { x };
        let share = ((x - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.start + (share * f64::from(self.length)).round() as i32
    }

    /// Returns whether a number is within the scale.
    pub fn holds(&self, x: f64) -> bool {
        let x = if self.log { x.log10() } else { x };
        (self.low..=self.high).contains(&x)
    }

    /// Returns the places and labels of about `wanted` ticks.
    pub fn ticks(&self, wanted: usize) -> Vec<(f64, String)> {
        if self.log {
            let step = ((self.high - self.low) / wanted as f64).ceil().max(1.0) as i32;
            let all = (self.low as i32..=self.high as i32).step_by(step as usize);
            return all.map(|power| (10_f64.powi(power), power_of_ten(power))).collect();
        }
        let step = round_step((self.high - self.low) / wanted as f64);
        let digits = (-step.log10().floor()).max(0.0) as usize;
        let (first, last) = ((self.low / step).ceil() as i64, (self.high / step).floor() as i64);
        (first..=last).map(|i| i as f64 * step).map(|x| (x, format!("{:.digits$}", x + 0.0))).collect()
    }
}

/// Returns the largest of 1, 2 and 5 times a power of ten that is at most `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    [5.0, 2.0].map(|digit| digit * power).into_iter().find(|&round| round <= step * 1.001).unwrap_or(power)
}

/// Formats a power of ten, such as `10⁻³`.
fn power_of_ten(power: i32) -> String {
    match power {
        0 => return "1".to_owned(),
        1 => return "10".to_owned(),
        2 => return "100".to_owned(),
        _ => {}
    }
    let raised = |c: char| match c {
        '-' => '⁻',
        c => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][c.to_digit(10).unwrap_or(0) as usize],
    };
    "10".chars().chain(power.to_string().chars().map(raised)).collect()
}
