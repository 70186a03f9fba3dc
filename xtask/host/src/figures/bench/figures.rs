//! Measured figures, and the goals that they are compared with.

use serde::{Deserialize, Serialize};

use super::shapes::{CLASSES, DRAWS, OF_CLASSES, OURS_ALONE, SHAPES, WITH_PEERS};

/// Results of a run.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Names of the machine's parts.
    pub machine: Vec<(String, String)>,
    /// Every timed run.
    pub times: Vec<Timed>,
    /// Instruction counts.
    pub counts: Vec<Counted>,
    /// Cycles per nanosecond.
    pub gigahertz: f64,
}

/// Timed runs of a contestant.
#[derive(Debug, Serialize, Deserialize)]
pub struct Timed {
    pub operation: String,
    pub rows: usize,
    pub classes: usize,
    pub contestant: String,
    /// Nanoseconds per element, for each run.
    pub runs: Vec<f64>,
}

/// Instruction count of an operation of this library.
#[derive(Debug, Serialize, Deserialize)]
pub struct Counted {
    pub operation: String,
    pub rows: usize,
    pub classes: usize,
    /// Instructions per element.
    pub instructions: f64,
}

/// Largest ratio of the slowest to the fastest element that counts as flat.
const FLAT: f64 = 1.5;

/// A goal, and the measured figure that is furthest from it.
#[derive(Debug)]
pub struct Goal {
    pub what: String,
    pub at_least: f64,
    pub measured: Option<(f64, String)>,
}

impl Goal {
    /// Returns whether the worst figure reaches the goal.
    pub fn reached(&self) -> Option<bool> {
        self.measured.as_ref().map(|(measured, _)| *measured >= self.at_least)
    }
}

impl Figures {
    /// Returns the median of the runs, in nanoseconds per element.
    pub fn median(&self, operation: &str, (rows, classes): (usize, usize), contestant: &str) -> Option<f64> {
        let is = |timed: &&Timed| {
            (timed.rows, timed.classes) == (rows, classes)
                && timed.operation == operation
                && timed.contestant == contestant
        };
        let mut runs = self.times.iter().find(is)?.runs.clone();
        runs.sort_by(f64::total_cmp);
        let (middle, odd) = (runs.len() / 2, runs.len() % 2 == 1);
        let upper = *runs.get(middle)?;
        Some(if odd { upper } else { (runs[middle - 1] + upper) / 2.0 })
    }

    /// Returns the time of `other` divided by the time of `ours`.
    pub fn ratio(&self, operation: &str, shape: (usize, usize), other: &str, ours: &str) -> Option<f64> {
        Some(self.median(operation, shape, other)? / self.median(operation, shape, ours)?)
    }

    /// Returns whether that contestant was measured at all.
    pub fn has(&self, contestant: &str) -> bool {
        self.times.iter().any(|timed| timed.contestant == contestant)
    }

    fn least(&self, operations: &[&str], ratio: impl Fn(&str, (usize, usize)) -> Option<f64>) -> Option<(f64, String)> {
        let mut least: Option<(f64, String)> = None;
        for operation in operations {
            for shape in SHAPES {
                // If a figure is missing, the least ratio is unknown.
                let x = ratio(operation, shape)?;
                if least.as_ref().is_none_or(|(least, _)| x < *least) {
                    let place = format!("{}×{}", shape.0, shape.1);
                    let place = if operations.len() > 1 { format!("{}, {place}", title(operation)) } else { place };
                    least = Some((x, place));
                }
            }
        }
        least
    }

    /// Returns the ratio of the fastest to the slowest element.
    fn flatness(&self, operation: &str, shapes: &[(usize, usize)]) -> Option<(f64, String)> {
        let times: Option<Vec<f64>> = shapes.iter().map(|&shape| self.median(operation, shape, "ours")).collect();
        let times = times?;
        let extreme = |better: fn(f64, f64) -> bool| {
            (0..times.len()).fold(0, |best, i| if better(times[i], times[best]) { i } else { best })
        };
        let (low, high) = (extreme(|a, b| a < b), extreme(|a, b| a > b));
        let at = |i: usize| format!("{:.2} ns at {}×{}", times[i], shapes[i].0, shapes[i].1);
        Some((times[low] / times[high], format!("{}, {}", at(low), at(high))))
    }

