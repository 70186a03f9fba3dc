//! Comparison of results with golden values.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use samplegrad_conformance::suites::Suite;

use crate::{
    golden::{Array, Case},
    tolerance,
};

/// The worst error of a suite, as a share of the allowed error.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Worst {
    /// Error divided by the allowed error.
    pub share: f64,
    /// Case, output and index.
    pub place: String,
    /// Outputs of which at least one number has been compared.
    pub compared: BTreeSet<&'static str>,
}

/// Splits result words into the suite's arrays.
pub fn split<'a>(suite: &Suite, mut words: &'a [u32]) -> Result<Vec<(&'static str, &'a [u32])>> {
    let mut arrays = Vec::new();
    for &name in suite.outputs {
        let (&length, rest) = words.split_first().with_context(|| format!("results end before {name}"))?;
        let array = rest.get(..length as usize).with_context(|| format!("results end within {name}"))?;
        arrays.push((name, array));
        words = &rest[length as usize..];
    }
    ensure!(words.is_empty(), "{} words too many", words.len());
    Ok(arrays)
}

/// Compares the result of a case with its golden values.
///
/// # Errors
/// If the error of a number exceeds [`tolerance`]. The error names its place, both values and the allowed error.
pub fn check(suite: &Suite, case: &Case, words: &[u32], worst: &mut Worst) -> Result<()> {
    for (name, found) in split(suite, words).with_context(|| case.id.clone())? {
        // Outputs that are not defined for the case are not compared.
        let Some(expected) = case.outputs.get(name) else { continue };
        let place = format!("{} {name}", case.id);
        if let Array::Integer(expected) = expected {
            if tolerance::decided(case) {
                worst.compared.insert(name);
                let found: Vec<i64> = found.iter().map(|&x| i64::from(x)).collect();
                ensure!(found == *expected, "{place}: {found:?}, expected {expected:?}");
            }
            continue;
        }
        let expected = expected.to_f64();
        ensure!(found.len() == expected.len(), "{place}: {} numbers, expected {}", found.len(), expected.len());
        for (index, (&bits, &expected)) in found.iter().zip(&expected).enumerate() {
            let found = f32::from_bits(bits);
            if tolerance::refused(case, name, index) {
                ensure!(found.is_nan(), "{place}[{index}]: {found}, but its input must be refused");
                continue;
            }
            let allowed = tolerance::allowed(suite.name, name, case, index, expected);
            if allowed < f64::INFINITY {
                worst.compared.insert(name);
            }
            let error = error(found, expected);
            ensure!(
                error <= allowed,
                "{place}[{index}]: {found:e}, expected {expected:e}: off by {error:.3e}, allowed {allowed:.3e}"
            );
            if error / allowed > worst.share {
                (worst.share, worst.place) = (error / allowed, format!("{place}[{index}]"));
            }
        }
    }
    Ok(())
}

/// Returns the distance of two numbers. The distance is zero if both are the same infinity, or if the golden value is
/// beyond the range of `f32` and the result is infinite or the largest float.
fn error(found: f32, expected: f64) -> f64 {
    let nearest = expected as f32;
    if nearest == found || (expected.is_finite() && nearest.is_infinite() && found == f32::MAX.copysign(nearest)) {
        return 0.0;
    }
    if found.is_nan() {
        return f64::INFINITY;
    }
    (f64::from(found) - expected).abs()
}
