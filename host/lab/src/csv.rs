//! Comparisons and learning runs as CSV. Numbers are written such that reading returns the same values.

use crate::{compare::Comparison, learn::Learning};

/// Writes a row per problem and estimator. Columns: `problem`, `estimator`, `asks` (the evaluations of the cost that
/// the estimator needs), `values` and `gradients` (calls per draw), `draws`, `exact` (the exact gradient; its norm for
/// several parameters), `mean`, `bias`, `bias_error` (along the exact gradient, with its standard error), `worst` (the
/// largest bias of any coordinate, in standard errors), `biased`, `variance` (the sum over all coordinates),
/// `variance_error`. The last columns vary between runs: `ns_per_draw`, `times_plain`, `variance_ns`.
pub fn comparisons(comparisons: &[Comparison]) -> String {
    let mut text = Lines::new(&[
        "problem",
        "estimator",
        "asks",
        "values",
        "gradients",
        "draws",
        "exact",
        "mean",
        "bias",
        "bias_error",
        "worst",
        "biased",
        "variance",
        "variance_error",
        "ns_per_draw",
        "times_plain",
        "variance_ns",
    ]);
    for comparison in comparisons {
        for row in &comparison.rows {
            let optional = |x: Option<f64>| x.map_or(String::new(), |x| x.to_string());
            text.line(&[
                comparison.problem.clone(),
                row.name.clone(),
                row.asks().to_owned(),
                row.values.to_string(),
                row.gradients.to_string(),
                row.draws.to_string(),
                exponent(comparison.exact_along()),
                exponent(row.mean),
                exponent(row.bias),
                exponent(row.bias_error),
                exponent(row.worst),
                row.biased.to_string(),
                exponent(row.variance),
                exponent(row.variance_error),
                optional(row.nanoseconds),
                optional(comparison.times_plain(row)),
                optional(row.price()),
            ]);
        }
    }
    text.done()
}

/// Writes a row per problem, estimator and parameter: `exact`, `mean`, `bias` with `bias_error`, `variance` with
/// `variance_error`.
pub fn coordinates(comparisons: &[Comparison]) -> String {
    let mut text = Lines::new(&[
        "problem",
        "estimator",
        "parameter",
        "exact",
        "mean",
        "bias",
        "bias_error",
        "variance",
        "variance_error",
    ]);
    for comparison in comparisons {
        for row in &comparison.rows {
            let exact = comparison.parameters.iter().zip(&comparison.exact.gradient);
            for ((parameter, &exact), c) in exact.zip(&row.coordinates) {
                let numbers = [exact, c.mean, c.bias, c.bias_error, c.variance, c.variance_error];
                let names = [comparison.problem.clone(), row.name.clone(), parameter.clone()];
                text.line(&names.into_iter().chain(numbers.map(exponent)).collect::<Vec<_>>());
            }
        }
    }
    text.done()
}

/// Writes a row per problem, estimator and recorded step: `learners`, and the objective's `mean`, standard deviation
/// (`spread`), 10th percentile (`q10`) and 90th percentile (`q90`) over the learners.
pub fn learnings(learnings: &[Learning]) -> String {
    let mut text = Lines::new(&["problem", "estimator", "rate", "learners", "step", "mean", "spread", "q10", "q90"]);
    for learning in learnings {
        for curve in &learning.curves {
            let (means, spreads) = (curve.means(), curve.spreads());
            let (low, high) = (curve.quantiles(0.1), curve.quantiles(0.9));
            for (row, step) in learning.steps.iter().enumerate().take(means.len()) {
                let names = [learning.problem.clone(), curve.name.clone(), learning.rate.to_string()];
                let counts = [learning.learners.to_string(), step.to_string()];
                let numbers = [means[row], spreads[row], low[row], high[row]];
                text.line(&names.into_iter().chain(counts).chain(numbers.map(exponent)).collect::<Vec<_>>());
            }
        }
    }
    text.done()
}

fn exponent(x: f64) -> String {
    format!("{x:e}")
}

/// Lines of quoted fields. Writing to memory cannot fail.
struct Lines(csv::Writer<Vec<u8>>);

impl Lines {
    fn new(head: &[&str]) -> Self {
        let mut lines = Self(csv::Writer::from_writer(Vec::new()));
        lines.line(head);
        lines
    }

    fn line<T: AsRef<[u8]>>(&mut self, fields: &[T]) {
        self.0.write_record(fields).expect("as many fields as the head, in memory");
    }

    fn done(self) -> String {
        let bytes = self.0.into_inner().expect("written to memory");
        String::from_utf8(bytes).expect("made of text")
    }
}
