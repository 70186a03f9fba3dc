//! Families of continuous distributions against their distributions in double precision: samples by cells, gradients by
//! the derivative of an integral or in closed form, variances.
//!
//! Every test raises a false alarm with probability 10^−6 at most ([`ALARM`](crate::common::ALARM)); seeds are fixed.

use crate::common::{self, L, Verdict, accept, estimates, quick_and_long, reject};
use crate::laws::{self, Law, expectation, family, for_every_family};
use samplegrad_core::{
    Gumbel, LogStdNormal, cauchy::Cauchy, cost::FnWithGradient, estimator::Estimator, exponential::Exponential,
    family::Family, independent::Independent, kumaraswamy::Kumaraswamy, lane::Lane, laplace::Laplace,
    log_normal::LogNormal, logistic::Logistic, normal::Normal, pareto::Pareto, pathwise::Pathwise,
    score_function::ScoreFunction, uniform_interval::UniformInterval, variables::Variables, weibull::Weibull,
};

/// Draws of a sampler and of an estimator.
const SAMPLES: u64 = 1 << 26;
const LONG: u64 = 1 << 23;
const N: usize = 4;

/// Checks samples of one family at all its example parameters. `off` shifts the second parameter (for the exponential,
/// the first).
fn samples(draws: u64, off: f32, only: &str) -> Verdict {
    let mut verdicts = Vec::new();
    macro_rules! one {
        ($law:expr, $parameters:expr, |$a:ident, $b:tt| $new:expr) => {{
            let name = concat!(stringify!($law), " ", stringify!($parameters));
            if name.contains(&format!(":: {only} ")) {
                let [first, second] = $parameters.map(|x: f64| L::splat(x as f32));
                let p = family(|$a, $b| $new, if name.contains("EXP") { first + off } else { first }, second + off);
                let quantile = |p: f64, q: f64| ($law.0)($parameters, p, q);
                // If a support ends at a number other than zero, samples there are no finer than the spacing of floats.
                let lower = if name.contains("UNIFORM") || name.contains("PARETO") { 1 } else { 4 };
                let upper = if name.contains("UNIFORM") || name.contains("KUMA") { 1 } else { 4 };
                let verdict = common::continuous(draws, 41, (lower, upper), quantile, |rng| p.sample_path(rng).0);
                verdicts.push(verdict.within(name));
            }
        }};
    }
    for_every_family!(one);
    verdicts.into_iter().collect()
}

/// Computes the cost `1/(1 + x²)`. The cost and its derivative are bounded, so that every estimator has a variance.
fn hill(x: &[L], gradient: &mut [L]) -> L {
    let f = (x[0] * x[0] + 1.0).recip();
    gradient[0] = -(x[0] + x[0]) * f * f;
    f
}

/// Computes the gradient of `E[1/(1 + X²)]` in each parameter, by central differences of the integral.
fn exact_gradient(law: Law, parameters: [f64; 2], count: usize) -> Vec<f64> {
    const H: f64 = 1e-4;
    let at = |i: usize, h: f64| {
        let mut moved = parameters;
        moved[i] += h;
        expectation(law, moved, |x| 1.0 / (1.0 + x * x))
    };
    let slope = |i, h| (at(i, h) - at(i, -h)) / (2.0 * h);
    // Richardson's extrapolation: the error is of fourth order.
    (0..count).map(|i| (4.0 * slope(i, H) - slope(i, 2.0 * H)) / 3.0).collect()
}

/// Checks both estimators of every family. The score function is skipped where the support depends on a parameter.
fn gradients(draws: u64) -> Verdict {
    let mut verdicts = Vec::new();
    macro_rules! one {
        ($law:expr, $parameters:expr, |$a:ident, $b:tt| $new:expr) => {{
            let name = concat!(stringify!($law), " ", stringify!($parameters));
            let [first, second] = $parameters.map(|x: f64| L::splat(x as f32));
            let p = family(|$a, $b| $new, first, second);
            let variables = Independent::<_, N>::new(&[p]).expect("room");
            let count = Variables::parameters(&variables);
            let exact = exact_gradient($law, $parameters, count);
            let mut cost = FnWithGradient::<N, _>(hill);
            let path = estimates(draws, &exact, &[], |rng| Pathwise.estimate(&variables, &mut cost, rng));
            verdicts.push(path.within(name).within("pathwise"));
            if !name.contains("UNIFORM") && !name.contains("PARETO") {
                let mut score = ScoreFunction { baseline: L::splat(0.5) };
                let score = estimates(draws, &exact, &[], |rng| score.estimate(&variables, &mut cost, rng));
                verdicts.push(score.within(name).within("score function"));
            }
        }};
    }
    for_every_family!(one);
    verdicts.into_iter().collect()
}

