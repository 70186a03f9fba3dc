//! Timing in nanoseconds per draw, of which the shortest of several times counts. The estimators are measured in turn,
//! so that a slow moment of the machine affects all of them.

use std::{hint::black_box, time::Instant};

use samplegrad_host::LaneRng;

use crate::{
    bench::Bench, error::Error, estimators::PLAIN, lanes::L, objective::CountedCost, variable_kind::VariableKind,
};

/// The shortest span of one measurement, in seconds.
const SPAN: f64 = 2e-3;

/// Measures the nanoseconds per draw of each estimator, and of the plain score function.
pub(super) fn nanoseconds<const N: usize, K: VariableKind>(
    bench: &Bench<'_, N, K>,
    repeats: u32,
    mut each: impl FnMut(u32),
) -> Result<(Vec<f64>, Option<f64>), Error> {
    use samplegrad_core::lane::Lane;
    let mut runs = Vec::new();
    let plain = bench.entries.iter().position(|entry| entry.name() == PLAIN);
    let beside = if plain.is_none() { bench.plain } else { None };
    for entry in bench.entries.iter().copied().chain(beside) {
        let estimator = entry.build(&bench.given);
        runs.push((estimator, LaneRng::<L>::new(bench.seed, 0), 1_u64, f64::INFINITY));
    }
    let mut cost = CountedCost::new(bench.problem.objective());
    for repeat in 0..repeats {
        for (estimator, rng, count, best) in &mut runs {
            loop {
                let start = Instant::now();
                for _ in 0..*count {
                    let drawn = estimator.draw(&bench.variables, &mut cost, rng);
                    black_box(drawn.map_err(|error| bench.refused(&error))?);
                }
                let seconds = start.elapsed().as_secs_f64();
                if seconds >= SPAN {
                    *best = best.min(seconds / (*count as f64 * L::LANES as f64));
                    break;
                }
                // The number of draws that should take long enough. It grows at most eightfold per call, because the
                // first call is slow.
                let wanted = (1.25 * SPAN / seconds.max(1e-9)).clamp(2.0, 8.0);
                *count = (*count as f64 * wanted).ceil() as u64;
            }
        }
        each(repeat + 1);
    }
    let mut times: Vec<f64> = runs.iter().map(|&(.., best)| best * 1e9).collect();
    let plain = plain.or(beside.map(|_| bench.entries.len())).and_then(|place| times.get(place).copied());
    times.truncate(bench.entries.len());
    Ok((times, plain))
}
