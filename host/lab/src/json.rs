//! Comparisons and learning runs as JSON.

use samplegrad_core::BITS;
use serde_json::{Value, json};

use crate::{compare::Comparison, lanes::STREAMS, learn::Learning};

/// Writes `{"program", "version", "bits", "streams", "comparisons": [{"problem", "formula", "kind", "seed", "exact",
/// "rows": [...]}]}`. The names in a row are the column names of [`csv`](super::csv::comparisons).
pub fn comparisons(comparisons: &[Comparison]) -> Value {
    document("comparisons", comparisons.iter().map(comparison).collect())
}

fn comparison(comparison: &Comparison) -> Value {
    let row = |row: &super::Row| {
        let coordinate = |c: &super::Coordinate| {
            json!({
                "mean": c.mean, "bias": c.bias, "bias_error": c.bias_error,
                "variance": c.variance, "variance_error": c.variance_error,
            })
        };
        json!({
            "estimator": row.name,
            "asks": row.asks(),
            "values": row.values,
            "gradients": row.gradients,
            "draws": row.draws,
            "mean": row.mean,
            "bias": row.bias,
            "bias_error": row.bias_error,
            "worst": row.worst,
            "biased": row.biased,
            "variance": row.variance,
            "variance_error": row.variance_error,
            "ns_per_draw": row.nanoseconds,
            "times_plain": comparison.times_plain(row),
            "variance_ns": row.price(),
            "coordinates": row.coordinates.iter().map(coordinate).collect::<Vec<_>>(),
        })
    };
    json!({
        "problem": comparison.problem,
        "formula": comparison.formula,
        "kind": comparison.kind,
        "seed": comparison.seed,
        "parameters": comparison.parameters,
        "exact": {
            "mean": comparison.exact.mean,
            "gradient": comparison.exact.gradient,
            "along": comparison.exact_along(),
        },
        "rows": comparison.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

/// Writes `{"program", "version", "bits", "streams", "learnings": [{"problem", "formula", "rate", "steps", "curves":
/// [...]}]}`.
pub fn learnings(learnings: &[Learning]) -> Value {
    document("learnings", learnings.iter().map(learning).collect())
}

fn learning(learning: &Learning) -> Value {
    let curve = |curve: &super::Curve| {
        json!({
            "estimator": curve.name,
            "mean": curve.means(),
            "spread": curve.spreads(),
            "q10": curve.quantiles(0.1),
            "q90": curve.quantiles(0.9),
            "diverged": curve.diverged,
        })
    };
    json!({
        "problem": learning.problem,
        "formula": learning.formula,
        "rate": learning.rate,
        "seed": learning.seed,
        "learners": learning.learners,
        "start": learning.start,
        "best": learning.best,
        "steps": learning.steps,
        "curves": learning.curves.iter().map(curve).collect::<Vec<_>>(),
    })
}

fn document(what: &str, of: Vec<Value>) -> Value {
    json!({ "program": "samplegrad", "version": env!("CARGO_PKG_VERSION"), "bits": BITS, "streams": STREAMS, what: of })
}