/// Runs the score function on the ends of an interval, where its mean is not zero.
fn score_of_moving_support(draws: u64) -> Verdict {
    let p = UniformInterval::new(L::splat(-0.5), L::splat(1.5)).expect("an interval");
    let variables = Independent::<_, N>::new(&[p]).expect("room");
    let exact = exact_gradient(laws::UNIFORM, [-0.5, 1.5], 2);
    let (mut score, mut cost) = (ScoreFunction { baseline: L::ZERO }, FnWithGradient::<N, _>(hill));
    estimates(draws, &exact, &[], |rng| score.estimate(&variables, &mut cost, rng))
}

/// Checks the cost `(x − k)²` of `N(1, 1)`: the gradients `2 (1 − k)` in `μ` and 2 in `ln σ`, and the variance of the
/// gradient in `μ`.
fn square(draws: u64, k: f32, baseline: Option<f32>, variance: f64) -> Verdict {
    let p = LogStdNormal::new(L::ONE, L::ZERO).expect("finite");
    let variables = Independent::<_, N>::new(&[p]).expect("room");
    let mut cost = FnWithGradient::<N, _>(|x: &[L], gradient: &mut [L]| {
        let d = x[0] - k;
        gradient[0] = d + d;
        d * d
    });
    let exact = [f64::from(2.0 * (1.0 - k)), 2.0];
    match baseline {
        None => estimates(draws, &exact, &[variance], |rng| Pathwise.estimate(&variables, &mut cost, rng)),
        Some(b) => {
            let mut score = ScoreFunction { baseline: L::splat(b) };
            estimates(draws, &exact, &[variance], |rng| score.estimate(&variables, &mut cost, rng))
        }
    }
    .within(format!("k = {k}, baseline {baseline:?}"))
}

/// Returns the best constant baseline of the score in `μ`, `E[f s²]/E[s²]` with `s = x − 1`, and the variance with it,
/// by integration.
fn best_baseline(k: f64) -> (f64, f64) {
    let mean = |g: &dyn Fn(f64) -> f64| expectation(laws::NORMAL, [1.0, 1.0], g);
    let b = mean(&|x| (x - k).powi(2) * (x - 1.0).powi(2)) / mean(&|x| (x - 1.0).powi(2));
    let second = mean(&|x| (((x - k).powi(2) - b) * (x - 1.0)).powi(2));
    (b, second - (2.0 * (1.0 - k)).powi(2))
}

/// Checks closed forms: a quadratic cost of several families, both estimators.
fn closed_forms(draws: u64) -> Verdict {
    fn of<D: Family<Lane = L>>(draws: u64, name: &str, p: D, exact: &[f64]) -> Verdict {
        let variables = Independent::<_, N>::new(&[p]).expect("room");
        let mut cost = FnWithGradient::<N, _>(|x: &[L], gradient: &mut [L]| {
            gradient[0] = x[0] + x[0];
            x[0] * x[0]
        });
        let path = estimates(draws, exact, &[], |rng| Pathwise.estimate(&variables, &mut cost, rng));
        let mut score = ScoreFunction { baseline: L::ONE };
        let score = estimates(draws, exact, &[], |rng| score.estimate(&variables, &mut cost, rng));
        [path, score].into_iter().collect::<Verdict>().within(name.to_owned())
    }
    let l = |x: f64| L::splat(x as f32);
    let second = (2.0 * -0.5 + 2.0 * 0.0625_f64).exp();
    [
        // E[x²] = μ² + σ²
        of(draws, "normal", Normal::new(l(0.75), l(1.5)).expect("in range"), &[1.5, 3.0]),
        // 2/r²
        of(draws, "exponential", Exponential::new(l(2.0)).expect("in range"), &[-0.5]),
        // μ² + π² s²/3
        of(draws, "logistic", Logistic::new(l(0.5), l(0.75)).expect("in range"), &[1.0, 4.934_802_200_544_679]),
        // μ² + 2 b²
        of(draws, "Laplace", Laplace::new(l(-0.5), l(1.25)).expect("in range"), &[-1.0, 5.0]),
        // e^{2μ + 2σ²}
        of(draws, "log-normal", LogNormal::new(l(-0.5), l(0.25)).expect("in range"), &[2.0 * second, second]),
    ]
    .into_iter()
    .collect()
}

