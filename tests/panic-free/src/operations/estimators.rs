//! The score-function estimator and its baselines over several samples.

use samplegrad_core::{
    Categorical,
    baseline::{leave_one_out, self_critical},
    categorical, score_function,
};

use super::{classes, logits, numbers, unknown, used};

pub fn every<const N: usize>() {
    let Some(logits) = logits::<N>() else { return };
    let p = Categorical::new(&logits);
    let mut out = [0.0_f32];
    let out = unknown(&mut out[..]);
    used(leave_one_out::advantages(numbers(), out));
    used(self_critical::advantages(numbers(), unknown(1.0), out));
    used(score_function::estimate(&p, classes(), numbers()));
    categorical::score(numbers(), unknown(0), unknown(1.0), out);
    score_function::mean(numbers(), classes(), numbers(), out);
    used(out);
}