    /// Returns every goal.
    pub fn goals(&self) -> Vec<Goal> {
        let mut goals = Vec::new();
        for operation in
            ["gumbel_softmax", "gumbel_softmax_half", "gumbel_softmax_vjp", "gumbel_softmax_vjp_half", "gumbel_max"]
        {
            let peers = [("torch", "PyTorch", 15.0), ("numpy", "NumPy", 4.0), ("jax", "JAX", 4.0)];
            let peers = if operation == "gumbel_max" { &peers[..2] } else { &peers[..] };
            for &(peer, name, at_least) in peers {
                let measured = self.least(&[operation], |operation, shape| self.ratio(operation, shape, peer, "ours"));
                goals.push(Goal { what: format!("{}, times as fast as {name}", title(operation)), at_least, measured });
            }
        }
        let best = |operation: &str, shape| {
            let of = |peer| self.ratio(operation, shape, peer, "ours");
            Some(of("torch")?.min(of("numpy")?).min(of("jax")?))
        };
        let what = "Gumbel noise, times as fast as the best of them".to_owned();
        goals.push(Goal { what, at_least: 3.0, measured: self.least(&["gumbel_noise"], best) });
        let operations = [&WITH_PEERS[..], &OURS_ALONE[..]].concat();
        let two = self.least(&operations, |operation, shape| self.ratio(operation, shape, "ours", "ours_2"));
        goals.push(Goal { what: "two threads, times as fast as one".to_owned(), at_least: 1.8, measured: two });
        let stock = self.least(&operations, |operation, shape| self.ratio(operation, shape, "ours", "stock"));
        let what = "stock build, share of the native build's speed".to_owned();
        goals.push(Goal { what, at_least: 0.7, measured: stock });
        let draws = DRAWS.map(|rows| (rows, 10));
        let what = "Gumbel noise from 10^3 to 10^9 draws, cheapest over dearest element".to_owned();
        goals.push(Goal { what, at_least: 1.0 / FLAT, measured: self.flatness("gumbel_draws", &draws) });
        for operation in OF_CLASSES {
            let what = format!("{} from 2 to 10^5 classes, cheapest over dearest element", title(operation));
            goals.push(Goal { what, at_least: 1.0 / FLAT, measured: self.flatness(operation, &CLASSES) });
        }
        goals
    }
}

/// Returns the title of an operation, in the field's words.
pub fn title(operation: &str) -> &str {
    match operation {
        "gumbel_noise" | "gumbel_draws" => "Gumbel noise",
        "normal_noise" => "normal noise",
        "gumbel_softmax" => "Gumbel-softmax, τ = 1",
        "gumbel_softmax_half" => "Gumbel-softmax, τ = ½",
        "gumbel_softmax_vjp" => "Gumbel-softmax and its VJP, τ = 1",
        "gumbel_softmax_vjp_half" => "Gumbel-softmax and its VJP, τ = ½",
        "gumbel_softmax_then_vjp" => "Gumbel-softmax, then its VJP, τ = 1",
        "straight_through" => "straight-through Gumbel-softmax",
        "gumbel_max" => "Gumbel-max",
        "logits_check" => "checking logits",
        "inverse_cdf" => "inverse-CDF sampling",
        "concrete_log_density" => "Concrete log-density",
        "score_function" => "score function, leave-one-out of 4",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(contestant: &str, shape: (usize, usize), runs: &[f64]) -> Timed {
        Timed {
            operation: "gumbel_max".to_owned(),
            rows: shape.0,
            classes: shape.1,
            contestant: contestant.to_owned(),
            runs: runs.to_vec(),
        }
    }

    fn goal(figures: &Figures, name: &str) -> Option<bool> {
        figures.goals().iter().find(|goal| goal.what.starts_with(name)).expect("that goal").reached()
    }

    #[test]
    fn a_goal_is_reached_where_the_worst_shape_reaches_it() {
        let mut figures = Figures::default();
        for shape in SHAPES {
            figures.times.extend([timed("ours", shape, &[9.0, 1.0, 1.0]), timed("numpy", shape, &[4.5, 3.9, 4.1])]);
        }
        assert_eq!(goal(&figures, "Gumbel-max, times as fast as NumPy"), Some(true));
        assert_eq!(goal(&figures, "Gumbel-max, times as fast as PyTorch"), None);
        figures.times[9].runs = vec![3.9];
        assert_eq!(goal(&figures, "Gumbel-max, times as fast as NumPy"), Some(false));
    }

    #[test]
    fn flat_is_within_one_and_a_half() {
        let mut figures = Figures::default();
        figures.times.extend(CLASSES.map(|shape| timed("ours", shape, &[1.4])));
        figures.times[3].runs = vec![1.0];
        assert_eq!(goal(&figures, "Gumbel-max from 2"), Some(true));
        figures.times[5].runs = vec![1.6];
        assert_eq!(goal(&figures, "Gumbel-max from 2"), Some(false));
    }

    #[test]
    fn the_median_of_an_even_number_is_in_the_middle() {
        let figures = Figures { times: vec![timed("ours", (1, 2), &[4.0, 1.0, 2.0, 9.0])], ..Figures::default() };
        assert_eq!(figures.median("gumbel_max", (1, 2), "ours"), Some(3.0));
    }
}