quick_and_long! {
    /// Samples of every family against its distribution, with both tails to 4e−8 unless the support ends there.
    samples_of_gaussian: accept, SAMPLES, |draws| samples(draws, 0.0, "GAUSSIAN");
    samples_of_normal: accept, SAMPLES, |draws| samples(draws, 0.0, "NORMAL");
    samples_of_logistic: accept, SAMPLES, |draws| samples(draws, 0.0, "LOGISTIC");
    samples_of_laplace: accept, SAMPLES, |draws| samples(draws, 0.0, "LAPLACE");
    samples_of_gumbel: accept, SAMPLES, |draws| samples(draws, 0.0, "GUMBEL");
    samples_of_cauchy: accept, SAMPLES, |draws| samples(draws, 0.0, "CAUCHY");
    samples_of_uniform: accept, SAMPLES, |draws| samples(draws, 0.0, "UNIFORM");
    samples_of_exponential: accept, SAMPLES, |draws| samples(draws, 0.0, "EXPONENTIAL");
    samples_of_weibull: accept, SAMPLES, |draws| samples(draws, 0.0, "WEIBULL");
    samples_of_pareto: accept, SAMPLES, |draws| samples(draws, 0.0, "PARETO");
    samples_of_log_normal: accept, SAMPLES, |draws| samples(draws, 0.0, "LOG_NORMAL");
    samples_of_kumaraswamy: accept, SAMPLES, |draws| samples(draws, 0.0, "KUMARASWAMY");
    /// Negative control: a parameter that is off by a tenth.
    wrong_families_are_rejected: reject, |draws| {
        ["NORMAL", "LOGISTIC", "LAPLACE", "GUMBEL", "CAUCHY", "UNIFORM", "EXPONENTIAL", "WEIBULL", "PARETO", "LOG_NORMAL",
            "KUMARASWAMY"]
            .into_iter()
            // The verdict with the largest p-value; its p-value counts its own comparisons.
            .map(|only| samples(draws, 0.1, only))
            .max_by(|a, b| a.p().total_cmp(&b.p()))
            .expect("families")
    };
    /// Gradients of a bounded cost.
    gradients_of_every_family: accept, LONG, gradients;
    /// Negative control: the score function of a support that depends on a parameter.
    moving_support_is_rejected: reject, score_of_moving_support;
    /// Gradients in closed form.
    gradients_in_closed_form: accept, LONG, closed_forms;
    /// Variances for the cost `(x − k)²` of `N(1, 1)` at `k` = 0 and −3. The pathwise estimator has 4 at every `k`; the
    /// score function has 30 and 495, or 14 and 134 with the best constant baseline.
    variances_of_a_square: accept, LONG, |draws| [
        square(draws, 0.0, None, 4.0),
        square(draws, -3.0, None, 4.0),
        square(draws, 0.0, Some(0.0), 30.0),
        square(draws, -3.0, Some(0.0), 495.0),
        square(draws, 0.0, Some(best_baseline(0.0).0 as f32), 14.0),
        square(draws, -3.0, Some(best_baseline(-3.0).0 as f32), 134.0),
    ].into_iter().collect();
    /// Negative control: a variance that is off by a tenth.
    wrong_variance_is_rejected: reject, |draws| square(draws, 0.0, Some(0.0), 33.0);
}
